#include "train/smoothing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/error.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;

TEST(Smoothing, TheWindowGrowsAtTheStartAsInMarian) {
  // keep = 1/10, 2/11, 3/12, ...: from 0 towards 1 the distance left is their product.
  ExponentialSmoothing smoothing(1e-4, std::vector<float>{0, 8});
  const std::vector<float> current{1, 8};
  smoothing.update(current);
  EXPECT_THAT(smoothing.values(), ElementsAre(FloatEq(0.9f), 8));
  smoothing.update(current);
  EXPECT_THAT(smoothing.values(), ElementsAre(FloatEq(float(1 - 1.0 / 10 * 2 / 11)), 8));
  smoothing.update(current);
  EXPECT_THAT(smoothing.values(), ElementsAre(FloatEq(float(1 - 1.0 / 10 * 2 / 11 * 3 / 12)), 8));
  EXPECT_EQ(smoothing.updates(), 3u);
}

TEST(Smoothing, LaterTheRateHolds) {
  ExponentialSmoothing smoothing(0.25, std::vector<float>{0});
  smoothing.set_updates(1000);
  smoothing.update(std::vector<float>{1});
  EXPECT_THAT(smoothing.values(), ElementsAre(0.25f));
  smoothing.update(std::vector<float>{1});
  EXPECT_THAT(smoothing.values(), ElementsAre(0.4375f));
}

TEST(Smoothing, SharesGiveTheSameBitsAsOnePass) {
  std::vector<float> start(101), current(101);
  for (int i = 0; i < 101; ++i) {
    start[i] = 0.1f * float(i);
    current[i] = 7 - 0.3f * float(i);
  }
  ExponentialSmoothing whole(0.01, start), shared(0.01, start);
  whole.update(current);
  shared.begin_update();
  shared.update_range(current, 37, 101);
  shared.update_range(current, 0, 37);
  EXPECT_TRUE(std::ranges::equal(whole.values(), shared.values()));
}

TEST(Smoothing, RatesOutsideOfZeroToOneAreErrors) {
  for (const double rate : {0.0, -0.1, 1.1}) EXPECT_THROW(ExponentialSmoothing(rate, {}), Error);
}

}  // namespace
}  // namespace dragoman
