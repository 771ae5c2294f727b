#include "text/batch_reader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <thread>

#include "text/text_support.h"
#include "text/validation_set.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::Folder;
using ::testing::HasSubstr;
using testing::toy_corpus;
using testing::toy_vocabulary;
using Batches = std::vector<std::optional<Batch>>;

constexpr int lines = 300;

DataOptions toy_data(const Folder& folder) {
  const auto [source, target] = toy_corpus(lines);
  DataOptions data;
  data.train_sets = {folder.file("s", source), folder.file("t", target)};
  data.tempdir = folder.path();
  data.seed = 5;
  data.max_length = 60;
  data.mini_batch = 8;
  data.maxi_batch = 5;
  return data;
}

/// Batches to the end of the epoch.
std::vector<Batch> epoch_of(BatchReader& reader) {
  std::vector<Batch> batches;
  while (std::optional<Batch> batch = reader.next()) batches.push_back(std::move(*batch));
  return batches;
}
std::vector<Batch> epoch_of(const DataOptions& data, const BatchReaderOptions& options = {}) {
  BatchReader reader(data, toy_vocabulary(), toy_vocabulary(), options);
  return epoch_of(reader);
}

TEST(Batch, IsRaggedAndEndsEachSentence) {
  Batch batch;
  batch.add({{5, 6}, {7}, 3}, 0, 2);
  batch.add({{}, {8, 9}, 4}, 0, 2);
  EXPECT_THAT(batch.source_ids, ElementsAre(5, 6, 0, 0));
  EXPECT_THAT(batch.source_offsets, ElementsAre(0, 3, 4));
  EXPECT_THAT(batch.target_ids, ElementsAre(7, 2, 8, 9, 2));
  EXPECT_THAT(batch.target_offsets, ElementsAre(0, 2, 5));
  EXPECT_THAT(batch.lines, ElementsAre(3, 4));
  EXPECT_EQ(batch.sentences(), 2);
  EXPECT_EQ(batch.source_words(), 4);
  EXPECT_EQ(batch.target_words(), 5);
}

std::vector<SentencePair> pairs_of_lengths(const std::vector<std::pair<int, int>>& lengths) {
  std::vector<SentencePair> pairs;
  for (const auto& [source, target] : lengths) {
    pairs.push_back({std::vector<int>(std::size_t(source), 5), std::vector<int>(std::size_t(target), 6),
                     std::int64_t(pairs.size()) + 1});
  }
  return pairs;
}
std::vector<std::vector<std::int64_t>> lines_of(const std::vector<Batch>& batches) {
  std::vector<std::vector<std::int64_t>> result;
  for (const Batch& batch : batches) result.push_back(batch.lines);
  return result;
}

TEST(MakeBatches, SortsByTargetThenSourceOrTheOtherWay) {
  const auto pairs = pairs_of_lengths({{3, 9}, {9, 3}, {2, 9}, {4, 4}});
  const auto batches = [&](BatchRule::Sort sort) {
    return lines_of(make_batches(pairs, {.sentences = 2, .sort = sort}, 0, 0, Random()));
  };
  EXPECT_THAT(batches(BatchRule::Sort::target), ElementsAre(ElementsAre(2, 4), ElementsAre(3, 1)));
  EXPECT_THAT(batches(BatchRule::Sort::source), ElementsAre(ElementsAre(3, 1), ElementsAre(4, 2)));
  EXPECT_THAT(batches(BatchRule::Sort::none), ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4)));
}

TEST(MakeBatches, CountsWordsWithSentenceEnds) {
  const auto pairs = pairs_of_lengths({{9, 1}, {9, 1}, {9, 1}, {9, 9}, {9, 1}});
  EXPECT_THAT(lines_of(make_batches(pairs, {.sentences = 0, .target_words = 4}, 0, 0, Random())),
              ElementsAre(ElementsAre(1, 2), ElementsAre(3), ElementsAre(4), ElementsAre(5)));
  EXPECT_THAT(lines_of(make_batches(pairs, {.sentences = 0, .words_that_fit = 24}, 0, 0, Random())),
              ElementsAre(ElementsAre(1, 2), ElementsAre(3), ElementsAre(4), ElementsAre(5)));
  EXPECT_THAT(lines_of(make_batches(pairs, {.sentences = 0, .words_that_fit = 23}, 0, 0, Random())).size(), 5u);
}

