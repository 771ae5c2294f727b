#include "text/metrics/pcg64.h"

#include <array>
#include <cassert>

namespace dragoman {
namespace {

/// Four words of entropy from a seed, each depending on all of its bits.
class SeedPool {
 public:
  explicit SeedPool(std::uint64_t seed) {
    std::uint32_t constant = 0x43b0d7e5u;
    const auto scramble = [&](std::uint32_t value) {
      value ^= constant;
      constant *= 0x931e8875u;
      value *= constant;
      return value ^ value >> 16;
    };
    const auto combine = [](std::uint32_t a, std::uint32_t b) {
      const std::uint32_t value = 0xca01f9ddu * a - 0x4973f715u * b;
      return value ^ value >> 16;
    };
    const std::array<std::uint32_t, 4> words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    for (std::size_t i = 0; i < 4; ++i) pool_[i] = scramble(words[i]);
    for (std::size_t from = 0; from < 4; ++from) {
      for (std::size_t to = 0; to < 4; ++to) {
        if (from != to) pool_[to] = combine(pool_[to], scramble(pool_[from]));
      }
    }
  }

  /// The first eight words of the generated state, as four of 64 bits.
  std::array<std::uint64_t, 4> state() const {
    std::array<std::uint64_t, 4> result{};
    std::uint32_t constant = 0x8b51f9ddu;
    for (std::size_t i = 0; i < 8; ++i) {
      std::uint32_t value = pool_[i % 4] ^ constant;
      constant *= 0x58f38dedu;
      value *= constant;
      value ^= value >> 16;
      result[i / 2] |= static_cast<std::uint64_t>(value) << (i % 2 * 32);
    }
    return result;
  }

 private:
  std::array<std::uint32_t, 4> pool_{};
};

}  // namespace

Pcg64::Pcg64(std::uint64_t seed) {
  const std::array<std::uint64_t, 4> words = SeedPool(seed).state();
  increment_ = (Word(words[2]) << 64 | words[3]) << 1 | 1;
  next();
  state_ += Word(words[0]) << 64 | words[1];
  next();
}

std::uint64_t Pcg64::next() {
  constexpr Word multiplier = Word(2549297995355413924u) << 64 | 4865540595714422341u;
  state_ = state_ * multiplier + increment_;
  const auto folded = static_cast<std::uint64_t>(state_ >> 64) ^ static_cast<std::uint64_t>(state_);
  const auto turns = static_cast<unsigned>(state_ >> 122);
  return folded >> turns | folded << (-turns & 63);
}

std::uint32_t Pcg64::next32() {
  if (half_) {
    const std::uint32_t value = *half_;
    half_.reset();
    return value;
  }
  const std::uint64_t value = next();
  half_ = static_cast<std::uint32_t>(value >> 32);
  return static_cast<std::uint32_t>(value);
}

std::uint32_t Pcg64::below(std::uint32_t n) {
  assert(n > 0);
  if (n == 1) return 0;  // numpy draws nothing then
  std::uint64_t product = static_cast<std::uint64_t>(next32()) * n;
  if (static_cast<std::uint32_t>(product) < n) {
    const std::uint32_t threshold = -n % n;
    while (static_cast<std::uint32_t>(product) < threshold) product = static_cast<std::uint64_t>(next32()) * n;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

}  // namespace dragoman
