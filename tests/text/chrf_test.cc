#include "text/metrics/chrf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/error.h"
#include "text/metrics_golden.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using testing::Lines;

TEST(Chrf, EqualsSacrebleuForAllOptions) { testing::expect_golden_scores("chrf"); }

TEST(Chrf, IsTheFScoreOfCharacters) {
  // One order only: two of three characters right, two of four found; beta 2.
  const ChrfScore score = corpus_chrf(Lines{"a bx"}, std::vector<Lines>{{"ab cd"}}, {.char_order = 1});
  const double p = 2.0 / 3, r = 2.0 / 4;
  EXPECT_NEAR(score.score, 100 * 5 * p * r / (4 * p + r), 1e-12);
}

TEST(Chrf, NamesSayBetaAndWords) {
  EXPECT_EQ(Chrf().name(), "chrF2");
  EXPECT_EQ(Chrf({.word_order = 2, .beta = 3}).name(), "chrF3++");
  EXPECT_EQ(corpus_chrf(Lines{"same"}, std::vector<Lines>{{"same"}}).format(1), "chrF2 = 100.0");
}

TEST(Chrf, TakesTheBestOfSeveralReferences) {
  const std::vector<Lines> both{{"something else"}, {"hello world"}};
  EXPECT_NEAR(corpus_chrf(Lines{"hello world"}, both).score, 100, 1e-12);
}

TEST(Chrf, OrdersOutOfRangeAreErrors) {
  EXPECT_THAT([] { Chrf({.char_order = 7}); },
              ::testing::ThrowsMessage<Error>(HasSubstr("chrf-char-order: expected 1 to 6, found 7")));
  EXPECT_THAT([] { Chrf({.word_order = -1}); }, ::testing::ThrowsMessage<Error>(HasSubstr("found -1")));
  EXPECT_THAT([] { Chrf({.beta = 0}); }, ::testing::ThrowsMessage<Error>(HasSubstr("chrf-beta")));
}

}  // namespace
}  // namespace dragoman
