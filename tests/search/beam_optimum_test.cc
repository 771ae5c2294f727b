// Beam search against exhaustive search and against its own definition, on random tables with random settings.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "exhaustive.h"
#include "random_model.h"
#include "search/beam.h"

namespace dragoman {
namespace {

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

TEST(Beam, WithACoveragePenaltyFindsTheBestPath) {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    ExhaustiveTask task = random_task(seed);
    task.options.beam_size = 400;
    const NBest without = exhaustive_search(task);
    task.options.coverage_penalty = 0.1 * double(1 + seed % 7);
    task.options.n_best = seed % 2 == 0;
    SCOPED_TRACE(seed);
    const NBest expected = exhaustive_search(task);
    if (expected.empty()) continue;  // all forbidden before min-length: Beam.ForcesTheEndWhereAllIsForbidden
    const NBest found = search_one(task);
    ASSERT_EQ(found.size(), task.options.n_best ? std::min<std::size_t>(400, expected.size()) : 1u);
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i].score, expected[i].score, 1e-5);
    changed += expected[0].tokens != without[0].tokens;
    if (HasFailure()) return;
  }
  EXPECT_GT(changed, 50) << "the penalty matters";
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

}  // namespace
}  // namespace dragoman
