#include "search/beam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "dragoman/error.h"
#include "random_model.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Lengths = std::vector<int>;
using Prefixes = std::vector<std::vector<TokenId>>;

/// The models, limits and prefixes of a batch of different sentences.
struct BatchOfModels {
  std::vector<RandomModel> models;
  std::vector<int> lengths;
  std::vector<std::vector<TokenId>> prefixes;
};

BatchOfModels some_batch(int sentences) {
  BatchOfModels batch;
  for (int i = 0; i < sentences; ++i) {
    batch.models.push_back({.seed = std::uint64_t(i), .vocabulary = 70, .sharpness = 3, .end_bonus = 3});
    batch.lengths.push_back(1 + i % 9);
    batch.prefixes.push_back(i % 3 == 0 ? std::vector<TokenId>(std::size_t(i % 4), 5) : std::vector<TokenId>());
  }
  return batch;
}

TEST(Beam, SentenceDoesNotDependOnItsBatch) {
  const BatchOfModels batch = some_batch(40);
  for (const bool n_best : {false, true}) {
    const SearchOptions options = {.beam_size = 4, .normalize = 0.6, .max_length_factor = 2, .n_best = n_best};
    RandomScorer together(batch.models);
    const auto results = beam_search(together, batch.lengths, options, {.prefixes = batch.prefixes});
    ASSERT_EQ(results.size(), batch.models.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      SCOPED_TRACE(i);
      RandomScorer alone({batch.models[i]});
      const auto single =
          beam_search(alone, Lengths{batch.lengths[i]}, options, {.prefixes = Prefixes{batch.prefixes[i]}});
      ASSERT_EQ(results[i].size(), single[0].size());
      for (std::size_t j = 0; j < single[0].size(); ++j) {
        EXPECT_EQ(results[i][j].tokens, single[0][j].tokens);
        EXPECT_EQ(results[i][j].score, single[0][j].score);
        EXPECT_EQ(results[i][j].token_log_probabilities, single[0][j].token_log_probabilities);
      }
    }
  }
}

TEST(Beam, RowsOfFinishedSentencesLeaveTheBatch) {
  const RandomModel quick = {.seed = 1, .vocabulary = 50, .end_bonus = 20};
  const RandomModel slow = {.seed = 2, .vocabulary = 50, .end_bonus = -20};
  RandomScorer scorer({quick, slow, quick});
  beam_search(scorer, Lengths{2, 6, 2}, {.beam_size = 4, .max_length_factor = 1});
  EXPECT_THAT(scorer.rows_per_step, ElementsAre(3, 4, 4, 4, 4, 4));
}

TEST(Beam, UsesOneRowWhileAPrefixIsForced) {
  const RandomModel slow = {.seed = 2, .vocabulary = 50, .end_bonus = -20};
  RandomScorer scorer({slow});
  const std::vector<TokenId> prefix = {7, 8, 9};
  const auto results =
      beam_search(scorer, Lengths{6}, {.beam_size = 4, .max_length_factor = 1}, {.prefixes = Prefixes{prefix}});
  EXPECT_THAT(scorer.rows_per_step, ElementsAre(1, 1, 1, 1, 4, 4));
  const Hypothesis& best = results[0][0];
  ASSERT_EQ(best.tokens.size(), 5u);
  EXPECT_TRUE(std::equal(prefix.begin(), prefix.end(), best.tokens.begin()));
  EXPECT_EQ(best.token_log_probabilities[1], slow.row({7})[8]);
  EXPECT_FALSE(best.complete);
}

TEST(Beam, PrefixBeyondTheLimitIsFollowedByTheEnd) {
  const RandomModel slow = {.seed = 2, .vocabulary = 50, .end_bonus = -20};
  RandomScorer scorer({slow});
  const std::vector<TokenId> prefix = {7, 8, 9, 7, 8, 9};
  const auto results =
      beam_search(scorer, Lengths{3}, {.beam_size = 4, .max_length_factor = 1}, {.prefixes = Prefixes{prefix}});
  EXPECT_EQ(results[0][0].tokens, prefix);
}

