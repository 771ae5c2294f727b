#include "ops/prefix.h"

#include <cmath>

#include "ops/gate.h"
#include "ops/ops_support.h"

namespace dragoman {
namespace {

const std::vector<int> offsets = {0, 3, 3, 4, 9};

TEST(GatedSum, GradientsMatchDifferences) {
  for (const int width : {1, 5, 16, 17}) {
    Numbers numbers;
    expect_gradients({numbers.normal({9, width}), numbers.normal({9, width})},
                     [](const Context& ctx, auto t) { return gated_sum(ctx, t[0], t[1], offsets); });
  }
}

TEST(GatedSum, StepByStepEqualsWhole) {
  Arena arena;
  Numbers numbers;
  const Tensor x = numbers.normal({7, 5}), gate = numbers.normal({7, 5});
  const std::vector<int> whole = {0, 7}, one = {0, 1};
  const Tensor expected = gated_sum({arena}, x, gate, whole);
  std::vector<float> state(5, 0.0f);
  for (int i = 0; i < 7; ++i) {
    const Tensor y = gated_sum({arena}, {{1, 5}, x.row(i), nullptr}, {{1, 5}, gate.row(i), nullptr}, one, state.data());
    for (int c = 0; c < 5; ++c) EXPECT_EQ(y.data[c], expected.row(i)[c]) << "must be equal to the last bit";
  }
}

TEST(PrefixMean, GradientsMatchDifferences) {
  Numbers numbers;
  expect_gradients({numbers.normal({9, 5})},
                   [](const Context& ctx, auto t) { return prefix_mean(ctx, t[0], offsets); });
}

TEST(PrefixMean, IsTheMeanSoFarWholeAndStepByStep) {
  Arena arena;
  Numbers numbers;
  const Tensor x = numbers.normal({6, 3});
  const std::vector<int> whole = {0, 6}, one = {0, 1};
  const Tensor y = prefix_mean({arena}, x, whole);
  std::vector<float> sums(3, 0.0f);
  for (int i = 0; i < 6; ++i) {
    const Tensor step = prefix_mean({arena}, {{1, 3}, x.row(i), nullptr}, one, sums.data(), &i);
    for (int c = 0; c < 3; ++c) {
      double total = 0;
      for (int j = 0; j <= i; ++j) total += x.row(j)[c];
      EXPECT_NEAR(y.row(i)[c], total / (i + 1), 1e-6);
      EXPECT_EQ(step.data[c], y.row(i)[c]) << "must be equal to the last bit";
    }
  }
}

TEST(GatedPair, IsTheFormulaAndItsGradient) {
  Numbers numbers;
  const Tensor x = numbers.normal({3, 5}), a = numbers.normal({3, 5}), y = numbers.normal({3, 5}),
               b = numbers.normal({3, 5});
  Arena arena;
  const Tensor sum = gated_pair({arena}, x, a, y, b);
  for (int i = 0; i < 15; ++i) {
    const double expected =
        x.data[i] / (1 + std::exp(-double(a.data[i]))) + y.data[i] / (1 + std::exp(-double(b.data[i])));
    EXPECT_NEAR(sum.data[i], expected, 2e-6);
  }
  expect_gradients({x, a, y, b}, [](const Context& ctx, auto t) { return gated_pair(ctx, t[0], t[1], t[2], t[3]); });
}

}  // namespace
}  // namespace dragoman
