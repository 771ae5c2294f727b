#include "train/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

BarState half_way() {
  Progress progress;
  progress.epoch = 3;
  progress.updates = 1200;
  return {progress, 3.21149, 12345.6};
}
const Limits limit({{2400, Period::Unit::updates}});

TEST(ProgressBar, ShowsShareSpeedCostAndTimeLeft) {
  EXPECT_EQ(bar_line(half_way(), limit, 754, 80),
            "Ep. 3  Up. 1,200  [========>-------]   50%  cost 3.211  12,346 tok/s  12:34 left");
  EXPECT_THAT(bar_line(half_way(), limit, 3600 * 25 + 61, 80), HasSubstr("25:01:01 left"));
  EXPECT_THAT(bar_line(half_way(), limit, 3600 * 24 * 9, 80), HasSubstr("9 days left"));
}

TEST(ProgressBar, WithoutLimitsThereIsNoBarAndNoTimeLeft) {
  EXPECT_EQ(bar_line(half_way(), Limits(), -1, 80), "Ep. 3  Up. 1,200  cost 3.211  12,346 tok/s");
}

TEST(ProgressBar, NeverExceedsTheWidth) {
  for (int width = 0; width < 200; ++width) {
    EXPECT_LE(bar_line(half_way(), limit, 1e12, width).size(), std::size_t(width));
    EXPECT_LE(bar_line({{.epoch = 1u << 31, .updates = ~0ull}, 1e300, 1e18}, limit, 1e12, width).size(),
              std::size_t(width));
  }
}

TEST(ProgressBar, RedrawsAtMostTenTimesASecond) {
  int drawn = 0;
  ProgressBar bar([&](std::string_view) { ++drawn; }, limit);
  Progress progress;
  for (int update = 1; update <= 1000; ++update) {
    progress.updates = std::uint64_t(update);
    bar.update(progress, 3, 100, 0.002, update * 0.002);
  }
  EXPECT_GE(drawn, 15);
  EXPECT_LE(drawn, 21);
}

TEST(ProgressBar, EstimatesSpeedAndTimeLeft) {
  std::string last;
  ProgressBar bar([&](std::string_view text) { last = text; }, Limits({{1000, Period::Unit::updates}}), 120);
  Progress progress;
  for (int update = 1; update <= 500; ++update) {
    progress.updates = std::uint64_t(update);
    bar.update(progress, update == 77 ? std::nan("") : 2, 1000, 0.5, update * 0.5);
  }
  EXPECT_THAT(last, HasSubstr("2,000 tok/s"));
  EXPECT_THAT(last, HasSubstr("cost 2.000"));
  EXPECT_THAT(last, HasSubstr("4:10 left"));  // 500 updates of half a second
  EXPECT_THAT(last, HasSubstr(" 50%"));
}

TEST(ProgressBar, IsTakenAwayForALogLineAndDrawnAgain) {
  std::vector<std::string> texts;
  ProgressBar bar([&](std::string_view text) { texts.emplace_back(text); }, limit);
  bar.clear();
  EXPECT_TRUE(texts.empty());
  bar.update(Progress{}, 1, 1, 0.01, 0.01);
  bar.clear();
  bar.clear();
  bar.update(Progress{}, 1, 1, 0.01, 0.02);
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_THAT(texts[0], HasSubstr("Ep. 1"));
  EXPECT_THAT(texts[1], Not(HasSubstr("Ep. 1")));
  EXPECT_THAT(texts[2], HasSubstr("Ep. 1"));
}

TEST(ProgressBar, WithoutASinkNothingHappens) {
  ProgressBar bar(nullptr, limit);
  bar.update(Progress{}, 1, 1, 0.01, 0.01);
  bar.clear();
}

}  // namespace
}  // namespace dragoman
