#include "text/alignment_error.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(AlignmentErrorRate, IsAsByHand) {
  AlignmentErrors errors;
  // A = {0-0, 1-1, 2-2, 3-3}, S = {0-0, 1-1, 2-3}, P = S and {2-2}
  errors.add(std::vector<TokenLink>{{0, 0}, {1, 1}, {2, 2}, {3, 3}},
             parse_gold_alignment("0-0 1-1 2-3 2?2", 0, "g", 1));
  EXPECT_DOUBLE_EQ(errors.precision(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(errors.recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(errors.error_rate(), 1 - 5.0 / 7);
  errors.add(std::vector<TokenLink>{{0, 1}, {0, 1}}, parse_gold_alignment("0-1", 0, "g", 2));  // one link said twice
  EXPECT_DOUBLE_EQ(errors.error_rate(), 1 - 7.0 / 9) << "counts are summed over pairs";
}

TEST(AlignmentErrorRate, IsZeroForTheGoldAlignmentAndOneForNothingRight) {
  AlignmentErrors same, wrong;
  const GoldAlignment gold = parse_gold_alignment("0-0 1-2", 0, "g", 1);
  same.add(gold.sure, gold);
  EXPECT_EQ(same.error_rate(), 0);
  wrong.add(std::vector<TokenLink>{{5, 5}}, gold);
  EXPECT_EQ(wrong.error_rate(), 1);
  EXPECT_EQ(AlignmentErrors().error_rate(), 0);
}

TEST(GoldAlignments, MayCountFromOneAndMarkPossibleLinks) {
  const GoldAlignment gold = parse_gold_alignment(" 2p1 1-1\t1-1 ", 1, "g", 1);
  EXPECT_THAT(gold.sure, ElementsAre(TokenLink{0, 0}));
  EXPECT_THAT(gold.possible, ElementsAre(TokenLink{0, 0}, TokenLink{1, 0}));
}

TEST(GoldAlignments, NameFileLineAndWordOfAMistake) {
  for (const char* word : {"1", "1-", "-1", "1-x", "1--2", "1:2", "a-1", "0-1", "1-99999999999"}) {
    try {
      parse_gold_alignment(std::string("1-1 ") + word, 1, "gold.txt", 12);
      FAIL() << word;
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), HasSubstr("gold.txt line 12"));
      EXPECT_THAT(e.what(), HasSubstr(word));
    }
  }
}

}  // namespace
}  // namespace dragoman
