#include "markup/numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void expect_same(const char* source, const char* translation) {
  const NumberDifferences differences = compare_numbers(source, translation);
  EXPECT_THAT(differences.missing, IsEmpty()) << source << " | " << translation;
  EXPECT_THAT(differences.invented, IsEmpty()) << source << " | " << translation;
}

TEST(CompareNumbers, AllowsTheWayOfWritingToChange) {
  expect_same("It cost 1,234.50 dollars.", "Custou 1.234,5 dólares.");
  expect_same("1,234,567 people", "1 234 567 personnes");
  expect_same("1,234,567.8 km", "1\u00A0234\u202F567,8 km");
  expect_same("3.14 and 2,718", "3,14 e 2.718");
  expect_same("on 12/31/2024", "am 31.12.2024");
  expect_same("at 10:30, pages 5-7, 1st", "à 10h30, pages 5 à 7, 1er");
  expect_same("50% of 2000", "50 % de 2.000");
  expect_same("٣٫١٤ و ٢٠", "3.14 and 20");
  expect_same("no numbers", "sem números");
  expect_same("one, two. 3, 4,5", "one, two. 3, 4,5");
  expect_same("1,234 567", "1,234 567");
}

TEST(CompareNumbers, AllowsSmallNumbersToBecomeWordsAndBack) {
  expect_same("The 3 cats and twelve dogs", "Os três gatos e 12 cães");
  expect_same("007 is 7", "sete");
}

TEST(CompareNumbers, FindsWhatIsMissingOrInvented) {
  const NumberDifferences a = compare_numbers("15 of 1,250 files in 2024", "1.5 de 1.250 ficheiros em 2023");
  EXPECT_THAT(a.missing, ElementsAre("15", "2024"));
  EXPECT_THAT(a.invented, ElementsAre("1.5", "2023"));
  EXPECT_THAT(compare_numbers("40 40", "40").missing, ElementsAre("40"));
  EXPECT_THAT(compare_numbers("40", "40 40").invented, ElementsAre("40"));
  EXPECT_THAT(compare_numbers("1000", "100").missing, ElementsAre("1000"));
  EXPECT_THAT(compare_numbers("\xff 77 \xff", "").missing, ElementsAre("77"));
}

}  // namespace
}  // namespace dragoman
