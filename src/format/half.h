#pragma once
// Sixteen-bit floating-point numbers of files, as floats.

#include <bit>
#include <cstdint>

namespace dragoman {

/// bfloat16: the upper half of a float.
inline float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

/// IEEE 754 binary16.
inline float from_f16(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t(bits & 0x8000) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent == 0) {  // zero or a denormal number: fraction * 2^-24
    const float value = float(fraction) * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

/// The nearest bfloat16, of two the even one; infinity beyond the largest.
inline std::uint16_t to_bf16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if (value != value) return std::uint16_t(bits >> 16 | 0x40);  // rounding could make it infinite
  return std::uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// The nearest binary16, of two the even one; infinity beyond the largest.
inline std::uint16_t to_f16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value), magnitude = bits & 0x7fffffff;
  const auto sign = std::uint16_t(bits >> 16 & 0x8000);
  if (magnitude > 0x7f800000) return std::uint16_t(sign | 0x7e00);
  if (magnitude >= 0x47800000) return std::uint16_t(sign | 0x7c00);  // 65536 and more
  if (magnitude < 0x38800000) {  // denormal: adding a half lets the addition round to multiples of 2^-24
    const float sum = std::bit_cast<float>(magnitude) + 0.5f;
    return std::uint16_t(sign | (std::bit_cast<std::uint32_t>(sum) - 0x3f000000));
  }
  return std::uint16_t(sign | ((magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13));
}

}  // namespace dragoman
