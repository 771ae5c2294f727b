#include "text/pair_reader.h"

#include <gmock/gmock.h>

#include "text/text_support.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::Folder;
using ::testing::HasSubstr;
using Pairs = std::vector<TextPair>;

Pairs pairs_of(PairReader& reader) {
  Pairs pairs;
  for (TextPair pair; reader.next(pair);) pairs.push_back(pair);
  return pairs;
}

TEST(PairReader, SkipsAndCountsPairsWithAnEmptySide) {
  const Folder folder;
  const std::string source = folder.file("s", "a\n\nc\nd\n"), target = folder.file("t", "A\nB\n \t\nD");
  PairReader reader({{source, target}});
  EXPECT_THAT(pairs_of(reader), ElementsAre(TextPair{"a", "A", 1}, TextPair{"d", "D", 4}));
  EXPECT_EQ(reader.report()[Flaw::empty].count, 2);
  EXPECT_EQ(reader.report()[Flaw::empty].file, source);
  EXPECT_EQ(reader.report()[Flaw::empty].line, 2);
  PairReader all({{source, target}}, PairSelection::all);
  EXPECT_EQ(pairs_of(all).size(), 4u);
}

TEST(PairReader, NamesBothFilesAndCountsIfTheyDiffer) {
  const Folder folder;
  const std::string longer = folder.file("longer", "1\n2\n3\n4\n5"), shorter = folder.file("shorter", "1\n2\n3\n");
  const auto read = [](const std::string& source, const std::string& target) {
    PairReader reader({{source, target}});
    TextPair pair;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(reader.next(pair));
    reader.next(pair);  // the first call that finds out
  };
  EXPECT_THAT(error_of([&] { read(longer, shorter); }), HasSubstr(longer + " has 5 lines but " + shorter + " has 3"));
  EXPECT_THAT(error_of([&] { read(shorter, longer); }), HasSubstr(shorter + " has 3 lines but " + longer + " has 5"));
}

TEST(PairReader, ReadsColumnsAndDropsFurtherOnes) {
  const Folder folder;
  const std::string path = folder.file("tsv",
                                       "a\tA\n\xEF\xBB\xBF"
                                       "b\tB\textra\tmore\nc\t\n");
  PairReader reader({{path}, true});
  EXPECT_THAT(pairs_of(reader), ElementsAre(TextPair{"a", "A", 1}, TextPair{"\xEF\xBB\xBF"
                                                                            "b",
                                                                            "B", 2}));
  EXPECT_EQ(reader.report()[Flaw::empty].line, 3);
}

TEST(PairReader, NamesLineAndColumnsIfThereAreTooFew) {
  const Folder folder;
  const std::string path = folder.file("tsv", "a\tA\tx\nb\tB\n");
  PairReader two({{path}, true, 2});
  EXPECT_EQ(pairs_of(two).size(), 2u);
  PairReader three({{path}, true, 3});
  EXPECT_EQ(error_of([&] { pairs_of(three); }), path + " line 2: 2 tab-separated columns, expected 3");
}

TEST(PairReader, SkipsPairsWithALineOverTheLimit) {
  const Folder folder;
  const std::string source = folder.file("s", "a\nbbbbbbbbbbbb\nc\n"), target = folder.file("t", "A\nB\nC\n");
  PairReader reader({{source, target}}, PairSelection::usable, {.max_bytes = 10});
  EXPECT_THAT(pairs_of(reader), ElementsAre(TextPair{"a", "A", 1}, TextPair{"c", "C", 3}));
  EXPECT_EQ(reader.report()[Flaw::long_line].count, 1);
  EXPECT_EQ(reader.report()[Flaw::long_line].line, 2);
  const std::string tsv = folder.file("tsv", "a\tA\nbbbbbbbbbbbbbbbb\tB\nc\tC\n");
  PairReader columns({{tsv}, true}, PairSelection::usable, {.max_bytes = 10});
  EXPECT_EQ(pairs_of(columns).size(), 2u);
  PairReader all({{tsv}, true}, PairSelection::all, {.max_bytes = 10});
  EXPECT_EQ(pairs_of(all)[1], (TextPair{"bbbbbbbbbb", "", 2}));
}

TEST(PairReader, ReadsColumnsFromStandardInput) {
  testing::StandardInput input("a\tA\nb\tB\n");
  input.end();
  PairReader reader({{"stdin"}});
  EXPECT_THAT(pairs_of(reader), ElementsAre(TextPair{"a", "A", 1}, TextPair{"b", "B", 2}));
}

TEST(PairReader, ChecksHowManyFilesThereAre) {
  EXPECT_EQ(error_of([] { check(PairFiles{{"a"}}, "train-sets"); }),
            "train-sets: 1 file, expected 2: source and target");
  EXPECT_THAT(error_of([] { check(PairFiles{{"a", "b"}, true}, "valid-sets"); }), HasSubstr("valid-sets: 2 files"));
  EXPECT_THAT(error_of([] { check(PairFiles{{"a"}, true, 1}, "train-sets"); }), HasSubstr("tsv-fields: 1"));
  EXPECT_THAT(error_of([] { check(PairFiles{{"-", "stdin"}}, "train-sets"); }), HasSubstr("both"));
  check(PairFiles{{"-"}}, "train-sets");
}

}  // namespace
}  // namespace dragoman
