// Alignments travel with their pairs, through cleaning, shuffling, temporary files and batches.

#include "text/guided_alignment.h"

#include <gmock/gmock.h>

#include <map>

#include "text/batch_reader.h"
#include "text/corpus.h"
#include "text/text_support.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::Folder;
using ::testing::HasSubstr;
using testing::toy_corpus;
using testing::toy_vocabulary;
using Links = std::vector<TokenLink>;

TEST(ParseAlignment, ReadsLinksInTheOrderOfTheTargetEachOnce) {
  EXPECT_EQ(parse_alignment("2-1 0-0  1-1\t0-0", 3, 2, "f", 1), (Links{{0, 0}, {1, 1}, {2, 1}}));
  EXPECT_TRUE(parse_alignment("", 3, 2, "f", 1).empty());
  EXPECT_TRUE(parse_alignment("  ", 3, 2, "f", 1).empty());
}

TEST(ParseAlignment, TakesThePlaceOfTheSentenceEndToo) {
  EXPECT_EQ(parse_alignment("3-2", 3, 2, "f", 1), (Links{{3, 2}}));
}

TEST(ParseAlignment, WrongLinksAreErrorsThatNameThem) {
  const auto error = [](const char* text) { return error_of([&] { parse_alignment(text, 3, 2, "a.align", 7); }); };
  for (const char* text : {"0", "0-", "-0", "0-0-0", "a-b", "0:0", "1-+1", "99999999999-0", "0-1p"}) {
    EXPECT_EQ(error(text),
              std::string("a.align line 7: expected links such as 0-0, of a source and a target token, found "
                          "'") +
                  text + "'");
  }
  EXPECT_EQ(
      error("0-0 4-1"),
      "a.align line 7: link 4-1: expected a source token from 0 to 3 (the 3 pieces of the line, and </s>), found 4");
  EXPECT_EQ(
      error("0-3"),
      "a.align line 7: link 0-3: expected a target token from 0 to 2 (the 2 pieces of the line, and </s>), found 3");
}

TEST(CropAlignment, DropsLinksOfTokensThatAreGoneAndMovesTheSentenceEnd) {
  Links links = {{0, 0}, {1, 1}, {2, 1}, {1, 4}, {4, 5}};  // of 4 source and 5 target tokens
  crop_alignment(links, 4, 2, 5, 3);
  EXPECT_EQ(links, (Links{{0, 0}, {1, 1}, {2, 3}}));
  links = {{0, 0}, {4, 5}};
  crop_alignment(links, 4, 4, 5, 5);
  EXPECT_EQ(links, (Links{{0, 0}, {4, 5}}));
}

/// A corpus in which line n has the links n-th of a pattern, so that a link tells its line.
class GuidedCorpus : public ::testing::Test {
 protected:
  static constexpr int lines = 400;

  void SetUp() override {
    const auto [source, target] = toy_corpus(lines);
    data.train_sets = {folder.file("s", source), folder.file("t", target)};
    std::istringstream sources(source), targets(target);
    std::string text, one, other;
    for (std::int64_t line = 1; std::getline(sources, one) && std::getline(targets, other); ++line) {
      const int n = int(toy_vocabulary().encode(one).size()), m = int(toy_vocabulary().encode(other).size());
      for (int t = 0; t < m; ++t) {
        const TokenLink link = {int((line * 7 + t) % n), t};
        expected[line].push_back(link);
        text += (t > 0 ? " " : "") + std::to_string(link.source) + "-" + std::to_string(link.target);
      }
      text += "\n";
    }
    data.guided_alignment = folder.file("align", text);
    data.tempdir = folder.path();
    data.seed = 5;
    data.max_length = 1000;
  }

  void expect_own_links(const CorpusOptions& options) const {
    Corpus corpus(data, toy_vocabulary(), toy_vocabulary(), options);
    for (const std::int64_t epoch : {1, 2}) {
      corpus.start_epoch(epoch);
      int count = 0;
      for (SentencePair pair; corpus.next(pair); ++count) ASSERT_EQ(pair.alignment, expected.at(pair.line));
      EXPECT_EQ(count, lines);
    }
  }

  Folder folder;
  DataOptions data;
  std::map<std::int64_t, Links> expected;
};

TEST_F(GuidedCorpus, GivesEachPairItsOwnLinksWhereverItWasKept) {
  for (const char* shuffle : {"data", "batches", "none"}) {
    data.shuffle = shuffle;
    for (const std::size_t budget : {std::size_t(1), std::size_t(4000), std::size_t(30000), std::size_t(1) << 30}) {
      SCOPED_TRACE(std::string(shuffle) + " " + std::to_string(budget));
      expect_own_links({.memory_budget = budget});
    }
  }
}

