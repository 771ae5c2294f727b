// What the search itself costs next to the model. Not run by default; to see the numbers:
//   build/search_tests --gtest_also_run_disabled_tests --gtest_filter='SearchSpeed.*'

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <vector>

#include "base/random.h"
#include "search/search.h"

namespace dragoman {
namespace {

/// A scorer that costs nothing: rows are windows into one table of random scores, made beforehand.
class FreeScorer : public StepScorer {
 public:
  static constexpr int vocabulary = 32000;

  FreeScorer(int sentences, int beam) : sentences_(sentences), rows_(sentences) {
    Random random(1);
    const std::size_t most = std::size_t(sentences) * std::size_t(beam);
    table_.resize((most + 16) * vocabulary);
    for (float& score : table_) score = float(3 * random.normal()) - 15;
    for (std::size_t i = 0; i < table_.size(); i += 8000 + random.below(8000)) table_[i] = -1;  // peaks
    for (std::size_t i = 0; i < table_.size(); i += vocabulary) table_[i] = -30;                // </s>
  }
  int sentences() const override { return sentences_; }
  TokenId end_token() const override { return 0; }
  int vocabulary_size() const override { return vocabulary; }
  std::span<const float> advance(std::span<const TokenId>) override {
    scanned += rows_;
    const std::size_t shift = std::size_t(step_++ % 16) * vocabulary;
    return {table_.data() + shift, std::size_t(rows_) * vocabulary};
  }
  void reorder(std::span<const int> parents) override { rows_ = int(parents.size()); }

  long scanned = 0;

 private:
  int sentences_;
  int rows_;
  int step_ = 0;
  std::vector<float> table_;
};

double microseconds_per_row(int sentences, SearchOptions options) {
  FreeScorer scorer(sentences, options.beam_size);
  const std::vector<int> lengths(std::size_t(sentences), 20);
  const std::clock_t start = std::clock();  // processor time: other programs do not count
  search(scorer, lengths, options);
  return 1e6 * double(std::clock() - start) / CLOCKS_PER_SEC / double(scorer.scanned);
}

TEST(SearchSpeed, DISABLED_MicrosecondsPerRow) {
  const auto show = [](const char* what, int sentences, const SearchOptions& options) {
    double best = 1e9;
    for (int run = 0; run < 3; ++run) best = std::min(best, microseconds_per_row(sentences, options));
    RecordProperty(what, std::to_string(best));
    std::printf("%-36s %8.2f us per row of %d\n", what, best, FreeScorer::vocabulary);
  };
  show("greedy, 1 sentence", 1, {.beam_size = 1});
  show("greedy, 64 sentences", 64, {.beam_size = 1});
  show("beam 4, 1 sentence", 1, {.beam_size = 4});
  show("beam 4, 64 sentences", 64, {.beam_size = 4});
  show("beam 12, 64 sentences", 64, {.beam_size = 12});
  show("beam 4, 64 sentences, no trigram twice", 64, {.beam_size = 4, .no_repeat_ngram_size = 3});
  show("full, 64 sentences", 64, {.beam_size = 1, .output_sampling = {"full"}});
  show("topk 10, 64 sentences", 64, {.beam_size = 1, .output_sampling = {"topk"}});
  show("nucleus 0.9, 64 sentences", 64, {.beam_size = 1, .output_sampling = {"nucleus"}});
  show("epsilon 0.02, 64 sentences", 64, {.beam_size = 1, .output_sampling = {"epsilon"}});
}

}  // namespace
}  // namespace dragoman
