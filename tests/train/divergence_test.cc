#include "train/divergence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "dragoman/error.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

TEST(FiniteGuard, SkipsBatchesThatAreNotFiniteAndCountsThem) {
  FiniteGuard guard(2);
  EXPECT_TRUE(guard.accepts(1, 1));
  EXPECT_FALSE(guard.accepts(std::nan(""), 1));
  EXPECT_FALSE(guard.accepts(1, std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(guard.accepts(1, 1));
  EXPECT_FALSE(guard.accepts(1, std::nan("")));
  EXPECT_FALSE(guard.accepts(1, std::nan("")));
  EXPECT_EQ(guard.skipped(), 4u);
}

TEST(FiniteGuard, StopsWithTheReasonAfterTooManyInARow) {
  FiniteGuard guard(2);
  guard.accepts(std::nan(""), 1);
  SavedFields fields;
  guard.save(fields);
  FiniteGuard resumed(2);
  resumed.restore(fields);
  EXPECT_FALSE(resumed.accepts(std::nan(""), 7));
  try {
    resumed.accepts(2.5, std::numeric_limits<double>::infinity());
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("3 batches in a row"));
    EXPECT_THAT(e.what(), HasSubstr("cost 2.5, gradient norm inf"));
  }
}

/// A cost that falls from 9 towards 1, with noise, as in training.
double usual_cost(int update, Random& random) {
  return (1 + 8 * std::exp(-update / 300.0)) * std::exp(0.1 * random.normal());
}

TEST(Divergence, AUsualRunIsNotReported) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    DivergenceDetector detector;
    for (int update = 0; update < 5000; ++update) {
      const auto reason = detector.update(usual_cost(update, random));
      ASSERT_FALSE(reason) << "seed " << seed << " update " << update << ": " << *reason;
    }
  }
}

TEST(Divergence, ACostThatDoublesIsReportedSoon) {
  Random random(1);
  DivergenceDetector detector;
  int update = 0;
  for (; update < 2000; ++update) ASSERT_FALSE(detector.update(usual_cost(update, random)));
  for (int diverging = 1; diverging <= 20; ++diverging) {
    if (const auto reason = detector.update(2.5 * usual_cost(update++, random))) {
      EXPECT_THAT(*reason, HasSubstr("the cost per token over the last 10 updates is"));
      EXPECT_THAT(*reason, HasSubstr("standard deviations more, at most 5.0 are allowed"));
      EXPECT_GT(diverging, 1);
      return;
    }
  }
  FAIL() << "not reported";
}

TEST(Divergence, OneBadBatchIsNoDivergence) {
  Random random(1);
  DivergenceDetector detector;
  for (int update = 0; update < 3000; ++update) {
    ASSERT_FALSE(detector.update(usual_cost(update, random) * (update % 500 == 499 ? 2 : 1))) << update;
  }
}

TEST(Divergence, NothingIsReportedBeforeTheWindowIsFull) {
  DivergenceDetector detector;
  for (int update = 0; update < 500; ++update) ASSERT_FALSE(detector.update(update < 250 ? 1 : 1000));
}

TEST(Divergence, NoiseAboutAConstantCostIsNoDivergence) {
  DivergenceDetector detector;
  for (int update = 0; update < 2000; ++update) ASSERT_FALSE(detector.update(update < 1000 ? 0.5 : 0.51));
}

TEST(Divergence, ARestoredDetectorGoesOnWithTheSameBits) {
  Random random(7);
  DivergenceDetector one, other;
  for (int update = 0; update < 1000; ++update) one.update(usual_cost(update, random));
  SavedFields fields;
  one.save(fields);
  other.restore(fields);
  for (int update = 0; update < 100; ++update) {
    const double cost = 1 + 0.1 * update;
    EXPECT_EQ(one.update(cost), other.update(cost));
  }
}

}  // namespace
}  // namespace dragoman
