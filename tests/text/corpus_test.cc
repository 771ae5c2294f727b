#include "text/corpus.h"

#include <gmock/gmock.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "text/text_support.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::Folder;
using ::testing::HasSubstr;
using testing::toy_corpus;
using testing::toy_vocabulary;
using Pairs = std::vector<SentencePair>;

constexpr int lines = 500;

DataOptions toy_data(const Folder& folder) {
  const auto [source, target] = toy_corpus(lines);
  DataOptions data;
  data.train_sets = {folder.file("s", source), folder.file("t", target)};
  data.tempdir = folder.path();
  data.seed = 5;
  data.max_length = 1000;
  return data;
}

Pairs rest_of(Corpus& corpus) {
  Pairs pairs;
  for (SentencePair pair; corpus.next(pair);) pairs.push_back(pair);
  return pairs;
}
Pairs epoch_of(Corpus& corpus, std::int64_t epoch, std::int64_t skip = 0) {
  corpus.start_epoch(epoch, skip);
  return rest_of(corpus);
}
Pairs epoch_of(const DataOptions& data, const CorpusOptions& options, std::int64_t epoch, std::int64_t skip = 0) {
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary(), options);
  return epoch_of(corpus, epoch, skip);
}
std::vector<std::int64_t> line_numbers(const Pairs& pairs) {
  std::vector<std::int64_t> numbers;
  for (const SentencePair& pair : pairs) numbers.push_back(pair.line);
  return numbers;
}
std::size_t files_in(const Folder& folder) {
  return std::size_t(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(Corpus, GivesEachPairOnceInAnOrderOfEpochAndSeed) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary());
  const Pairs first = epoch_of(corpus, 1), second = epoch_of(corpus, 2), first_again = epoch_of(corpus, 1);
  EXPECT_EQ(first, first_again);
  EXPECT_NE(first, second);
  for (const Pairs& pairs : {first, second}) {
    std::vector<std::int64_t> numbers = line_numbers(pairs);
    EXPECT_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
    std::sort(numbers.begin(), numbers.end());
    ASSERT_EQ(numbers.size(), std::size_t(lines));
    for (int i = 0; i < lines; ++i) EXPECT_EQ(numbers[std::size_t(i)], i + 1);
  }
  data.seed = 6;
  EXPECT_NE(epoch_of(data, {}, 1), first);
  std::istringstream sources(toy_corpus(lines).first);
  std::vector<std::string> text;
  for (std::string line; std::getline(sources, line);) text.push_back(line);
  for (const SentencePair& pair : first) {
    EXPECT_EQ(toy_vocabulary().decode(pair.source), text[std::size_t(pair.line - 1)]);
  }
}

TEST(Corpus, OrderAndSamplesDoNotDependOnTheMemoryBudget) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  for (const std::vector<double>& alphas : {std::vector<double>{}, std::vector<double>{0.1, 0.1}}) {
    const Pairs expected = epoch_of(data, {.alphas = alphas}, 3);
    for (const std::size_t budget : {1, 300, 4000, 30000}) {  // the last two: one pass of buckets, and a cut cache
      const CorpusOptions options = {.alphas = alphas, .memory_budget = budget};
      Corpus corpus(data, toy_vocabulary(), toy_vocabulary(), options);
      epoch_of(corpus, 2);
      EXPECT_EQ(epoch_of(corpus, 3), expected) << budget;
    }
    data.shuffle_in_ram = true;
    EXPECT_EQ(epoch_of(data, {.alphas = alphas, .memory_budget = 1}, 3), expected);
    data.shuffle_in_ram = false;
  }
}

TEST(Corpus, SamplesAnewInEachEpoch) {
  const Folder folder;
  const DataOptions data = toy_data(folder);
  Corpus corpus(data, toy_vocabulary("bpe"), toy_vocabulary("bpe"), {.alphas = {0, 0.2}});
  const auto by_line = [](Pairs pairs) {
    std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
    return pairs;
  };
  const Pairs first = by_line(epoch_of(corpus, 1)), second = by_line(epoch_of(corpus, 2));
  int same_targets = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].source, second[i].source);
    EXPECT_EQ(toy_vocabulary("bpe").decode(first[i].target), toy_vocabulary("bpe").decode(second[i].target));
    same_targets += first[i].target == second[i].target;
  }
  EXPECT_LT(same_targets, lines / 2);
}

