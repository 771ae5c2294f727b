#pragma once
// Counter-based random numbers: a value is a pure function of (key, counter), so nothing needs to be stored to
// resume a run, and any thread can draw its own part of a stream.

#include <cstdint>

namespace dragoman {

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection of 64-bit words that mixes all bits.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// A stream of random numbers named by a key. Copies continue independently from the same place.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed = 0) : key_(mix(seed)) {}

  /// An independent stream, named by `name`; the same name always gives the same stream.
  constexpr Random fork(std::uint64_t name) const {
    Random child;
    child.key_ = mix(key_ ^ mix(name + 0x632be59bd9b4e019ull));
    return child;
  }

  /// The next 64 random bits.
  constexpr std::uint64_t next() { return mix(key_ + 0xd1342543de82ef95ull * ++counter_); }

  /// Uniform in [0, 1), a multiple of 2^-53.
  constexpr double uniform() { return double(next() >> 11) * 0x1.0p-53; }

  /// Uniform in 0 .. n-1 (Lemire's multiplication; the bias is below n / 2^64). REQUIRES: n > 0.
  constexpr std::uint64_t below(std::uint64_t n) {
    return std::uint64_t((static_cast<unsigned __int128>(next()) * n) >> 64);
  }

  /// Standard normal (Box and Muller 1958).
  double normal();

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace dragoman
