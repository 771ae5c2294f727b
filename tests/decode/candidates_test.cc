// Shortlists in decoding: all words as candidates change nothing, and a sentence's result is its own.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "decode/decode.h"
#include "decode/model_scorer.h"
#include "model/build.h"
#include "model/quantize.h"

namespace dragoman {
namespace {

constexpr int words = 61;

std::unique_ptr<Seq2Seq> random_model() {
  ModelOptions o;
  o.dim_vocabs = {words, words};
  o.dim_emb = 16;
  o.transformer_heads = 2;
  o.transformer_dim_ffn = 24;
  o.tied_embeddings_all = true;
  auto model = build_model(o);
  model->parameters().initialise(5);
  for (float& value : model->parameters().values()) value *= 2;
  return model;
}

/// Twelve sentences, so that there are several groups.
struct Batch {
  std::vector<int> ids, offsets = {0};
  std::vector<std::vector<TokenId>> candidates;
  Batch() {
    for (int s = 0; s < 12; ++s) {
      for (int i = 0; i < 2 + s % 4; ++i) ids.push_back(2 + (s * 7 + i * 5) % (words - 2));
      ids.push_back(0);
      offsets.push_back(int(ids.size()));
      std::vector<TokenId> some = {0, 1};
      for (int word = 2 + s; word < words; word += 2 + s % 3) some.push_back(word);
      candidates.push_back(some);
    }
  }
};

TEST(Candidates, AllWordsGiveTheSameTranslations) {
  const Batch batch;
  for (const bool integers : {false, true}) {
    auto model = random_model();
    if (integers) model = quantized(*model);
    std::vector<TokenId> all(words);
    std::iota(all.begin(), all.end(), 0);
    const std::vector<std::vector<TokenId>> lists(12, all);
    Arena arena;
    for (const int beam : {1, 3}) {
      const SearchOptions options{.beam_size = beam, .normalize = 1};
      const auto plain = decode(*model, arena, {batch.ids, batch.offsets}, {}, options);
      const auto listed = decode(*model, arena, {batch.ids, batch.offsets}, {}, options, {.candidates = lists});
      for (std::size_t s = 0; s < plain.size(); ++s) {
        EXPECT_EQ(plain[s][0].tokens, listed[s][0].tokens);
        EXPECT_NEAR(plain[s][0].score, listed[s][0].score, 1e-4);
      }
    }
  }
}

TEST(Candidates, OnlyTheyAreProducedAndTheirProbabilitiesSumToOne) {
  const Batch batch;
  const auto model = random_model();
  Arena arena;
  ModelScorer scorer(*model, arena, {batch.ids, batch.offsets}, 0, false, batch.candidates);
  const auto scores = scorer.advance({});
  std::size_t at = 0;
  for (int row = 0; row < 12; ++row) {
    const auto own = scorer.candidates(row);
    ASSERT_TRUE(std::equal(own.begin(), own.end(), batch.candidates[std::size_t(row)].begin()));
    double sum = 0;
    for (std::size_t i = 0; i < own.size(); ++i) sum += std::exp(double(scores[at + i]));
    EXPECT_NEAR(sum, 1, 1e-5);
    at += own.size();
  }
  EXPECT_EQ(at, scores.size());
  Arena other;
  for (const std::vector<std::string>& sampling : {std::vector<std::string>{}, {"full"}}) {
    const auto found = decode(*model, other, {batch.ids, batch.offsets}, {},
                              {.beam_size = 4, .n_best = true, .output_sampling = sampling, .repetition_penalty = 1.2},
                              {.candidates = batch.candidates});
    for (std::size_t s = 0; s < found.size(); ++s) {
      for (const Hypothesis& hypothesis : found[s]) {
        for (const TokenId token : hypothesis.tokens) {
          EXPECT_TRUE(std::binary_search(batch.candidates[s].begin(), batch.candidates[s].end(), token));
        }
      }
    }
  }
}

TEST(Candidates, ASentenceDoesNotDependOnItsBatch) {
  const Batch batch;
  for (const bool integers : {false, true}) {
    auto model = random_model();
    if (integers) model = quantized(*model);
    Arena arena;
    const SearchOptions options{.beam_size = 3, .normalize = 1};
    const auto together =
        decode(*model, arena, {batch.ids, batch.offsets}, {}, options, {.candidates = batch.candidates});
    for (std::size_t s = 0; s < 12; ++s) {
      const std::vector<int> ids(batch.ids.begin() + batch.offsets[s], batch.ids.begin() + batch.offsets[s + 1]);
      const std::vector<int> offsets = {0, int(ids.size())};
      const auto alone =
          decode(*model, arena, {ids, offsets}, {}, options, {.candidates = std::span(batch.candidates).subspan(s, 1)});
      EXPECT_EQ(alone[0][0].tokens, together[s][0].tokens);
      EXPECT_EQ(alone[0][0].score, together[s][0].score) << "integers " << integers;
    }
  }
}

}  // namespace
}  // namespace dragoman
