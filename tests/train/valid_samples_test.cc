#include "train/valid_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ValidationSet set_of(std::vector<std::string> sources) {
  ValidationSet set;
  set.targets = sources;
  set.sources = std::move(sources);
  return set;
}

TEST(ValidSamples, AreSpreadEvenly) {
  const ValidationSet set = set_of(std::vector<std::string>(100, "text"));
  EXPECT_THAT(sample_lines(set, 4), ElementsAre(0, 25, 50, 75));
  EXPECT_THAT(sample_lines(set, 1), ElementsAre(0));
  EXPECT_THAT(sample_lines(set, 0), IsEmpty());
  EXPECT_EQ(sample_lines(set, 1000).size(), 100u);
}

TEST(ValidSamples, PassOverEmptyAndLongLines) {
  ValidationSet set = set_of({"", "a", std::string(400, 'x'), "b", "c"});
  set.targets[3] = "";
  EXPECT_THAT(sample_lines(set, 2), ElementsAre(1, 4));
  EXPECT_THAT(sample_lines(set, 3), ElementsAre(0, 1, 4));  // unless there are no others
  EXPECT_THAT(sample_lines(set_of({}), 4), IsEmpty());
}

TEST(ValidSamples, AreCutBetweenCharacters) {
  std::string text = "a";
  while (text.size() < 2500) text += "\u05e9";
  const auto samples = samples_of(set_of({"x", text}), {"y", "z"}, {1});
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].line, 2u);
  EXPECT_EQ(samples[0].source, text.substr(0, 1999) + "\u2026");
  EXPECT_EQ(samples[0].output, "z");
}

}  // namespace
}  // namespace dragoman