TEST(BatchReader, GivesEachPairOnceInEveryEpoch) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  BatchReader reader(data, toy_vocabulary(), toy_vocabulary());
  std::vector<std::vector<Batch>> epochs;
  for (int epoch = 1; epoch <= 2; ++epoch) {
    EXPECT_EQ(reader.position(), (DataPosition{epoch, 0, 0}));
    epochs.push_back(epoch_of(reader));
    std::multiset<std::int64_t> seen;
    for (const Batch& batch : epochs.back()) {
      EXPECT_LE(batch.sentences(), 8);
      seen.insert(batch.lines.begin(), batch.lines.end());
      EXPECT_EQ(batch.source_offsets.back(), batch.source_words());
      for (int i = 0; i < batch.sentences(); ++i) {
        EXPECT_EQ(batch.target_ids[std::size_t(batch.target_offsets[std::size_t(i) + 1] - 1)], 0);
      }
    }
    EXPECT_EQ(seen.size(), std::size_t(lines));
    EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), std::size_t(lines));
  }
  EXPECT_NE(epochs[0], epochs[1]);
}

TEST(BatchReader, IsTheSameHoweverFarItReadsAhead) {
  const Folder folder;
  const DataOptions data = toy_data(folder);
  const std::vector<Batch> expected = epoch_of(data, {.prefetch = 1});
  EXPECT_EQ(epoch_of(data, {.prefetch = 1000}), expected);
  EXPECT_EQ(epoch_of(data, {.corpus = {.memory_budget = 1000}, .prefetch = 3}), expected);
}

TEST(BatchReader, KeepsToTheWordsAsked) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.mini_batch_words = 100;
  std::size_t full = 0;
  const std::vector<Batch> by_words = epoch_of(data);
  for (const Batch& batch : by_words) {
    EXPECT_LE(batch.target_words(), 100);
    full += batch.target_words() > 60;
  }
  EXPECT_GT(full, by_words.size() / 2);
  data.mini_batch_fit = true;
  bool words_limit = false, fit_limit = false;
  for (const Batch& batch : epoch_of(data, {.words_that_fit = 150})) {
    EXPECT_LE(batch.target_words(), 100);
    EXPECT_LE(batch.source_words() + batch.target_words(), 150);
    words_limit |= batch.target_words() > 80;
    fit_limit |= batch.source_words() + batch.target_words() > 130;
  }
  EXPECT_TRUE(fit_limit);
  EXPECT_EQ(error_of([&] { epoch_of(data); }), "mini-batch-fit: not a single word fits a workspace of 2048 MiB");
}

TEST(BatchReader, SortedBatchesHaveLikeLengths) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.maxi_batch = 100;
  const auto spread = [&] {
    int sum = 0;
    for (const Batch& batch : epoch_of(data)) {
      int shortest = 1000, longest = 0;
      for (std::size_t i = 0; i < batch.lines.size(); ++i) {
        const int length = batch.target_offsets[i + 1] - batch.target_offsets[i];
        shortest = std::min(shortest, length);
        longest = std::max(longest, length);
      }
      sum += longest - shortest;
    }
    return sum;
  };
  const int sorted = spread();
  data.maxi_batch_sort = "none";
  EXPECT_LT(10 * sorted, spread());
}

TEST(BatchReader, ShufflesLinesOrBatchesOrNothing) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.maxi_batch_sort = "none";
  data.shuffle = "none";
  const std::vector<Batch> in_order = epoch_of(data);
  std::int64_t line = 0;
  for (const Batch& batch : in_order) {
    for (const std::int64_t found : batch.lines) EXPECT_EQ(found, ++line);
  }
  data.shuffle = "batches";
  std::vector<Batch> batches = epoch_of(data);
  EXPECT_NE(batches, in_order);
  std::sort(batches.begin(), batches.end(), [](const Batch& a, const Batch& b) { return a.lines < b.lines; });
  EXPECT_EQ(batches, in_order);
}

