#pragma once
// Shared by the tests of the vector kernels: every test runs for each instruction set that the processor has.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "kernels/kernels.h"

namespace dragoman {

inline std::vector<const KernelTable*> all_kernels() {
  const KernelTable* tables[kernel_sets];
  const int count = available_kernels(tables);
  return {tables, tables + count};
}

class KernelTest : public testing::TestWithParam<const KernelTable*> {
 protected:
  const KernelTable& k = *GetParam();
};

inline std::string kernels_name(const testing::TestParamInfo<const KernelTable*>& parameter) {
  return parameter.param->name;
}

#define DRAGOMAN_FOR_ALL_KERNELS(Suite) \
  INSTANTIATE_TEST_SUITE_P(All, Suite, testing::ValuesIn(all_kernels()), kernels_name)

/// Below, at and above every vector width, and beyond several of them.
inline const std::vector<int> odd_sizes = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 131};

inline constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// Exactly as long as asked for, so that an address sanitizer sees a step beyond.
inline std::vector<float> random_floats(std::int64_t count, std::uint64_t seed, double deviation = 1) {
  Random random(seed);
  std::vector<float> values(std::size_t(count), 0.0f);
  for (float& v : values) v = float(random.normal() * deviation);
  return values;
}

inline DropoutMask some_mask(double p, std::uint64_t seed = 5) {
  Random random(seed);
  const std::uint64_t bits = random.next();
  DropoutMask mask;
  mask.seed[0] = std::uint32_t(bits);
  mask.seed[1] = std::uint32_t(bits >> 32);
  mask.threshold = std::uint32_t(p * (1 << 24));
  mask.scale = float(1 / (1 - p));
  return mask;
}

/// The factor of one element, as the contract of DropoutMask has it: one word of integer arithmetic at a time.
inline double dropout_factor(std::uint32_t index, const DropoutMask& mask) {
  if (mask.threshold == 0) return 1;
  std::uint32_t x = (index * 0x9e3779b1u) ^ mask.seed[0];
  x ^= x >> 16;
  x = (x * 0x7feb352du) ^ mask.seed[1];
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return (x >> 8) < mask.threshold ? 0 : double(mask.scale);
}

}  // namespace dragoman
