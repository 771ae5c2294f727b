#include "kernels/kernel_support.h"

namespace dragoman {
namespace {

class DropoutMasks : public KernelTest {
 protected:
  /// Which of n elements are kept.
  std::vector<char> kept(int n, const DropoutMask& mask) const {
    const std::vector<float> ones(std::size_t(n), 1.0f);
    std::vector<float> y(std::size_t(n), nan);
    k.dropout(n, ones.data(), 0, y.data(), mask);
    std::vector<char> result;
    for (const float value : y) {
      EXPECT_TRUE(value == 0 || value == mask.scale);
      result.push_back(value != 0);
    }
    return result;
  }
};
DRAGOMAN_FOR_ALL_KERNELS(DropoutMasks);

TEST_P(DropoutMasks, AreTheSameForEveryInstructionSet) {
  for (const double p : {0.1, 0.5, 0.9}) {
    const DropoutMask mask = some_mask(p);
    const auto mine = kept(10007, mask);
    for (int i = 0; i < 10007; ++i) ASSERT_EQ(mine[i] != 0, dropout_factor(std::uint32_t(i), mask) != 0) << i;
  }
}

TEST_P(DropoutMasks, DropAsOftenAsAsked) {
  const int n = 200000;
  for (const double p : {0.01, 0.1, 0.3, 0.5, 0.9}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      int count = 0;
      for (const char one : kept(n, some_mask(p, seed))) count += one;
      EXPECT_NEAR(count, n * (1 - p), 5 * std::sqrt(n * p * (1 - p))) << p;
    }
  }
}

TEST_P(DropoutMasks, AreIndependentOfNeighboursRowsAndOtherSeeds) {
  const int n = 200000;
  const double p = 0.5;
  const DropoutMask mask = some_mask(p, 1);
  const auto bits = kept(n, mask);
  const auto agreement = [&](const std::vector<char>& a, const std::vector<char>& b, int shift) {
    int same = 0;
    for (int i = 0; i + shift < n; ++i) same += a[i] == b[i + shift];
    return double(same) / (n - shift);
  };
  const double bound = 5 * 0.5 / std::sqrt(double(n));
  for (const int shift : {1, 2, 3, 4, 7, 8, 16, 32, 64, 100, 128, 256, 512, 1024, 4096}) {
    EXPECT_NEAR(agreement(bits, bits, shift), 0.5, bound) << "shifted by " << shift;
  }
  for (std::uint64_t seed = 2; seed < 12; ++seed) {
    EXPECT_NEAR(agreement(bits, kept(n, some_mask(p, seed)), 0), 0.5, bound) << "seed " << seed;
  }
}

TEST_P(DropoutMasks, OfAnActivationAreThoseOfItsGradient) {
  const int n = 1009;
  const DropoutMask mask = some_mask(0.4);
  const std::vector<float> ones(std::size_t(n), 1.0f);
  std::vector<float> y(std::size_t(n), nan), dx(std::size_t(n), nan), sum(std::size_t(n), nan);
  k.activation(Activation::swish, n, ones.data(), y.data(), mask);
  k.activation_gradient(Activation::swish, n, ones.data(), ones.data(), 0, dx.data(), mask);
  k.residual_dropout(n, ones.data(), ones.data(), sum.data(), mask);
  const auto expected = kept(n, mask);
  for (int i = 0; i < n; ++i) {
    EXPECT_EQ(y[i] != 0, expected[i] != 0);
    EXPECT_EQ(dx[i] != 0, expected[i] != 0);
    EXPECT_EQ(sum[i] != 1, expected[i] != 0);
  }
}

}  // namespace
}  // namespace dragoman
