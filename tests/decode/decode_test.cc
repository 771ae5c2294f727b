#include "decode/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <vector>

#include "decode/decode_ensemble.h"
#include "decode/model_scorer.h"
#include "model/build.h"

namespace dragoman {
namespace {

constexpr int words = 23;
constexpr SpecialTokens special{.end = 0, .unknown = 1};

std::unique_ptr<Seq2Seq> random_model(std::uint64_t seed, bool learned_positions = false, int max_length = 50) {
  ModelOptions options;
  options.dim_vocabs = {words, words};
  options.dim_emb = 16;
  options.transformer_heads = 2;
  options.transformer_dim_ffn = 24;
  options.dec_depth = 2;
  options.max_length = max_length;
  options.transformer_train_position_embeddings = learned_positions;
  auto model = build_model(options);
  model->parameters().initialise(seed);
  for (float& value : model->parameters().values()) value *= 2;
  return model;
}

/// Sentences of 3, 1 and 5 words.
struct Source {
  std::vector<int> ids = {4, 9, 2, 0, 7, 0, 3, 3, 12, 20, 5, 0};
  std::vector<int> offsets = {0, 4, 6, 12};
  TokenGrid grid() const { return {ids, offsets}; }
  TokenGrid sentence(int s, std::vector<int>& own) const {
    own = {0, offsets[std::size_t(s) + 1] - offsets[std::size_t(s)]};
    return {std::span(ids).subspan(std::size_t(offsets[std::size_t(s)]), std::size_t(own[1])), own};
  }
};

TEST(Decode, FindsForASentenceTheSameAloneAndInABatch) {
  const auto model = random_model(3);
  const Source source;
  Arena arena;
  const SearchOptions options{.beam_size = 4, .min_length = 2, .n_best = true};
  const auto together = decode(*model, arena, source.grid(), special, options);
  ASSERT_EQ(together.size(), 3u);
  for (int s = 0; s < 3; ++s) {
    std::vector<int> offsets;
    const auto alone = decode(*model, arena, source.sentence(s, offsets), special, options);
    ASSERT_EQ(alone[0].size(), together[std::size_t(s)].size());
    for (std::size_t k = 0; k < alone[0].size(); ++k) {
      EXPECT_EQ(alone[0][k].tokens, together[std::size_t(s)][k].tokens);
      EXPECT_NEAR(alone[0][k].score, together[std::size_t(s)][k].score, 1e-4);
    }
  }
}

TEST(Decode, ScoresWhatItFindsAsTeacherForcingDoes) {
  const auto model = random_model(3);
  const Source source;
  Arena arena;
  const auto found = decode(*model, arena, source.grid(), special, {.beam_size = 3, .min_length = 2});
  std::vector<int> ids, offsets = {0};
  for (const NBest& list : found) {
    ids.insert(ids.end(), list[0].tokens.begin(), list[0].tokens.end());
    ids.push_back(special.end);
    offsets.push_back(int(ids.size()));
  }
  std::vector<float> losses(ids.size());
  model->loss({arena}, source.grid(), {ids, offsets}, {.token_losses = losses});
  for (std::size_t s = 0; s < found.size(); ++s) {
    const auto& scores = found[s][0].token_log_probabilities;
    ASSERT_EQ(int(scores.size()), offsets[s + 1] - offsets[s]);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      EXPECT_NEAR(scores[i], -losses[std::size_t(offsets[s]) + i], 1e-4);
    }
  }
}

/// The cross-attention of the last layer for one pair, averaged over heads and summed over the target.
struct Coverage : AttentionObserver {
  std::vector<double> covered;
  void observe(const AttentionWeights& seen) override {
    if (!(seen.place == AttentionPlace{AttentionKind::cross, 1})) return;
    covered.resize(std::size_t(seen.keys));
    for (int i = 0; i < seen.queries; ++i) {
      for (int j = 0; j < seen.keys; ++j) covered[std::size_t(j)] += double(seen.at(i, j)) / 2;  // heads
    }
  }
};

TEST(Decode, WithACoveragePenaltyScoresAsTheAttentionOfTeacherForcingSays) {
  const auto model = random_model(3), other = random_model(4);
  const Source source;
  Arena arena;
  std::deque<Arena> arenas;
  const SearchOptions options{
      .beam_size = 4, .normalize = 0.6, .coverage_penalty = 0.7, .min_length = 2, .n_best = true};
  const auto found = decode(*model, arena, source.grid(), special, options);
  const auto ensemble =
      decode_ensemble(std::vector<const Seq2Seq*>{model.get(), model.get()}, arenas, source.grid(), special, options);
  double most = 0;  // of a source of one word all is covered
  for (int s = 0; s < 3; ++s) {
    for (std::size_t k = 0; k < found[std::size_t(s)].size(); ++k) {
      const Hypothesis& hypothesis = found[std::size_t(s)][k];
      std::vector<int> target = hypothesis.tokens, own;
      target.push_back(special.end);
      const std::vector<int> offsets = {0, int(target.size())};
      Coverage seen;
      Context ctx{arena};
      ctx.observer = &seen;
      model->loss(ctx, source.sentence(s, own), {target, offsets}, {});
      double penalty = 0;
      for (const double c : seen.covered) penalty += 0.7 * std::log(std::min(1.0, c));
      most = std::min(most, penalty);
      EXPECT_NEAR(hypothesis.score, hypothesis.log_probability / std::pow(double(target.size()), 0.6) + penalty, 1e-4);
      EXPECT_NEAR(ensemble[std::size_t(s)][k].score, hypothesis.score, 1e-4);
    }
  }
  EXPECT_LT(most, -0.01);
}

TEST(Decode, GivesTheArenaBack) {
  const auto model = random_model(3);
  const Source source;
  Arena arena;
  arena.allocate(1000);
  const Arena::Mark before = arena.mark();
  decode(*model, arena, source.grid(), special, {.beam_size = 2});
  const std::size_t capacity = arena.capacity();
  for (int i = 0; i < 5; ++i) decode(*model, arena, source.grid(), special, {.beam_size = 2});
  EXPECT_EQ(arena.capacity(), capacity);
  EXPECT_EQ(arena.mark().used, before.used);
}

TEST(Decode, StaysWithinThePositionsThatAModelHasLearned) {
  const auto model = random_model(3, true, 6);
  const Source source;
  Arena arena;
  std::deque<Arena> arenas;
  const SearchOptions options{.beam_size = 2, .max_length_factor = 100, .min_length = 50};
  for (const auto& lists :
       {decode(*model, arena, source.grid(), special, options),
        decode_ensemble(std::vector<const Seq2Seq*>{model.get()}, arenas, source.grid(), special, options)}) {
    for (const NBest& list : lists) EXPECT_EQ(list[0].tokens.size(), 6u);
  }
}

TEST(DecodeEnsemble, OfEqualModelsIsTheModel) {
  const auto model = random_model(3);
  const Source source;
  Arena arena;
  std::deque<Arena> arenas;
  const SearchOptions options{.beam_size = 4, .min_length = 2};
  const auto one = decode(*model, arena, source.grid(), special, options);
  const std::vector<const Seq2Seq*> models = {model.get(), model.get(), model.get()};
  const auto three = decode_ensemble(models, arenas, source.grid(), special, options);
  for (std::size_t s = 0; s < one.size(); ++s) {
    EXPECT_EQ(three[s][0].tokens, one[s][0].tokens);
    EXPECT_NEAR(three[s][0].score, one[s][0].score, 1e-4);
  }
}

TEST(DecodeEnsemble, KnowsTheShortestOfTheLongestSentences) {
  const auto free = random_model(1), six = random_model(2, true, 6), nine = random_model(3, true, 9);
  EXPECT_EQ(longest_sentence(std::vector<const Seq2Seq*>{free.get()}), 0);
  EXPECT_EQ(longest_sentence(std::vector<const Seq2Seq*>{nine.get(), free.get(), six.get()}), 7);
}

TEST(ModelScorer, ContinuesTheRowsThatAreReordered) {
  const auto model = random_model(5);
  const Source source;
  Arena one, two;
  ModelScorer straight(*model, one, source.grid(), special.end), turned(*model, two, source.grid(), special.end);
  straight.advance({});
  turned.advance({});
  turned.reorder(std::vector<int>{2, 0, 0, 1});
  const auto expected = straight.advance(std::vector<int>{4, 5, 6});
  const auto found = turned.advance(std::vector<int>{6, 4, 4, 5});
  ASSERT_EQ(found.size(), 4u * words);
  for (int i = 0; i < 4; ++i) {
    const std::size_t from = std::size_t(std::vector<int>{2, 0, 0, 1}[std::size_t(i)]) * words;
    for (std::size_t w = 0; w < words; ++w) EXPECT_NEAR(found[std::size_t(i) * words + w], expected[from + w], 1e-4);
  }
}

}  // namespace
}  // namespace dragoman