TEST(Beam, SourceOfNothingBecomesNothing) {
  RandomScorer scorer({{.seed = 2, .vocabulary = 50, .end_bonus = -20}});
  const auto results = beam_search(scorer, Lengths{1}, {.beam_size = 4});
  ASSERT_EQ(results[0].size(), 1u);
  EXPECT_TRUE(results[0][0].tokens.empty());
  EXPECT_EQ(scorer.steps, 1);
}

TEST(Beam, SizeOneIsGreedy) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const RandomModel model = {.seed = seed, .vocabulary = 80, .sharpness = 3, .end_bonus = 5};
    RandomScorer scorer({model});
    const auto results = beam_search(scorer, Lengths{6}, {.beam_size = 1, .normalize = 1, .max_length_factor = 2});
    std::vector<TokenId> expected;
    while (expected.size() < 11) {
      const auto row = model.row(expected);
      const TokenId best = TokenId(std::max_element(row.begin(), row.end()) - row.begin());
      if (best == model.end) break;
      expected.push_back(best);
    }
    EXPECT_EQ(results[0][0].tokens, expected);
    EXPECT_EQ(scorer.steps, int(expected.size()) + 1);  // and does not go on after </s>
  }
}

TEST(Beam, StopsOnceNothingCanGetBetter) {
  const RandomModel quick = {.seed = 1, .vocabulary = 50, .end_bonus = 20};
  RandomScorer best_only({quick});
  beam_search(best_only, Lengths{100}, {.beam_size = 4});
  EXPECT_EQ(best_only.steps, 1);
  RandomScorer best_four({quick});
  EXPECT_EQ(beam_search(best_four, Lengths{100}, {.beam_size = 4, .n_best = true})[0].size(), 4u);
  EXPECT_LT(best_four.steps, 5);
}

TEST(Beam, PatienceStopsEarlier) {
  const RandomModel model = {.seed = 1, .vocabulary = 50, .sharpness = 0.2, .end_bonus = 3};
  int steps[2];
  for (const int patience : {0, 1}) {
    RandomScorer scorer({model});
    beam_search(scorer, Lengths{20}, {.beam_size = 4, .normalize = 1, .patience = double(patience)});
    steps[patience] = scorer.steps;
  }
  EXPECT_LT(steps[1], steps[0]);
}

/// Fixed rows for all histories, to provoke what random ones never do.
class ConstantScorer : public StepScorer {
 public:
  explicit ConstantScorer(std::vector<float> row) : row_(std::move(row)) {}
  int sentences() const override { return 1; }
  TokenId end_token() const override { return 0; }
  int vocabulary_size() const override { return int(row_.size()); }
  std::span<const float> advance(std::span<const TokenId>) override {
    scores_.clear();
    for (std::size_t i = 0; i < rows_; ++i) scores_.insert(scores_.end(), row_.begin(), row_.end());
    return scores_;
  }
  void reorder(std::span<const int> parents) override { rows_ = parents.size(); }

 private:
  std::vector<float> row_, scores_;
  std::size_t rows_ = 1;
};

TEST(Beam, BreaksTiesByLowerTokenThenBetterParent) {
  ConstantScorer scorer({-9, -1, -1, -1, -1});
  const auto results = beam_search(scorer, Lengths{3}, {.beam_size = 3, .max_length_factor = 1, .n_best = true});
  ASSERT_EQ(results[0].size(), 3u);
  EXPECT_THAT(results[0][0].tokens, ElementsAre(1, 1));
  EXPECT_THAT(results[0][1].tokens, ElementsAre(2, 1));
  EXPECT_THAT(results[0][2].tokens, ElementsAre(3, 1));
}

