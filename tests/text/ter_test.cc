#include "text/metrics/ter.h"

#include <gtest/gtest.h>

#include "text/metrics/edit_distance.h"
#include "text/metrics/shifts.h"
#include "text/metrics_golden.h"

namespace dragoman {
namespace {

using testing::Lines;
using Words = std::vector<std::uint32_t>;

TEST(Ter, EqualsSacrebleuForAllOptions) { testing::expect_golden_scores("ter"); }

TEST(Ter, CountsTheEditsThatSacrebleuCounts) {
  for (const auto& pair : testing::metrics_golden().at("shifts")) {
    const Lines hypothesis{pair.at("hypothesis").get<std::string>()};
    const std::vector<Lines> references{{pair.at("reference").get<std::string>()}};
    EXPECT_EQ(corpus_ter(hypothesis, references).edits, pair.at("edits").get<int>()) << hypothesis[0];
  }
}

TEST(Ter, AShiftIsOneEdit) {
  EXPECT_EQ(count_edits({4, 5, 1, 2, 3}, Words{1, 2, 3, 4, 5}), 1);
  EXPECT_EQ(count_edits({1, 2, 3}, Words{1, 2, 3}), 0);
  EXPECT_EQ(count_edits({1, 9, 3}, Words{1, 2, 3}), 1);
  EXPECT_EQ(count_edits({1, 2}, Words{1, 2, 3}), 1);
  EXPECT_EQ(count_edits({}, Words{1, 2, 3}), 3);
  EXPECT_EQ(count_edits({1, 2, 3}, Words{}), 3);
}

TEST(Ter, EmptyTextsScoreNothingOrAll) {
  const auto ter = [](const char* hypothesis, const char* reference) {
    return corpus_ter(Lines{hypothesis}, std::vector<Lines>{{reference}}).score;
  };
  EXPECT_EQ(ter("", ""), 0);
  EXPECT_EQ(ter("a b c", ""), 100);
  EXPECT_EQ(ter("", "a b c"), 100);
  EXPECT_EQ(ter("a b c d", "x"), 400);
}

TEST(Ter, SmallerIsBetter) {
  EXPECT_FALSE(Ter().larger_is_better());
  EXPECT_EQ(corpus_ter(Lines{"a b c d"}, std::vector<Lines>{{"a b c x"}}).format(), "TER = 25.00");
}

TEST(BeamEditDistance, ContinuesFromSharedWords) {
  const Words reference{1, 2, 3, 4, 5, 6}, first{1, 2, 9, 4, 6}, second{1, 2, 3, 5, 6};
  BeamEditDistance continued(reference, 5), fresh(reference, 5);
  EXPECT_EQ(continued.compute(first), 2);
  EXPECT_EQ(continued.compare(second, 2), 1);
  EXPECT_EQ(fresh.compute(second), 1);
  using Edit = BeamEditDistance::Edit;
  const std::vector<Edit> expected{Edit::match, Edit::match, Edit::match, Edit::insertion, Edit::match, Edit::match};
  EXPECT_EQ(fresh.edits(), expected);
}

}  // namespace
}  // namespace dragoman
