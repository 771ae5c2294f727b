// The small parts of translating: batches, threads, formats, reports, outputs.

#include <gmock/gmock.h>

#include <atomic>
#include <numeric>

#include "translate/length_batches.h"
#include "translate/output_file.h"
#include "translate/output_format.h"
#include "translate/parallel.h"
#include "translate/score_summary.h"
#include "translate/suspicion.h"
#include "translate/translate_support.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(LengthBatches, PutsSentencesOfLikeLengthTogetherLongestFirst) {
  const std::vector<int> lengths = {3, 9, 1, 8, 2, 7, 3, 3};
  const auto batches = batches_by_length(lengths, {.mini_batch = 3}, true, 1);
  EXPECT_THAT(batches, ElementsAre(ElementsAre(1, 3, 5), ElementsAre(0, 6, 7), ElementsAre(4, 2)));
}

TEST(LengthBatches, KeepsTheOrderIfNotSorted) {
  const std::vector<int> lengths = {3, 9, 1, 8};
  EXPECT_THAT(batches_by_length(lengths, {.mini_batch = 3}, false, 1),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3)));
}

TEST(LengthBatches, CountsWordsIfAsked) {
  const std::vector<int> lengths = {4, 4, 4, 30, 4};
  EXPECT_THAT(batches_by_length(lengths, {.mini_batch_words = 10}, false, 1),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2), ElementsAre(3), ElementsAre(4)));
}

TEST(LengthBatches, GivesEveryThreadSomething) {
  const std::vector<int> lengths(16, 5);
  EXPECT_EQ(batches_by_length(lengths, {.mini_batch = 64}, true, 2).size(), 2u);
  EXPECT_EQ(batches_by_length(lengths, {.mini_batch = 64}, true, 8).size(), 4u);
}

TEST(LengthBatches, LimitsTheTokensOfABatch) {
  const std::vector<int> lengths(8, 1000);
  EXPECT_EQ(batches_by_length(lengths, {.mini_batch = 64}, true, 1).size(), 2u);
}

TEST(Parallel, DoesEachThingOnce) {
  for (const int threads : {1, 2, 5}) {
    std::vector<std::atomic<int>> done(100);
    for_each_parallel(threads, 100, [&](int worker, int index) {
      EXPECT_LT(worker, threads);
      ++done[std::size_t(index)];
    });
    for (const auto& count : done) EXPECT_EQ(count, 1);
  }
}

TEST(Parallel, PassesOnWhatIsThrown) {
  for (const int threads : {1, 3}) {
    EXPECT_THAT(error_of([&] {
                  for_each_parallel(threads, 50, [](int, int index) {
                    if (index == 20) throw Error("bad line");
                  });
                }),
                "bad line");
  }
}

TEST(Suspicions, KnowALoop) {
  EXPECT_TRUE(is_loop(std::vector{7, 7, 7, 7}));
  EXPECT_TRUE(is_loop(std::vector{1, 2, 3, 4, 5, 4, 5, 4, 5, 4, 5}));
  EXPECT_TRUE(is_loop(std::vector{9, 8, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1}));
  EXPECT_FALSE(is_loop(std::vector{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_FALSE(is_loop(std::vector{4, 5, 4, 5, 4, 5}));
  EXPECT_FALSE(is_loop(std::vector{1, 2, 3, 4, 5, 6, 7, 7, 7, 7}));  // "......" after a sentence
  EXPECT_FALSE(is_loop(std::vector<int>{}));
}

TEST(Suspicions, AreReportedWithTheirFirstLines) {
  SuspicionReport report;
  EXPECT_TRUE(report.sentences().empty());
  report.add(Suspicion::empty, 4);
  for (int line = 10; line < 30; ++line) report.add(Suspicion::loop, line);
  EXPECT_THAT(report.sentences(),
              ElementsAre("20 translations repeat themselves up to the length limit (lines 10, 11, 12, 13, 14, 15, 16, "
                          "17, ...)",
                          "1 line with text has an empty translation (line 4)"));
}

TEST(OutputFormat, IsMarians) {
  const Translation translation{
      .candidates = {
          {.text = "ein Haus", .score = -0.5, .log_probability = -1.5, .token_log_probabilities = {-1, -0.5}},
          {.text = "Haus", .score = -12.25, .log_probability = -123456.75, .token_log_probabilities = {}}}};
  EXPECT_EQ(format_translation(translation, 3, {}), "ein Haus\n");
  EXPECT_EQ(format_translation(translation, 3, {.word_scores = true}), "ein Haus ||| WordScores= -1.00000 -0.50000\n");
  EXPECT_EQ(format_translation(translation, 3, {.n_best = true}),
            "2 ||| ein Haus ||| F0= -1.5 ||| -0.5\n2 ||| Haus ||| F0= -123457 ||| -12.25\n");
  EXPECT_EQ(format_translation(translation, 3, {.n_best = true, .skip_cost = true}), "2 ||| ein Haus\n2 ||| Haus\n");
}

TEST(OutputFile, IsThereOnlyWhenItIsWhole) {
  const Folder folder;
  const std::string path = folder.file("out", "before");
  EXPECT_THROW(with_output(path,
                           [](const Write& write) {
                             write("half");
                             throw Interrupted{};
                           }),
               Interrupted);
  EXPECT_EQ(read_file(path), "before");
  with_output(path, [](const Write& write) {
    write("one\n");
    write("two\n");
  });
  EXPECT_EQ(read_file(path), "one\ntwo\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "nothing temporary is left";
}

TEST(OutputFile, DoesNotReplaceADevice) {
  with_output("/dev/null", [](const Write& write) { write("gone"); });
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(OutputFile, NamesAFileThatCannotBeWritten) {
  const Folder folder;
  const std::string file = folder.file("file", "");
  EXPECT_THAT(error_of([&] { with_output(file + "/out", [](const Write& write) { write("x"); }); }),
              HasSubstr(file + "/out"));
}

TEST(ScoreSummary, KnowsMariansFigures) {
  ScoreSummary summary;
  EXPECT_THAT(error_of([&] { summary.value("perplexity"); }), HasSubstr("no pairs"));
  summary.add(-6, 3);
  summary.add(-2, 1);
  EXPECT_DOUBLE_EQ(summary.value("cross-entropy"), 4);
  EXPECT_DOUBLE_EQ(summary.value("ce-mean"), 4);
  EXPECT_DOUBLE_EQ(summary.value("ce-mean-words"), 2);
  EXPECT_DOUBLE_EQ(summary.value("ce-sum"), 8);
  EXPECT_DOUBLE_EQ(summary.value("perplexity"), std::exp(2.0));
  EXPECT_THAT(error_of([&] { summary.value("bleu"); }), HasSubstr("bleu"));
}

}  // namespace
}  // namespace dragoman
