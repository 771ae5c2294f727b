#include "search/watcher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_model.h"
#include "search/beam.h"

namespace dragoman {
namespace {

std::vector<RandomModel> some_models(int count) {
  std::vector<RandomModel> models;
  for (int i = 0; i < count; ++i) {
    models.push_back({.seed = std::uint64_t(i), .vocabulary = 30, .sharpness = 2, .end_bonus = 1});
  }
  return models;
}

class Follower : public SearchWatcher {
 public:
  explicit Follower(std::size_t sentences) : partials(sentences) {}

  void pause() override { ++pauses; }
  bool gives_up(int sentence) override {
    return sentence == give_up && int(partials[std::size_t(sentence)].size()) >= give_up_after;
  }
  bool wants_partial(int sentence) override { return sentence != unwatched; }
  void partial(int sentence, std::span<const TokenId> tokens, int settled) override {
    ASSERT_LE(settled, int(tokens.size()));
    partials[std::size_t(sentence)].push_back({{tokens.begin(), tokens.end()}, settled});
  }

  struct Partial {
    std::vector<TokenId> tokens;
    int settled;
  };
  std::vector<std::vector<Partial>> partials;
  int unwatched = -1, give_up = -1, give_up_after = 3, pauses = 0;
};

TEST(SearchWatcher, SettledTokensStayAndAreThoseOfTheTranslation) {
  const auto models = some_models(30);
  const std::vector<int> lengths(models.size(), 6);
  int unsettled = 0, settled_early = 0;
  for (const int beam_size : {1, 2, 5}) {
    RandomScorer scorer(models);
    Follower follower(models.size());
    const auto results = beam_search(scorer, lengths, {.beam_size = beam_size, .normalize = 1}, {.watcher = &follower});
    EXPECT_EQ(follower.pauses, scorer.steps);
    for (std::size_t i = 0; i < models.size(); ++i) {
      int settled = 0;
      std::size_t step = 0;
      for (const auto& partial : follower.partials[i]) {
        EXPECT_EQ(partial.tokens.size(), ++step);
        EXPECT_GE(partial.settled, settled);
        settled = partial.settled;
        const auto& best = results[i].at(0).tokens;
        ASSERT_GE(best.size(), std::size_t(settled));
        EXPECT_TRUE(std::equal(best.begin(), best.begin() + settled, partial.tokens.begin()));
        if (beam_size == 1) {
          EXPECT_EQ(settled, int(partial.tokens.size()));
        }
        (settled < int(partial.tokens.size()) ? unsettled : settled_early) += settled > 0 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(unsettled, 20);
  EXPECT_GT(settled_early, 20);
}

TEST(SearchWatcher, ChangesNothing) {
  const auto models = some_models(10);
  const std::vector<int> lengths(models.size(), 5);
  RandomScorer alone(models), watched(models);
  Follower follower(models.size());
  follower.unwatched = 4;
  const auto expected = beam_search(alone, lengths, {.beam_size = 3});
  const auto results = beam_search(watched, lengths, {.beam_size = 3}, {.watcher = &follower});
  for (std::size_t i = 0; i < models.size(); ++i) EXPECT_EQ(results[i].at(0).tokens, expected[i].at(0).tokens);
  EXPECT_TRUE(follower.partials[4].empty());
}

TEST(SearchWatcher, RowsOfASentenceGivenUpLeaveAtTheNextStepAndTheOthersGoOn) {
  const auto models = some_models(6);
  const std::vector<int> lengths(models.size(), 9);
  const SearchOptions options = {.beam_size = 2, .min_length = 9};
  RandomScorer alone(models), watched(models);
  Follower follower(models.size());
  follower.give_up = 2;
  const auto expected = beam_search(alone, lengths, options);
  const auto results = beam_search(watched, lengths, options, {.watcher = &follower});
  EXPECT_TRUE(results[2].empty());
  EXPECT_EQ(follower.partials[2].size(), 3u);
  EXPECT_EQ(watched.rows_per_step.at(3), alone.rows_per_step.at(3));
  EXPECT_EQ(watched.rows_per_step.at(4), alone.rows_per_step.at(4) - 2);
  for (const std::size_t i : {0, 1, 3, 4, 5}) EXPECT_EQ(results[i].at(0).tokens, expected[i].at(0).tokens);
}

TEST(SearchWatcher, EndsABatchWhoseOnlySentenceIsGivenUp) {
  RandomScorer scorer(some_models(1));
  Follower follower(1);
  follower.give_up = 0;
  follower.give_up_after = 0;
  EXPECT_TRUE(beam_search(scorer, std::vector<int>{9}, {.beam_size = 2}, {.watcher = &follower})[0].empty());
  EXPECT_EQ(scorer.steps, 1);
}

TEST(Beam, KeepsTheAttentionOfEachTokenOfEachHypothesis) {
  const auto models = some_models(8);
  const std::vector<int> lengths(models.size(), 5);
  RandomScorer scorer(models);
  const auto results = beam_search(scorer, lengths, {.beam_size = 3, .n_best = true}, {.keeps_attention = true});
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const Hypothesis& hypothesis : results[i]) {
      std::vector<float> expected;
      for (std::size_t t = 0; t <= hypothesis.tokens.size(); ++t) {
        const auto row =
            random_attention(models[i], {hypothesis.tokens.begin(), hypothesis.tokens.begin() + std::ptrdiff_t(t)});
        expected.insert(expected.end(), row.begin(), row.end());
      }
      EXPECT_EQ(hypothesis.attention, expected);
    }
  }
}

}  // namespace
}  // namespace dragoman