TEST(Corpus, ContinuesInTheMiddleOfAnEpoch) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.max_length = 20;  // some pairs are skipped
  for (const char* const shuffle : {"data", "batches"}) {
    data.shuffle = shuffle;
    for (const std::size_t budget : {std::size_t(100), std::size_t(3000), std::size_t(1) << 30}) {
      const CorpusOptions options = {.alphas = {0.1, 0}, .memory_budget = budget};
      Corpus corpus(data, toy_vocabulary(), toy_vocabulary(), options);
      for (const int given : {0, 1, 77, 200}) {
        corpus.start_epoch(2);
        SentencePair pair;
        for (int i = 0; i < given; ++i) ASSERT_TRUE(corpus.next(pair));
        const std::int64_t consumed = corpus.consumed();
        const Pairs rest = rest_of(corpus);
        EXPECT_EQ(epoch_of(data, options, 2, consumed), rest);
        EXPECT_EQ(epoch_of(corpus, 2, consumed), rest);
      }
      EXPECT_TRUE(epoch_of(corpus, 2, lines).empty());
      EXPECT_TRUE(epoch_of(corpus, 2, 10 * lines).empty());
    }
  }
}

TEST(Corpus, KeepsTheOrderOfLinesIfTheyAreNotToBeShuffled) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.shuffle = "none";
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary());
  for (const int epoch : {1, 2}) {
    const std::vector<std::int64_t> numbers = line_numbers(epoch_of(corpus, epoch));
    ASSERT_EQ(numbers.size(), std::size_t(lines));
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

TEST(Corpus, SkipsOrCropsWhatIsTooLong) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  const auto longer = [](const SentencePair& pair) { return pair.source.size() > 20 || pair.target.size() > 20; };
  const Pairs all = epoch_of(data, {}, 1);
  const auto over = std::count_if(all.begin(), all.end(), longer);
  ASSERT_GT(over, 10);
  ASSERT_LT(over, lines - 10);
  data.max_length = 20;
  Corpus skipping(data, toy_vocabulary(), toy_vocabulary());
  EXPECT_EQ(std::int64_t(epoch_of(skipping, 1).size()), lines - over);
  EXPECT_EQ(std::int64_t(epoch_of(skipping, 2).size()), lines - over);
  EXPECT_EQ(skipping.report()[Flaw::too_long].count, over);  // of one epoch, not of two
  data.max_length_crop = true;
  Corpus cropping(data, toy_vocabulary(), toy_vocabulary());
  const Pairs cropped = epoch_of(cropping, 1);
  ASSERT_EQ(cropped.size(), all.size());
  EXPECT_EQ(std::count_if(cropped.begin(), cropped.end(), longer), 0);
  EXPECT_GE(cropping.report()[Flaw::cropped].count, over);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(std::equal(cropped[i].source.begin(), cropped[i].source.end(), all[i].source.begin()));
  }
}

TEST(Corpus, ReportsFlawsOnce) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  // U+200B is text, but the vocabulary's normalisation removes it.
  data.train_sets = {folder.file("s", "the dog\n\n\xFFthe\n\xE2\x80\x8B\nold\n"), folder.file("t", "a\nb\nc\nd\ne\n")};
  for (const char* const shuffle : {"data", "none"}) {
    data.shuffle = shuffle;
    for (const std::size_t budget : {std::size_t(10), std::size_t(1) << 20}) {
      Corpus corpus(data, toy_vocabulary(), toy_vocabulary(), {.memory_budget = budget});
      for (const int epoch : {1, 2, 3}) EXPECT_EQ(epoch_of(corpus, epoch).size(), 3u);
      epoch_of(corpus, 1);
      EXPECT_EQ(corpus.report()[Flaw::empty].count, 2);
      EXPECT_EQ(corpus.report()[Flaw::empty].line, 2);
      EXPECT_EQ(corpus.report()[Flaw::empty].file, folder / "s");
      EXPECT_EQ(corpus.report()[Flaw::invalid_utf8].count, 1);
    }
  }
}