TEST(Beam, ForcesTheEndWhereAllIsForbidden) {
  ConstantScorer scorer({-1, -1, -1});
  const SearchOptions options = {.beam_size = 3, .min_length = 5, .no_repeat_ngram_size = 1};
  const auto results = beam_search(scorer, Lengths{9}, options, {.unk_token = 1});
  EXPECT_THAT(results[0][0].tokens, ElementsAre(2));
  EXPECT_FALSE(results[0][0].complete);
}

TEST(Beam, ImpossibleForcedTokenLeavesTheRestInOrder) {
  const float never = -std::numeric_limits<float>::infinity();
  ConstantScorer scorer({-2, never, -1, -3});
  const std::vector<TokenId> prefix = {1};
  const auto results =
      beam_search(scorer, Lengths{3}, {.beam_size = 3, .max_length_factor = 1}, {.prefixes = Prefixes{prefix}});
  EXPECT_THAT(results[0][0].tokens, ElementsAre(1));  // -2 for </s> is better than -1 - 2
  EXPECT_EQ(results[0][0].log_probability, never);
  EXPECT_DOUBLE_EQ(results[0][0].score, -10002);
}

template <class F>
std::string error_of(F run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Beam, ReportsScoresThatAreNotNumbers) {
  ConstantScorer scorer({NAN, NAN, NAN});
  EXPECT_THAT(error_of([&] { beam_search(scorer, Lengths{3}, {}); }), HasSubstr("NaN"));
}

TEST(Beam, ReportsABatchThatDoesNotFit) {
  RandomScorer scorer({{.seed = 1}, {.seed = 2}});
  const std::vector<std::vector<TokenId>> one(1), end = {{}, {1, 0}}, far = {{}, {4}};
  EXPECT_THAT(error_of([&] { beam_search(scorer, Lengths{3}, {}); }), HasSubstr("1 source lengths for 2 sentences"));
  EXPECT_THAT(error_of([&] {
                beam_search(scorer, Lengths{3, 3}, {}, {.prefixes = one});
              }),
              HasSubstr("1 forced prefixes"));
  EXPECT_THAT(error_of([&] { beam_search(scorer, Lengths{3, 3}, {}, {.prefixes = end}); }), HasSubstr("sentence 2"));
  EXPECT_THAT(error_of([&] { beam_search(scorer, Lengths{3, 3}, {}, {.prefixes = far}); }), HasSubstr("token 4"));
  EXPECT_THAT(error_of([&] {
                beam_search(scorer, Lengths{3, 3}, {}, {.sentence_ids = std::vector<std::uint64_t>{7}});
              }),
              HasSubstr("1 sentence ids"));
}

TEST(SearchOptionsCheck, NamesTheSettingThatMakesNoSense) {
  EXPECT_NO_THROW(check({}));
  EXPECT_THAT(error_of([] { check({.beam_size = 0}); }), HasSubstr("beam-size: 0"));
  EXPECT_THAT(error_of([] { check({.normalize = -1}); }), HasSubstr("normalize"));
  EXPECT_THAT(error_of([] { check({.word_penalty = NAN}); }), HasSubstr("word-penalty"));
  EXPECT_THAT(error_of([] { check({.max_length_factor = 0}); }), HasSubstr("max-length-factor"));
  EXPECT_THAT(error_of([] { check({.max_length = -1}); }), HasSubstr("max-length"));
  EXPECT_THAT(error_of([] { check({.min_length = -1}); }), HasSubstr("min-length"));
  EXPECT_THAT(error_of([] { check({.output_sampling = {"some"}}); }), HasSubstr("output-sampling"));
  EXPECT_THAT(error_of([] { check({.repetition_penalty = 0}); }), HasSubstr("repetition-penalty"));
  EXPECT_THAT(error_of([] { check({.no_repeat_ngram_size = -2}); }), HasSubstr("no-repeat-ngram-size"));
  EXPECT_THAT(error_of([] { check({.patience = -2}); }), HasSubstr("patience"));
}

}  // namespace
}  // namespace dragoman
