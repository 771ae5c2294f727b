#pragma once
// The generator that numpy's default_rng() uses, so that bootstrap intervals equal sacreBLEU's for the same seed:
// PCG64 (O'Neill 2014), seeded as numpy's SeedSequence does (after O'Neill's "seed_seq_fe").

#include <cstdint>
#include <optional>

namespace dragoman {

/// numpy.random.default_rng(seed) for whole numbers.
class Pcg64 {
 public:
  explicit Pcg64(std::uint64_t seed);

  /// The next 64 random bits.
  std::uint64_t next();

  /// Uniform in 0 .. n-1, as Generator.integers(n) and Generator.choice(n) draw it (Lemire 2019 on 32 bits).
  /// REQUIRES: 0 < n < 2^32.
  std::uint32_t below(std::uint32_t n);

 private:
  __extension__ using Word = unsigned __int128;

  std::uint32_t next32();

  Word state_ = 0;
  Word increment_ = 0;
  std::optional<std::uint32_t> half_;  // the upper half of the last 64 bits, if not used yet
};

}  // namespace dragoman