TEST(Corpus, SharesAreDisjointAndCompleteInEveryEpoch) {
  const Folder folder;
  const DataOptions data = toy_data(folder);
  for (const int epoch : {1, 2}) {
    std::multiset<std::int64_t> seen;
    for (int share = 0; share < 3; ++share) {
      const Pairs pairs = epoch_of(data, {.share = share, .shares = 3}, epoch);
      EXPECT_NEAR(double(pairs.size()), lines / 3.0, 1);
      for (const SentencePair& pair : pairs) seen.insert(pair.line);
    }
    EXPECT_EQ(seen.size(), std::size_t(lines));
    EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), std::size_t(lines));
  }
}

std::string toy_rows(int count) {
  const auto [source, target] = toy_corpus(count);
  std::istringstream sources(source), targets(target);
  std::string rows;
  for (std::string s, t; std::getline(sources, s) && std::getline(targets, t);) rows += s + "\t" + t + "\n";
  return rows;
}

TEST(Corpus, ReadsStandardInputWholeIfItIsToBeShuffled) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.train_sets = {folder.file("tsv", toy_rows(100))};
  data.tsv = true;
  const Pairs expected = epoch_of(data, {}, 2);
  ASSERT_EQ(expected.size(), 100u);
  data.train_sets = {"stdin"};
  data.tsv = false;
  testing::StandardInput input(toy_rows(100));
  input.end();
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary(), {.memory_budget = 1000});
  EXPECT_FALSE(corpus.single_pass());
  EXPECT_NE(epoch_of(corpus, 1), expected);
  EXPECT_EQ(epoch_of(corpus, 2), expected);
}

TEST(Corpus, StreamsStandardInputOnceIfItIsNotToBeShuffled) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.train_sets = {"-"};
  data.shuffle = "batches";
  testing::StandardInput input(toy_rows(100));  // and it does not end, but the lines are there
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary());
  EXPECT_TRUE(corpus.single_pass());
  corpus.start_epoch(1, 10);
  SentencePair pair;
  for (int i = 11; i <= 100; ++i) {
    ASSERT_TRUE(corpus.next(pair));
    EXPECT_EQ(pair.line, i);
  }
  input.end();
  EXPECT_FALSE(corpus.next(pair));
  EXPECT_THAT(error_of([&] { corpus.start_epoch(2); }), HasSubstr("no epoch 2"));
  EXPECT_THAT(error_of([&] { corpus.start_epoch(1); }), HasSubstr("cannot be read again"));
}

TEST(Corpus, LeavesNoTemporaryFilesEvenWhileItRuns) {
  const Folder folder;
  const DataOptions data = toy_data(folder);
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary(), {.memory_budget = 500});
  corpus.start_epoch(1);
  SentencePair pair;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(corpus.next(pair));
  EXPECT_EQ(files_in(folder), 2u);  // the corpus itself
}

TEST(Corpus, NamesATempdirThatCannotBeUsed) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.tempdir = folder / "none";
  EXPECT_EQ(epoch_of(data, {}, 1).size(), std::size_t(lines));  // not needed
  EXPECT_EQ(error_of([&] { epoch_of(data, {.memory_budget = 100}, 1); }),
            "tempdir: cannot make a temporary file in " + (folder / "none") + ": No such file or directory");
}

TEST(Corpus, ChecksSettings) {
  const Folder folder;
  const auto error_with = [&](auto change) {
    DataOptions data = toy_data(folder);
    CorpusOptions options;
    change(data, options);
    return error_of([&] { Corpus(data, toy_vocabulary(), toy_vocabulary(), options); });
  };
  EXPECT_EQ(error_with([](auto& data, auto&) { data.shuffle = "lines"; }),
            "shuffle: expected data, batches or none, found 'lines'");
  EXPECT_THAT(error_with([](auto& data, auto&) { data.max_length = 0; }), HasSubstr("max-length: 0"));
  EXPECT_THAT(error_with([](auto& data, auto&) { data.train_sets.clear(); }), HasSubstr("train-sets: 0 files"));
  EXPECT_THAT(error_with([](auto&, auto& options) { options.alphas = {0.5}; }),
              HasSubstr("sentencepiece-alphas: 1 number, expected 2"));
  EXPECT_THAT(error_with([](auto&, auto& options) { options.alphas = {0.5, -1}; }), HasSubstr("expected 0 to 1"));
  EXPECT_THAT(error_with([](auto&, auto& options) { options.share = 2; }), HasSubstr("share 2 of 1"));
}

