#include "search/beam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dragoman/error.h"
#include "exhaustive.h"
#include "random_model.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Lengths = std::vector<int>;
using Prefixes = std::vector<std::vector<TokenId>>;

/// Searches one sentence. The source's length makes the limit.
NBest search_one(const ExhaustiveTask& task) {
  RandomScorer scorer({task.model});
  SearchOptions options = task.options;
  options.max_length_factor = 1;
  const int lengths[] = {std::max(2, task.limit)};
  if (task.limit < 2) options.max_length_factor = 0.5;
  const std::vector<TokenId> prefixes[] = {task.prefix};
  return beam_search(scorer, lengths, options, {.prefixes = prefixes, .unk_token = task.unk}).at(0);
}

void expect_same(const Hypothesis& found, const Hypothesis& expected) {
  EXPECT_EQ(found.tokens, expected.tokens);
  EXPECT_NEAR(found.score, expected.score, 1e-9);
  EXPECT_NEAR(found.log_probability, expected.log_probability, 1e-9);
  EXPECT_EQ(found.token_log_probabilities, expected.token_log_probabilities);
  EXPECT_EQ(found.complete, expected.complete);
}

/// A random model and settings, covering combinations of all that scoring depends on.
ExhaustiveTask random_task(std::uint64_t seed) {
  Random random = Random(77).fork(seed);
  const double normalizes[] = {0, 0.6, 1}, penalties[] = {-0.5, 0, 0.5}, repetitions[] = {1, 1, 1.5, 0.7};
  ExhaustiveTask task;
  task.model = {.seed = seed,
                .vocabulary = 3 + int(random.below(2)),
                .sharpness = 0.5 + 2 * random.uniform(),
                .end_bonus = 4 * random.uniform() - 2,
                .markov = random.below(2) == 0,
                .end = TokenId(random.below(3))};
  task.options.normalize = normalizes[random.below(3)];
  task.options.word_penalty = penalties[random.below(3)];
  task.options.min_length = random.below(3) == 0 ? int(random.below(5)) : 0;
  task.options.allow_unk = random.below(2) == 0;
  task.options.repetition_penalty = repetitions[random.below(4)];
  task.options.no_repeat_ngram_size = random.below(2) == 0 ? int(random.below(4)) : 0;
  task.unk = (task.model.end + 1) % 3;
  task.limit = 1 + int(random.below(6));
  const std::size_t forced = random.below(2) == 0 ? random.below(std::uint64_t(task.limit)) : 0;
  while (task.prefix.size() < forced) {
    const TokenId token = TokenId(random.below(std::uint64_t(task.model.vocabulary)));
    if (token != task.model.end) task.prefix.push_back(token);
  }
  return task;
}

TEST(Beam, FindsTheBestPathOfAMarkovTable) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    ExhaustiveTask task = random_task(seed);
    task.options.beam_size = 400;  // wider than the 3^5 partial outputs
    SCOPED_TRACE(seed);
    const NBest expected = exhaustive_search(task);
    if (expected.empty()) continue;  // all forbidden before min-length: Beam.ForcesTheEndWhereAllIsForbidden
    const NBest found = search_one(task);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_NEAR(found[0].score, expected[0].score, 1e-9);
    const bool tie = expected.size() > 1 && expected[0].score - expected[1].score < 1e-9;
    if (!tie) expect_same(found[0], expected[0]);
    if (HasFailure()) return;
  }
}

TEST(Beam, FindsAllOutputsInOrderWithNBest) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    ExhaustiveTask task = random_task(seed);
    task.options.beam_size = 400;
    task.options.n_best = true;
    task.model.markov = false;  // its outputs often tie
    SCOPED_TRACE(seed);
    const NBest expected = exhaustive_search(task);
    if (expected.empty()) continue;
    const NBest found = search_one(task);
    ASSERT_EQ(found.size(), std::min<std::size_t>(expected.size(), 400));
    for (std::size_t i = 0; i < found.size(); ++i) expect_same(found[i], expected[i]);
    if (HasFailure()) return;
  }
}

