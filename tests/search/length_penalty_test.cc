#include "search/length_penalty.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace dragoman {
namespace {

TEST(LengthPenalty, IsMariansFormula) {
  EXPECT_DOUBLE_EQ((LengthPenalty{.normalize = 0, .word_penalty = 0}.score(-6, 4)), -6);
  EXPECT_DOUBLE_EQ((LengthPenalty{.normalize = 1, .word_penalty = 0}.score(-6, 4)), -1.5);
  EXPECT_DOUBLE_EQ((LengthPenalty{.normalize = 0.5, .word_penalty = 0.25}.score(-6, 4)), -3.5);
  EXPECT_DOUBLE_EQ((LengthPenalty{.normalize = 0, .word_penalty = -1}.score(-6, 4)), -2);
}

TEST(LengthPenalty, BoundIsNeverBelowAnAttainableScoreAndIsTight) {
  Random random(1);
  for (int trial = 0; trial < 20000; ++trial) {
    const double normalizes[] = {0, 0.3, 0.6, 1, 1.4};
    const LengthPenalty penalty = {.normalize = normalizes[random.below(5)],
                                   .word_penalty = double(random.below(5)) * 0.5 - 1};
    const double sum = -20 * random.uniform();
    const int shortest = 1 + int(random.below(6)), longest = shortest + int(random.below(20));
    const double bound = penalty.best_attainable(sum, shortest, longest);
    double best = -1e300;
    for (int n = shortest; n <= longest; ++n) best = std::max(best, penalty.score(sum, n));
    ASSERT_GE(bound, best - 1e-12);
    // The real-valued optimum is at most one whole length away, on a slope that vanishes there.
    ASSERT_LE(bound, best + 0.5 * (1 + std::abs(best)));
    const bool at_an_end = penalty.word_penalty * (1 - penalty.normalize) <= 0 || penalty.normalize == 0;
    if (at_an_end) {
      ASSERT_NEAR(bound, best, 1e-12);
    }
  }
}

TEST(LengthPenalty, BoundFindsAPeakBetweenTheEnds) {
  const LengthPenalty penalty = {.normalize = 0.5, .word_penalty = 0.5};
  // g(n) = (-8 - n / 2) / sqrt(n) is highest at n = 16.
  EXPECT_DOUBLE_EQ(penalty.best_attainable(-8, 1, 100), -4);
  EXPECT_DOUBLE_EQ(penalty.best_attainable(-8, 1, 4), -5);
  EXPECT_DOUBLE_EQ(penalty.best_attainable(-8, 64, 100), -5);
}

TEST(LengthLimit, CountsTheEndOnBothSides) {
  EXPECT_EQ(length_limit({.max_length_factor = 2.5}, 3, 0), 8);
  EXPECT_EQ(length_limit({.max_length_factor = 3}, 7, 0), 21);
  EXPECT_EQ(length_limit({.max_length_factor = 1.1}, 10, 0), 11);  // 1.1 * 10 > 11 in binary
  EXPECT_EQ(length_limit({.max_length_factor = 0.1}, 3, 0), 1);
  EXPECT_EQ(length_limit({.max_length_factor = 1e300}, 3, 0), 1 << 30);
}

TEST(LengthLimit, MaxLengthDoesNotCountTheEnd) {
  EXPECT_EQ(length_limit({.max_length_factor = 3, .max_length = 4}, 7, 0), 5);
  EXPECT_EQ(length_limit({.max_length_factor = 3, .max_length = 400}, 7, 0), 21);
}

TEST(LengthLimit, LeavesRoomForThePrefixAndTheEnd) {
  EXPECT_EQ(length_limit({.max_length_factor = 1}, 3, 6), 7);
  EXPECT_EQ(length_limit({.max_length_factor = 3, .max_length = 2}, 3, 6), 7);
}

TEST(LengthLimit, NothingBecomesNothing) {
  EXPECT_EQ(length_limit({.max_length_factor = 3}, 1, 0), 1);
  EXPECT_EQ(length_limit({.max_length_factor = 3}, 0, 0), 1);
}

}  // namespace
}  // namespace dragoman