TEST(BatchReader, ContinuesBitForBitFromAnyPosition) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.max_length = 30;
  struct Case {
    const char* shuffle;
    std::size_t budget;
    std::vector<double> alphas;
    int words;
  };
  for (const Case& c : {Case{"data", 1 << 30, {}, 0}, Case{"data", 1 << 30, {0.1, 0.1}, 70}, Case{"data", 2000, {}, 70},
                        Case{"data", 2000, {0.1, 0.1}, 0}, Case{"batches", 2000, {0, 0.1}, 0}}) {
    data.shuffle = c.shuffle;
    data.mini_batch_words = c.words;
    const BatchReaderOptions options = {.corpus = {.alphas = c.alphas, .memory_budget = c.budget}, .prefetch = 4};
    BatchReader whole(data, toy_vocabulary(), toy_vocabulary(), options);
    Batches batches;  // two epochs, and a little of the third
    std::vector<DataPosition> positions = {whole.position()};
    for (int ends = 0, more = 10; more > 0; more -= ends == 2) {
      batches.push_back(whole.next());
      positions.push_back(whole.position());
      ends += !batches.back();
    }
    ASSERT_GT(batches.size(), 60u);
    BatchReader restored(data, toy_vocabulary(), toy_vocabulary(), options);
    for (std::size_t start = 0; start < batches.size(); start += start % 7 == 0 ? 1 : 6) {
      // In a new reader at first, then by turning back one that is already somewhere.
      std::optional<BatchReader> fresh;
      if (start < 40) fresh.emplace(data, toy_vocabulary(), toy_vocabulary(), options, positions[start]);
      BatchReader& reader = fresh ? *fresh : restored;
      if (!fresh) reader.restore(positions[start]);
      EXPECT_EQ(reader.position(), positions[start]);
      for (std::size_t i = start; i < batches.size(); ++i) {
        ASSERT_EQ(reader.next(), batches[i]) << "batch " << i << " after starting at " << start;
        ASSERT_EQ(reader.position(), positions[i + 1]);
      }
    }
  }
}

TEST(BatchReader, GivesErrorsOfTheBackgroundThread) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.train_sets[1] = folder.file("shorter", "a\n");
  BatchReader reader(data, toy_vocabulary(), toy_vocabulary());
  for (int i = 0; i < 2; ++i) EXPECT_THAT(error_of([&] { reader.next(); }), HasSubstr("has 300 lines"));
  data.train_sets[1] = folder / "none";
  EXPECT_THAT(error_of([&] { epoch_of(data); }), HasSubstr("cannot open " + (folder / "none")));
}

TEST(BatchReader, ReportsACorpusWithoutUsablePairs) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.train_sets = {folder.file("s", "the old dog\n\n"), folder.file("t", "a\nb\n")};
  data.max_length = 1;
  EXPECT_EQ(error_of([&] { epoch_of(data); }),
            "train-sets: no usable sentence pair; 1 line skipped: one side is empty (first: " + (folder / "s") +
                " line 2); 1 line skipped: longer than max-length (first: " + (folder / "s") + " line 1)");
  data.train_sets = {folder.file("s", ""), folder.file("t", "")};
  EXPECT_EQ(error_of([&] { epoch_of(data); }), "train-sets: no usable sentence pair; no lines at all");
}

TEST(BatchReader, GivesTheReportOfTheFirstEpoch) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.train_sets = {folder.file("s", "the\n\nold\n"), folder.file("t", "a\nb\nc\xFF\n")};
  BatchReader reader(data, toy_vocabulary(), toy_vocabulary());
  for (int i = 0; i < 3; ++i) epoch_of(reader);
  EXPECT_EQ(reader.report()[Flaw::empty].count, 1);
  EXPECT_EQ(reader.report()[Flaw::invalid_utf8].count, 1);
}