TEST(Beam, NBestListOfAWideBeamIsTheTopOfAllOutputs) {
  // Two tokens and </s>, limit 5: 31 outputs, but no step has more than 8 * 3 extensions, so that a beam of 24 loses
  // nothing while its list is shorter than all outputs: it has to stop at the right time.
  int shorter = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    ExhaustiveTask task = random_task(seed);
    task.model.vocabulary = 3;
    task.options.allow_unk = true;
    task.options.beam_size = 24;
    task.model.markov = false;
    task.options.n_best = true;
    task.limit = 5;
    while (task.prefix.size() > 1) task.prefix.pop_back();
    for (TokenId& token : task.prefix) token = task.unk;
    SCOPED_TRACE(seed);
    const NBest expected = exhaustive_search(task);
    if (expected.empty()) continue;
    const NBest found = search_one(task);
    ASSERT_EQ(found.size(), std::min<std::size_t>(expected.size(), 24));
    for (std::size_t i = 0; i < found.size(); ++i) expect_same(found[i], expected[i]);
    shorter += found.size() < expected.size();
    if (HasFailure()) return;
  }
  EXPECT_GT(shorter, 100);
}

/// Beam search as the header defines it, written for clearness: all extensions in a list, sorted whole.
NBest plain_beam(const ExhaustiveTask& task) {
  struct Partial {
    std::vector<TokenId> tokens;
    double sum;
    std::size_t parent;
  };
  const std::size_t k = std::size_t(task.options.beam_size);
  std::vector<Partial> live = {{{}, 0, 0}};
  NBest ended;
  for (int length = 0; !live.empty(); ++length) {
    std::vector<Partial> all;
    for (std::size_t i = 0; i < live.size(); ++i) {
      const auto row = task.model.row(live[i].tokens);
      for (int token = 0; token < task.model.vocabulary; ++token) {
        double score = row[std::size_t(token)];
        if (length < int(task.prefix.size())) {
          if (token != task.prefix[std::size_t(length)]) continue;
        } else if (length + 1 >= task.limit) {
          if (token != task.model.end) continue;
        } else if (token == task.model.end) {
          if (length < task.options.min_length) continue;
        } else {
          if (token == task.unk && !task.options.allow_unk) continue;
          if (exhaustive::completes_repeated_ngram(live[i].tokens, token, task.options.no_repeat_ngram_size)) continue;
          if (std::ranges::count(live[i].tokens, token) > 0) score *= task.options.repetition_penalty;
        }
        all.push_back({live[i].tokens, live[i].sum + score, i});
        all.back().tokens.push_back(token);
      }
    }
    std::sort(all.begin(), all.end(), [](const Partial& a, const Partial& b) {
      if (a.sum != b.sum) return a.sum > b.sum;
      if (a.tokens.back() != b.tokens.back()) return a.tokens.back() < b.tokens.back();
      return a.parent < b.parent;
    });
    std::vector<Partial> next;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].tokens.back() != task.model.end) {
        if (next.size() < k) next.push_back(all[i]);
      } else if (i < k) {
        Hypothesis hypothesis;
        hypothesis.tokens.assign(all[i].tokens.begin(), all[i].tokens.end() - 1);
        const double words = length + 1;
        hypothesis.score = (all[i].sum - task.options.word_penalty * words) / std::pow(words, task.options.normalize);
        ended.push_back(hypothesis);
      }
    }
    if (k == 1 && !ended.empty()) break;
    live = next;
  }
  std::stable_sort(ended.begin(), ended.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  ended.resize(std::min(ended.size(), k));
  return ended;
}

TEST(Beam, NarrowBeamEqualsItsDefinition) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    ExhaustiveTask task = random_task(seed);
    task.model.vocabulary = 3 + int(seed % 90);  // more and less than a block of the scan
    task.options.beam_size = 1 + int(seed % 5);
    task.options.n_best = true;
    task.limit += 4;
    SCOPED_TRACE(seed);
    const NBest expected = plain_beam(task);
    if (expected.empty()) continue;
    const NBest found = search_one(task);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].tokens, expected[i].tokens);
      EXPECT_NEAR(found[i].score, expected[i].score, 1e-9);
    }
    task.options.n_best = false;
    const NBest best = search_one(task);
    ASSERT_EQ(best.size(), 1u);
    EXPECT_EQ(best[0].tokens, found[0].tokens);  // n-best or not, the best is the same
    if (HasFailure()) return;
  }
}

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