TEST(Corpus, ReportsUnequalFilesAndCanBeAskedAgain) {
  const Folder folder;
  DataOptions data = toy_data(folder);
  data.train_sets[1] = folder.file("shorter", "a\nb\n");
  Corpus corpus(data, toy_vocabulary(), toy_vocabulary());
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(error_of([&] { corpus.start_epoch(1); }),
                HasSubstr("has 500 lines but " + (folder / "shorter") + " has 2"));
  }
}

TEST(TempFile, GivesBackWhatWasWritten) {
  const Folder folder;
  TempFile file(folder.path());
  const std::string large(3 * TempFile::buffer_bytes + 5, 'x');
  for (const std::string& text : {std::string("abc"), large, std::string("defghi")}) file.write(text);
  file.finish();
  EXPECT_EQ(file.size(), large.size() + 9);
  for (int i = 0; i < 2; ++i) {
    TempFile::Reader reader(file);
    std::string text(3, '?');
    ASSERT_TRUE(reader.read(text.data(), 3));
    EXPECT_EQ(text, "abc");
    reader.skip(large.size() - 1);
    ASSERT_TRUE(reader.read(text.data(), 3));
    EXPECT_EQ(text, "xde");
    reader.skip(1);
    EXPECT_FALSE(reader.read(text.data(), 4));
    ASSERT_TRUE(reader.read(text.data(), 3));
    EXPECT_EQ(text, "ghi");
    EXPECT_FALSE(reader.read(text.data(), 1));
  }
}

TEST(BucketShuffle, KeepsToItsMemoryAndToTheOrderOfAShuffleInMemory) {
  const Folder folder;
  constexpr std::size_t budget = 1 << 20;
  constexpr int pairs = 120000;
  TempFile file(folder.path());
  std::vector<std::pair<std::uint64_t, std::int64_t>> expected;
  const Random order(11);
  const std::string text(400, 'x');
  for (int line = 1; line <= pairs; ++line) {
    const std::size_t length = Random(std::uint64_t(line)).below(400);
    write_pair(file, {std::string_view(text).substr(0, length), "target", line});
    expected.emplace_back(shuffle_key(order, line), line);
  }
  file.finish();
  ASSERT_GT(file.size(), 20 * budget);
  std::sort(expected.begin(), expected.end());

  // What is allocated, looked at from a second thread all the time.
  const auto allocated = [] {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const std::size_t before = allocated();
  std::atomic<std::size_t> most = before;
  std::jthread watch([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      most = std::max(most.load(), allocated());
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  {
    BucketShuffle shuffle(file, pairs, order, budget, folder.path());
    std::size_t i = 0;
    for (PairView pair; shuffle.next(pair); ++i) {
      ASSERT_LT(i, expected.size());
      ASSERT_EQ(pair.line, expected[i].second);
      ASSERT_EQ(pair.source.size(), Random(std::uint64_t(pair.line)).below(400));
    }
    EXPECT_EQ(i, expected.size());
  }
  watch.request_stop();
  watch.join();
  EXPECT_LT(most - before, budget + (5 << 20) + (1 << 19)) << "and half a MiB for the test itself";

  BucketShuffle shuffle(file, pairs, order, budget, folder.path());
  std::size_t i = 0;
  PairView pair;
  for (const int skip : {1, 5000, 7, 60000}) {
    shuffle.skip(skip);
    i += std::size_t(skip);
    ASSERT_TRUE(shuffle.next(pair));
    EXPECT_EQ(pair.line, expected[i++].second);
  }
  shuffle.skip(pairs);
  EXPECT_FALSE(shuffle.next(pair));
}

}  // namespace
}  // namespace dragoman