TEST(BatchReader, EndsWhileItWaitsForStandardInput) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.train_sets = {"stdin"};
  for (const char* const shuffle : {"data", "none"}) {
    data.shuffle = shuffle;
    const testing::StandardInput input("the dog\tder Hund\n");  // does not end
    BatchReader reader(data, toy_vocabulary(), toy_vocabulary());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST(BatchReader, StreamsStandardInputForOneEpoch) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.train_sets = {"stdin"};
  data.shuffle = "none";
  testing::StandardInput input("the dog\tder Hund\nold\talt\n");
  input.end();
  BatchReader reader(data, toy_vocabulary(), toy_vocabulary());
  EXPECT_TRUE(reader.single_pass());
  EXPECT_EQ(epoch_of(reader).size(), 1u);
  EXPECT_THAT(error_of([&] { reader.next(); }), HasSubstr("standard input can be read only once"));
}

TEST(BatchReader, SharesAreDisjointAndComplete) {
  const Folder folder;
  const DataOptions data = toy_data(folder);
  std::multiset<std::int64_t> seen;
  for (const int share : {0, 1}) {
    for (const Batch& batch : epoch_of(data, {.corpus = {.share = share, .shares = 2}})) {
      seen.insert(batch.lines.begin(), batch.lines.end());
    }
  }
  EXPECT_EQ(seen.size(), std::size_t(lines));
  EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), std::size_t(lines));
}

TEST(BatchReader, ChecksSettings) {
  const Folder folder;
  const auto error_with = [&](auto change) {
    DataOptions data = toy_data(folder);
    change(data);
    return error_of([&] { epoch_of(data); });
  };
  EXPECT_EQ(error_with([](DataOptions& d) { d.mini_batch = 0; }), "mini-batch: 0, expected at least 1");
  EXPECT_EQ(error_with([](DataOptions& d) { d.maxi_batch = 0; }), "maxi-batch: 0, expected at least 1");
  EXPECT_EQ(error_with([](DataOptions& d) { d.mini_batch_words = -1; }),
            "mini-batch-words: -1, expected 0 (off) or more");
  EXPECT_EQ(error_with([](DataOptions& d) { d.maxi_batch_sort = "len"; }),
            "maxi-batch-sort: expected trg, src or none, found 'len'");
  EXPECT_THAT(error_of([&] {
                BatchReader(toy_data(folder), toy_vocabulary(), toy_vocabulary(), {}, DataPosition{0, 0, 0});
              }),
              HasSubstr("epoch 0"));
}

TEST(ValidationSet, KeepsAllPairsInOrder) {
  const Folder folder;
  const PairFiles files = {{folder.file("s", "the dog\n\nold tree house\n"), folder.file("t", "der Hund\nx\n\n")}};
  const ValidationSet set = read_validation_set(files, toy_vocabulary(), toy_vocabulary(), 2);
  EXPECT_THAT(set.sources, ElementsAre("the dog", "", "old tree house"));
  EXPECT_THAT(set.targets, ElementsAre("der Hund", "x", ""));
  const std::vector<Batch> batches = set.batches(2, toy_vocabulary(), toy_vocabulary());
  EXPECT_THAT(lines_of(batches), ElementsAre(ElementsAre(1, 2), ElementsAre(3)));
  EXPECT_EQ(batches[0].source_offsets[2] - batches[0].source_offsets[1], 1);  // </s>
  EXPECT_LE(batches[1].source_words(), 3);
  EXPECT_EQ(batches[1].target_words(), 1);
  EXPECT_GT(set.report[Flaw::cropped].count, 0);
  EXPECT_EQ(read_validation_set(files, toy_vocabulary(), toy_vocabulary(), 0).report[Flaw::cropped].count, 0);
}

TEST(ValidationSet, NamesTheSettingInErrors) {
  const Folder folder;
  const auto read = [](const PairFiles& files) { read_validation_set(files, toy_vocabulary(), toy_vocabulary(), 0); };
  EXPECT_THAT(error_of([&] { read({{"a"}}); }), HasSubstr("valid-sets: 1 file, expected 2"));
  EXPECT_THAT(error_of([&] { read({{folder.file("s", ""), folder.file("t", "")}}); }), HasSubstr("valid-sets"));
}

}  // namespace
}  // namespace dragoman
