#include "autograd/gradient_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dragoman {
namespace {

/// y = sin(x) z whose backward side is right, or wrong in one of the ways that happen.
enum class Fault { none, factor, overwrites, reads_first, forgets };

Tensor sine_times(const Context& ctx, Tensor x, Tensor z, Fault fault) {
  Tensor y = ctx.make(x.shape);
  for (std::int64_t i = 0; i < x.size(); ++i) y.data[i] = std::sin(x.data[i]) * z.data[i];
  ctx.on_backward([=] {
    float beta = x.gradient->take_beta();
    if (fault == Fault::overwrites) beta = 0;
    const float* dy = y.gradient->data;
    float* dz = fault == Fault::reads_first ? z.gradient->data : z.summed_gradient();
    z.gradient->filled = true;
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const float slope = dy[i] * std::cos(x.data[i]) * z.data[i];
      const float old = beta == 0 ? 0 : x.gradient->data[i];
      if (fault != Fault::forgets || i > 0) x.gradient->data[i] = old + slope * (fault == Fault::factor ? 1.01f : 1.0f);
      dz[i] += dy[i] * std::sin(x.data[i]);
    }
  });
  return y;
}

GradientMismatch check(Fault fault) {
  std::vector<float> x = {0.3f, -1.2f, 2.5f}, z = {1.5f, 0.7f, -0.4f};
  const Tensor inputs[] = {{{3}, x.data(), nullptr}, {{3}, z.data(), nullptr}};
  const GradientMismatch mismatch = check_gradients(
      inputs, [&](const Context& ctx, std::span<const Tensor> in) { return sine_times(ctx, in[0], in[1], fault); });
  EXPECT_EQ(x, (std::vector<float>{0.3f, -1.2f, 2.5f})) << "inputs must be restored";
  return mismatch;
}

TEST(GradientCheck, AcceptsTheRightGradient) {
  const GradientMismatch mismatch = check(Fault::none);
  EXPECT_LT(mismatch.error, 1e-4) << mismatch.text();
}

TEST(GradientCheck, FindsASlopeThatIsOnePerCentWrong) {
  const GradientMismatch mismatch = check(Fault::factor);
  EXPECT_NEAR(mismatch.error, 0.01, 0.002) << mismatch.text();
  EXPECT_EQ(mismatch.input, 0);
}

TEST(GradientCheck, FindsAGradientThatOverwritesWhatIsThere) { EXPECT_GT(check(Fault::overwrites).error, 0.1); }

TEST(GradientCheck, FindsAGradientThatReadsWhatNobodyHasWritten) {
  const GradientMismatch mismatch = check(Fault::reads_first);
  EXPECT_TRUE(std::isinf(mismatch.error));
  EXPECT_EQ(mismatch.input, 1);
}

TEST(GradientCheck, FindsAnElementThatWasForgotten) {
  const GradientMismatch mismatch = check(Fault::forgets);
  EXPECT_TRUE(std::isinf(mismatch.error));
  EXPECT_EQ(mismatch.element, 0);
}

TEST(GradientCheck, TakesAnInputWithoutGradientAsConstant) {
  std::vector<float> x = {1, 2};
  const Tensor inputs[] = {{{2}, x.data(), nullptr}};
  const auto constant = [](const Context& ctx, std::span<const Tensor>) {
    Tensor y = ctx.make({1});
    y.data[0] = 3;
    return y;
  };
  EXPECT_EQ(check_gradients(inputs, constant).error, 0);
}

TEST(GradientCheck, ComparesAnyFunction) {
  std::vector<float> x = {0.5f, -1.5f};
  const auto cubes = [&] { return std::pow(double(x[0]), 3) + 2 * std::pow(double(x[1]), 3); };
  EXPECT_LT(compare_with_differences(x, std::vector<float>{0.75f, 13.5f}, cubes).error, 1e-5);
  const GradientMismatch mismatch = compare_with_differences(x, std::vector<float>{0.75f, 12.5f}, cubes);
  EXPECT_EQ(mismatch.element, 1);
  EXPECT_NEAR(mismatch.error, 1 / 13.5, 1e-4);
  EXPECT_EQ(mismatch.text().substr(0, 42), "input 0, element 1: gradient 12.5, differe");
}

}  // namespace
}  // namespace dragoman
