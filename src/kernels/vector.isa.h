#pragma once
// Vectors of floats as wide as the instruction set that this is compiled for, and functions of them. All is local to
// the including file, since the same names exist once per instruction set.

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "kernels/kernels.h"

namespace dragoman::DRAGOMAN_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int vector_width = 16;
#elif defined(__AVX2__)
constexpr int vector_width = 8;
#else
constexpr int vector_width = 4;
#endif

typedef float Vector __attribute__((vector_size(4 * vector_width)));
typedef int IntVector __attribute__((vector_size(4 * vector_width)));
typedef unsigned UintVector __attribute__((vector_size(4 * vector_width)));

#define DRAGOMAN_INLINE inline __attribute__((always_inline))

DRAGOMAN_INLINE Vector load(const float* p) {
  Vector v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
DRAGOMAN_INLINE void store(float* p, Vector v) { __builtin_memcpy(p, &v, sizeof v); }
DRAGOMAN_INLINE Vector splat(float x) { return x - Vector{}; }

/// The first n < vector_width floats, the rest zero.
#if defined(__AVX512F__)
DRAGOMAN_INLINE Vector load_part(const float* p, int n) {
  return Vector(_mm512_maskz_loadu_ps(__mmask16((1u << n) - 1), p));
}
DRAGOMAN_INLINE void store_part(float* p, Vector v, int n) {
  _mm512_mask_storeu_ps(p, __mmask16((1u << n) - 1), __m512(v));
}
#elif defined(__AVX2__)
DRAGOMAN_INLINE __m256i first_places(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
DRAGOMAN_INLINE Vector load_part(const float* p, int n) { return Vector(_mm256_maskload_ps(p, first_places(n))); }
DRAGOMAN_INLINE void store_part(float* p, Vector v, int n) { _mm256_maskstore_ps(p, first_places(n), __m256(v)); }
#else
DRAGOMAN_INLINE Vector load_part(const float* p, int n) {
  Vector v{};
  for (int i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
DRAGOMAN_INLINE void store_part(float* p, Vector v, int n) {
  for (int i = 0; i < n; ++i) p[i] = v[i];
}
#endif

/// Of numbers; b where either is NaN.
DRAGOMAN_INLINE Vector maximum(Vector a, Vector b) { return a > b ? a : b; }
DRAGOMAN_INLINE Vector minimum(Vector a, Vector b) { return a < b ? a : b; }

DRAGOMAN_INLINE float sum(Vector v) {
  float parts[vector_width];
  __builtin_memcpy(parts, &v, sizeof v);
  for (int half = vector_width / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) parts[i] += parts[i + half];
  }
  return parts[0];
}

DRAGOMAN_INLINE float largest(Vector v) {
  float parts[vector_width];
  __builtin_memcpy(parts, &v, sizeof v);
  for (int half = vector_width / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) parts[i] = parts[i] > parts[i + half] ? parts[i] : parts[i + half];
  }
  return parts[0];
}

/// e^x to 2 units in the last place for -87.3 <= x <= 88.3, and clamped to that range: 2^n times a polynomial on
/// [-ln 2 / 2, ln 2 / 2] (coefficients of the Cephes library's expf, Moshier). NaN stays NaN, so that a loss shows it.
DRAGOMAN_INLINE Vector exponential(Vector x) {
  x = minimum(splat(88.3f), maximum(splat(-87.3f), x));
  const Vector magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const Vector shifted = x * 1.44269504088896341f + magic;
  const Vector n = shifted - magic;
  const Vector r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  Vector p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  IntVector bits;
  __builtin_memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 23) + 0x3f800000;  // the low bits of `shifted` are n
  Vector power;
  __builtin_memcpy(&power, &bits, sizeof bits);
  return p * power;
}

DRAGOMAN_INLINE Vector logistic(Vector x) { return 1.0f / (1.0f + exponential(-x)); }

DRAGOMAN_INLINE Vector hyperbolic_tangent(Vector x) { return 2.0f * logistic(2.0f * x) - 1.0f; }

/// The error function to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26).
DRAGOMAN_INLINE Vector error_function(Vector x) {
  const Vector magnitude = x < 0.0f ? -x : x;
  const Vector t = 1.0f / (1.0f + 0.3275911f * magnitude);
  Vector p = splat(1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const Vector y = 1.0f - p * t * exponential(-magnitude * magnitude);
  return x < 0.0f ? -y : y;
}

/// The factors of dropout for elements first .. first + vector_width - 1: 0 or mask.scale. The index is hashed by two
/// rounds of multiply and shift (constants of Wellons' lowbias32), the second word of the seed between them.
DRAGOMAN_INLINE Vector dropout_factors(std::uint32_t first, const DropoutMask& mask) {
  UintVector x{};
  for (int i = 0; i < vector_width; ++i) x[i] = unsigned(i);
  x = (x + first) * 0x9e3779b1u ^ mask.seed[0];
  x ^= x >> 16;
  x = x * 0x7feb352du ^ mask.seed[1];
  x ^= x >> 15;
  x = x * 0x846ca68bu;
  const IntVector bits = IntVector(x >> 8);
  return bits < int(mask.threshold) ? splat(0.0f) : splat(mask.scale);
}

/// Calls body(offset, count) for each vector of n elements; count < vector_width only for the last.
template <class Body>
DRAGOMAN_INLINE void for_each_vector(std::int64_t n, Body body) {
  std::int64_t i = 0;
  for (; i + vector_width <= n; i += vector_width) body(i, vector_width);
  if (i < n) body(i, int(n - i));
}

DRAGOMAN_INLINE Vector load(const float* p, int count) { return count == vector_width ? load(p) : load_part(p, count); }
DRAGOMAN_INLINE void store(float* p, Vector v, int count) {
  if (count == vector_width) {
    store(p, v);
  } else {
    store_part(p, v, count);
  }
}

}  // namespace
}  // namespace dragoman::DRAGOMAN_ISA
