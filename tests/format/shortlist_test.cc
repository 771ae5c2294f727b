#include "format/shortlist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string path = testing::TempDir() + "/dragoman-shortlist";

TEST(ShortlistTest, CandidatesAreTheFirstWordsTheTranslationsAndOthersUpToEight) {
  const Shortlist list({{5, 30}, {}, {31, 12}}, 4, 50, 40, false);
  EXPECT_THAT(list.candidates(std::vector<int>{0, 2}), ElementsAre(0, 1, 2, 3, 5, 12, 30, 31));
  EXPECT_THAT(list.candidates(std::vector<int>{1}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(list.candidates(std::vector<int>{0, 0, 1}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 30));
  EXPECT_THAT(list.candidates(std::vector<int>{-1, 99}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7))
      << "unknown words add none";
  const Shortlist shared({{5}, {}, {6}}, 2, 50, 40, true);
  EXPECT_THAT(shared.candidates(std::vector<int>{2}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7)) << "2 is there as it is";
  EXPECT_THAT(Shortlist({{1}}, 2, 1, 3, false).candidates(std::vector<int>{0}), ElementsAre(0, 1, 2))
      << "all there are";
}

TEST(ShortlistTest, TheBinaryFormatIsReadBack) {
  const Shortlist list({{5, 30}, {}, {31, 12}, {7}}, 4, 50, 40, false);
  list.save_binary(path);
  EXPECT_TRUE(is_binary_shortlist(path));
  const Shortlist read = Shortlist::open_binary(path, 4, 40, false);
  for (const std::vector<int>& source : {std::vector<int>{0}, {1, 2}, {3, 0}}) {
    EXPECT_EQ(read.candidates(source), list.candidates(source));
  }
  const auto error = [&](int source, int target) {
    try {
      Shortlist::open_binary(path, source, target, false);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error(5, 40), HasSubstr("made for 4 source words, but the source vocabulary has 5"));
  EXPECT_THAT(error(4, 20), HasSubstr("but the target vocabulary has 20"));
  std::string bytes = read_file(path);
  bytes[bytes.size() - 9] ^= 1;
  write_atomically(path, bytes);
  EXPECT_THAT(error(4, 40), HasSubstr("checksum"));
  write_atomically(path, bytes.substr(0, bytes.size() - 4));
  EXPECT_THAT(error(4, 40), HasSubstr("bytes"));
  std::filesystem::remove(path);
}

TEST(ShortlistTest, TextIsCutToTheBestTranslations) {
  write_atomically(path, "b x 0.5\nc x 0.3\nd\tx\t0.2\nNULL x 0.9\nb NULL 0.9\nzz x 0.9\n\nc y 0.01\n");
  const auto id = [](std::string_view word) { return word.size() == 1 ? word[0] - 'a' : -1; };
  const auto open = [&](const Shortlist::Limits& limits) {
    return Shortlist::open_text(path, limits, 26, 26, false, id, id);
  };
  EXPECT_THAT(open({.first = 1, .best = 2, .prune = 0}).candidates(std::vector<int>{'x' - 'a'}),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(open({.first = 1, .best = 2, .prune = 0}).size(), 3u) << "two of x, one of y";
  EXPECT_EQ(open({.first = 1, .best = 9, .prune = 0.25}).size(), 2u);
  write_atomically(path, "b x 0.5\nc x much\n");
  try {
    open({});
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("line 2: expected a probability, found 'much'"));
  }
  write_atomically(path, "b x\n");
  EXPECT_THROW(open({}), Error);
  std::filesystem::remove(path);
}

TEST(ShortlistTest, AVocabularyMapAllowsTheTokensOfItsNgramsAndNoOthers) {
  write_atomically(path, "\tz x\na\tp q none\na b\tr\nb b a\ts\nno\tt\nb\t\n");
  EXPECT_TRUE(is_vocabulary_map(path));
  const auto one_of = [](std::string_view letters) {
    return [letters](std::string_view word) { return word.size() == 1 ? int(letters.find(word)) : -1; };
  };
  const Shortlist list = Shortlist::open_vocabulary_map(path, 11, one_of("abc"), one_of("pqrstuvwxyz"));
  EXPECT_THAT(list.candidates(std::vector<int>{2}), ElementsAre(8, 10)) << "what is always allowed";
  EXPECT_THAT(list.candidates(std::vector<int>{0}), ElementsAre(0, 1, 8, 10));
  EXPECT_THAT(list.candidates(std::vector<int>{2, 0, 1}), ElementsAre(0, 1, 2, 8, 10));
  EXPECT_THAT(list.candidates(std::vector<int>{1, 1, 0}), ElementsAre(0, 1, 3, 8, 10)) << "three words";
  EXPECT_THAT(list.candidates(std::vector<int>{1, 0}), ElementsAre(0, 1, 8, 10));
  write_atomically(path, "a b 0.5\n");
  EXPECT_FALSE(is_vocabulary_map(path));
  write_atomically(path, "a\tb\t0.5\n");
  EXPECT_FALSE(is_vocabulary_map(path));
  write_atomically(path, "");
  EXPECT_FALSE(is_vocabulary_map(path));
}

}  // namespace
}  // namespace dragoman
