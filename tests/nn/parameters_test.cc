#include "nn/parameters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/linear.h"
#include "ops/dropout.h"

namespace dragoman {
namespace {

TEST(Parameters, LieInOneBlockEachOnItsOwnCacheLine) {
  Parameters parameters;
  const Scope layer = Scope(parameters) / "encoder" / 3;
  layer.parameter("weight", {3, 5}, Initial::constant(1));
  layer.parameter("bias", {17}, Initial::constant(2));
  layer.parameter("one", {1}, Initial::constant(3));
  parameters.allocate();
  ASSERT_EQ(parameters.list().size(), 3u);
  EXPECT_EQ(parameters[0].name, "encoder.3.weight");
  EXPECT_EQ(parameters.find("encoder.3.bias"), &parameters[1]);
  EXPECT_EQ(parameters.find("encoder.3"), nullptr);
  EXPECT_EQ(parameters[1].offset, 16);
  EXPECT_EQ(parameters[2].offset, 48);
  EXPECT_EQ(parameters.values().size(), 64u);
  EXPECT_EQ(parameters.count(), 15 + 17 + 1);
  parameters.initialise(1);
  double sum = 0;
  for (const float value : parameters.values()) sum += value;
  EXPECT_EQ(sum, 15 * 1 + 17 * 2 + 1 * 3) << "the padding stays zero";
  EXPECT_EQ(parameters.values_of(parameters[2])[0], 3);
}

TEST(Parameters, InitialValuesDependOnSeedAndNameOnly) {
  const auto draw = [](std::uint64_t seed, bool another_before) {
    Parameters parameters;
    if (another_before) Scope(parameters).parameter("a", {7}, Initial::normal(1));
    const int index = parameters.add("b", {4, 5}, Initial::normal(1));
    parameters.allocate();
    parameters.initialise(seed);
    const auto values = parameters.values_of(parameters[index]);
    return std::vector<float>(values.begin(), values.end());
  };
  EXPECT_EQ(draw(1, false), draw(1, true));
  EXPECT_NE(draw(1, false), draw(2, false));
  Parameters two;
  two.add("a", {20}, Initial::normal(1));
  two.add("b", {20}, Initial::normal(1));
  two.allocate();
  two.initialise(1);
  EXPECT_NE(two.values_of(two[0])[0], two.values_of(two[1])[0]);
}

TEST(Initial, CanMakeTheFirstColumnsOfAMatrixSmaller) {
  std::vector<float> plain(12), scaled(12);
  Initial::normal(1).draw(Random(1), plain);
  Initial::normal(1).times(0.5f, 1, 3).draw(Random(1), scaled);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(scaled[i], plain[i] * (i % 3 == 0 ? 0.5f : 1.0f)) << i;
}

TEST(Initial, DrawsFromItsDistribution) {
  std::vector<float> values(100000);
  const auto variance = [&] {
    double sum = 0, squares = 0;
    for (const float v : values) {
      sum += v;
      squares += double(v) * v;
    }
    EXPECT_NEAR(sum / double(values.size()), 0, 0.01);
    return squares / double(values.size());
  };
  Initial::glorot(100, 300).draw(Random(1), values);
  EXPECT_NEAR(variance() / (2.0 / 400), 1, 0.02);
  EXPECT_LE(*std::max_element(values.begin(), values.end()), std::sqrt(6.0f / 400));
  Initial::normal(0.5f).draw(Random(1), values);
  EXPECT_NEAR(variance() / 0.25, 1, 0.03);
}

TEST(Linear, OfSeveralPartsIsDrawnAsThoughEachWereAlone) {
  Parameters parameters;
  const Linear fused(Scope(parameters) / "fused", 40, 120, 3);
  parameters.allocate();
  parameters.initialise(1);
  const auto weight = parameters.values_of(*parameters.find("fused.weight"));
  const float bound = std::sqrt(6.0f / 80);
  const float most = *std::max_element(weight.begin(), weight.end());
  EXPECT_LE(most, bound);
  EXPECT_GT(most, 0.98f * bound);
}

TEST(Weight, GradientsAddUpOverTapesAndUses) {
  Parameters parameters;
  const Linear layer(Scope(parameters) / "layer", 3, 3);
  parameters.allocate();
  parameters.initialise(1);
  std::vector<float> gradients(parameters.values().size(), 0.0f), x = {1, 2, 3};
  const auto pass = [&](int uses) {
    Arena arena;
    Tape tape;
    Random random;
    const Context ctx{arena, &tape, &random, gradients.data()};
    Tensor sum = ctx.make({1, 3});
    std::fill_n(sum.data, 3, 0.0f);
    for (int i = 0; i < uses; ++i) sum = residual(ctx, sum, layer.forward(ctx, {{1, 3}, x.data(), nullptr}), 0);
    std::fill_n(sum.summed_gradient(), 3, 1.0f);
    tape.run_backward();
  };
  pass(1);
  const std::vector<float> once = gradients;
  EXPECT_EQ(once[0], 1);  // x^T 1
  EXPECT_EQ(once[8], 3);
  pass(2);
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(gradients[i], 3 * once[i]) << i;
}

TEST(Weight, ThatIsNoneIsAnEmptyTensor) {
  Arena arena;
  const Weight none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.in({arena}).data, nullptr);
}

}  // namespace
}  // namespace dragoman
