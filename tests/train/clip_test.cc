#include "train/clip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace dragoman {
namespace {

TEST(Clip, TheNormIsEuclidean) {
  EXPECT_DOUBLE_EQ(gradient_norm(std::vector<float>{3, 0, -4}), 5);
  EXPECT_EQ(gradient_norm({}), 0);
  std::vector<float> many(200'001, 0.5f);
  EXPECT_DOUBLE_EQ(gradient_norm(many), std::sqrt(200'001 * 0.25));
}

TEST(Clip, TheNormNeitherOverflowsNorLosesSmallNumbers) {
  EXPECT_DOUBLE_EQ(gradient_norm(std::vector<float>{3e30f, 4e30f}),
                   1e30 * std::hypot(double(3e30f) / 1e30, double(4e30f) / 1e30));
  std::vector<float> gradients(1'000'000, 1e-4f);  // in single precision these would vanish beside the first
  gradients[0] = 1000;
  EXPECT_NEAR(gradient_norm(gradients), std::sqrt(1e6 + 0.01), 1e-9);
}

TEST(Clip, PartsInAnyOrderGiveTheSameBits) {
  Random random(3);
  std::vector<float> gradients(5 * norm_part + 77);
  for (float& g : gradients) g = float(random.normal());
  std::vector<double> sums(norm_parts(gradients.size()));
  ASSERT_EQ(sums.size(), 6u);
  sum_parts(gradients, 4, 6, sums);
  sum_parts(gradients, 0, 1, sums);
  sum_parts(gradients, 1, 4, sums);
  EXPECT_EQ(norm_of_parts(sums), gradient_norm(gradients));
}

TEST(Clip, ANumberThatIsNotFiniteMakesTheNormNotFinite) {
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    std::vector<float> gradients(100, 1);
    gradients[57] = bad;
    EXPECT_FALSE(std::isfinite(gradient_norm(gradients)));
  }
}

TEST(Clip, OnlyLongerGradientsAreScaledDownToTheLimit) {
  EXPECT_EQ(clip_scale(4, 1), 0.25);
  EXPECT_EQ(clip_scale(1, 1), 1);
  EXPECT_EQ(clip_scale(0.5, 1), 1);
  EXPECT_EQ(clip_scale(0, 1), 1);
  EXPECT_EQ(clip_scale(100, 0), 1);
}

}  // namespace
}  // namespace dragoman