TEST_F(GuidedCorpus, ReachesBatchesAlsoAfterASkip) {
  data.mini_batch = 7;
  data.maxi_batch = 3;
  BatchReader reader(data, toy_vocabulary(), toy_vocabulary());
  DataPosition middle;
  std::vector<Batch> rest;
  for (int i = 0; i < 60; ++i) {
    const auto batch = reader.next();
    if (!batch) break;
    ASSERT_EQ(batch->link_offsets.size(), std::size_t(batch->sentences()) + 1);
    for (int s = 0; s < batch->sentences(); ++s) {
      const Links links(batch->links.begin() + batch->link_offsets[std::size_t(s)],
                        batch->links.begin() + batch->link_offsets[std::size_t(s) + 1]);
      ASSERT_EQ(links, expected.at(batch->lines[std::size_t(s)]));
    }
    if (i == 20) middle = reader.position();
    if (i > 20) rest.push_back(*batch);
  }
  reader.restore(middle);
  for (const Batch& batch : rest) EXPECT_EQ(*reader.next(), batch);
}

TEST_F(GuidedCorpus, LeavesOutTheLinksOfPairsThatAreLeftOut) {
  data.train_sets = {folder.file("s", "house\n\ntree dog\n"), folder.file("t", "Haus\nBaum\nBaum Hund\n")};
  data.guided_alignment = folder.file("align", "0-0\nnonsense of a pair that is skipped\n1-0\n");
  data.shuffle = "none";
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary());
  corpus.start_epoch(1);
  SentencePair pair;
  ASSERT_TRUE(corpus.next(pair));
  EXPECT_EQ(pair.alignment, (Links{{0, 0}}));
  ASSERT_TRUE(corpus.next(pair));
  EXPECT_EQ(pair.alignment, (Links{{1, 0}}));
  EXPECT_FALSE(corpus.next(pair));
}

TEST_F(GuidedCorpus, CropsLinksWithTheirSentences) {
  data.max_length = 4;
  data.max_length_crop = true;
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary());
  corpus.start_epoch(1);
  int count = 0;
  for (SentencePair pair; corpus.next(pair); ++count) {
    for (const TokenLink& link : pair.alignment) {
      ASSERT_LT(link.source, int(pair.source.size()));
      ASSERT_LT(link.target, int(pair.target.size()));
    }
  }
  EXPECT_EQ(count, lines);
}

TEST_F(GuidedCorpus, WorksWithTabSeparatedColumns) {
  data.train_sets = {folder.file("tsv", "house\tHaus\ntree\tBaum\n")};
  data.tsv = true;
  data.guided_alignment = folder.file("align", "0-0\n\n");
  data.shuffle = "none";
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary());
  corpus.start_epoch(1);
  SentencePair pair;
  ASSERT_TRUE(corpus.next(pair));
  EXPECT_EQ(pair.alignment, (Links{{0, 0}}));
  ASSERT_TRUE(corpus.next(pair));
  EXPECT_TRUE(pair.alignment.empty());
}

TEST_F(GuidedCorpus, WhatDoesNotFitTogetherIsAnError) {
  const auto error = [&](const std::string& links, CorpusOptions options = {}) {
    data.guided_alignment = folder.file("align", links);
    return error_of([&] {
      Corpus corpus(data, toy_vocabulary(), toy_vocabulary(), options);
      corpus.start_epoch(1);
      for (SentencePair pair; corpus.next(pair);) continue;
    });
  };
  data.train_sets = {folder.file("s", "house\ntree\n"), folder.file("t", "Haus\nBaum\n")};
  const std::string s = folder / "s", align = folder / "align";
  for (const char* shuffle : {"data", "none"}) {
    data.shuffle = shuffle;
    EXPECT_EQ(error("0-0\n"),
              s + " has 2 lines but " + align + " has 1: expected as many, a line of links about each pair");
    EXPECT_EQ(error("0-0\n0-0\n0-0\n0-0\n"),
              s + " has 2 lines but " + align + " has 4: expected as many, a line of links about each pair");
    EXPECT_THAT(error("0-0\n0-100\n"), HasSubstr(align + " line 2: link 0-100: expected a target token from 0 to "));
    EXPECT_THAT(error("0-0\n0\n"), HasSubstr(align + " line 2: expected links such as 0-0"));
  }
  EXPECT_THAT(error("0-0\n0-0\n", {.alphas = {0.1, 0}}), HasSubstr("guided-alignment: its links are between pieces"));
  data.guided_alignment = "-";
  EXPECT_THAT(error_of([&] { Corpus(data, toy_vocabulary(), toy_vocabulary()); }),
              HasSubstr("guided-alignment: expected a file, found standard input"));
  data.guided_alignment = folder / "none";
  EXPECT_THAT(error_of([&] {
                Corpus corpus(data, toy_vocabulary(), toy_vocabulary());
                corpus.start_epoch(1);
              }),
              HasSubstr(folder / "none"));
}

}  // namespace
}  // namespace dragoman
