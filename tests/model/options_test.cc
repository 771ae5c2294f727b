// What settings make of a model: its parameters, and what is refused.

#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "dragoman/error.h"
#include "model/model_support.h"
#include "model/positions.h"

namespace dragoman {
namespace {

std::set<std::string> names(const Seq2Seq& model) {
  std::set<std::string> result;
  for (const Parameter& p : model.parameters().list()) result.insert(p.name);
  return result;
}

TEST(Options, TiedEmbeddingsShareTheirTables) {
  const auto tables = [](const std::string& name) {
    std::set<std::string> result;
    for (const std::string& parameter : names(*build_model(variant(name).options))) {
      if (parameter.find("embedding.") != std::string::npos || parameter.find("output.") == 0) result.insert(parameter);
    }
    return result;
  };
  using Set = std::set<std::string>;
  EXPECT_EQ(tables("post_norm"),
            (Set{"source_embedding.weight", "target_embedding.weight", "output.weight", "output.bias"}));
  EXPECT_EQ(tables("tied"), (Set{"source_embedding.weight", "target_embedding.weight", "output.bias"}));
  EXPECT_EQ(tables("tied_src"), (Set{"embedding.weight", "output.weight", "output.bias"}));
  EXPECT_EQ(tables("tied_all"), (Set{"embedding.weight", "output.bias"}));
  EXPECT_EQ(tables("omit_bias"), (Set{"source_embedding.weight", "target_embedding.weight", "output.weight"}));
}

TEST(Options, ShapesFollowTheSettings) {
  ModelOptions o = variant("tied").options;
  o.transformer_decoder_dim_ffn = 5;
  const auto model = build_model(o);
  const auto shape = [&](const std::string& name) {
    const Parameter* p = model->parameters().find(name);
    return p == nullptr ? "none" : to_string(p->shape);
  };
  EXPECT_EQ(shape("source_embedding.weight"), "[9, 8]");
  EXPECT_EQ(shape("target_embedding.weight"), "[13, 8]");
  EXPECT_EQ(shape("output.bias"), "[13]");
  EXPECT_EQ(shape("encoder.layers.0.self.query_key_value.weight"), "[8, 24]");
  EXPECT_EQ(shape("encoder.layers.0.feed_forward.inner.weight"), "[8, 12]");
  EXPECT_EQ(shape("decoder.layers.0.feed_forward.inner.weight"), "[8, 5]");
  EXPECT_EQ(shape("decoder.layers.0.cross.key_value.weight"), "[8, 16]");
  EXPECT_EQ(shape("encoder.layers.0.self.post_norm.scale"), "[8]");
  EXPECT_EQ(shape("encoder.layers.0.self.pre_norm.scale"), "none");
  EXPECT_EQ(shape("encoder.layers.1.self.output.weight"), "none");
  EXPECT_EQ(model->source_vocabulary(), 9);
  EXPECT_EQ(model->target_vocabulary(), 13);
}

TEST(Options, TheSameSeedGivesTheSameModel) {
  const auto draw = [](std::uint64_t seed) {
    const auto model = build_model(small_options());
    model->parameters().initialise(seed);
    const auto values = model->parameters().values();
    return std::vector<float>(values.begin(), values.end());
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

TEST(Options, ThatMakeNoModelAreRefusedByName) {
  const auto message = [](const std::function<void(ModelOptions&)>& change) -> std::string {
    ModelOptions o = small_options();
    change(o);
    try {
      build_model(o);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(message([](auto&) {}), "accepted");
  EXPECT_EQ(message([](auto& o) { o.type = "amun"; }), "type: expected transformer or s2s, found 'amun'");
  EXPECT_EQ(message([](auto& o) { o.transformer_heads = 3; }),
            "transformer-heads: expected a divisor of dim-emb 8, found 3");
  EXPECT_EQ(message([](auto& o) { o.transformer_heads = 0; }),
            "transformer-heads: expected a divisor of dim-emb 8, found 0");
  EXPECT_EQ(message([](auto& o) { o.dim_emb = 0; }), "dim-emb: expected a positive number, found 0");
  EXPECT_EQ(message([](auto& o) { o.enc_depth = 0; }), "enc-depth: expected a positive number, found 0");
  EXPECT_EQ(message([](auto& o) { o.dec_depth = -1; }), "dec-depth: expected a positive number, found -1");
  EXPECT_EQ(message([](auto& o) { o.transformer_dim_ffn = 0; }),
            "transformer-dim-ffn: expected a positive number, found 0");
  EXPECT_EQ(message([](auto& o) { o.transformer_decoder_dim_ffn = -1; }),
            "transformer-decoder-dim-ffn: expected a positive number or 0, found -1");
  EXPECT_EQ(message([](auto& o) { o.max_length = 0; }), "max-length: expected a positive number, found 0");
  EXPECT_EQ(message([](auto& o) { o.dim_vocabs = {11}; }), "dim-vocabs: expected the sizes of two vocabularies");
  EXPECT_EQ(message([](auto& o) { o.dim_vocabs = {11, 0}; }), "dim-vocabs: expected the sizes of two vocabularies");
  for (const bool all : {false, true}) {
    EXPECT_THAT(message([=](auto& o) {
                  o.dim_vocabs = {11, 12};
                  (all ? o.tied_embeddings_all : o.tied_embeddings_src) = true;
                }),
                testing::HasSubstr("source and target vocabularies must be the same, found sizes 11 and 12"));
  }
  EXPECT_EQ(
      message([](auto& o) { o.transformer_ffn_activation = "elu"; }),
      "transformer-ffn-activation: expected relu, gelu, gelu-tanh, gelu-sigmoid, swish, tanh or sigmoid, found 'elu'");
  EXPECT_EQ(message([](auto& o) { o.transformer_preprocess = "a"; }),
            "transformer-preprocess: expected letters of 'nd', found 'a' in 'a'");
  EXPECT_EQ(message([](auto& o) { o.transformer_postprocess = "dax"; }),
            "transformer-postprocess: expected letters of 'dan', found 'x' in 'dax'");
  EXPECT_EQ(message([](auto& o) { o.transformer_postprocess_emb = "a"; }),
            "transformer-postprocess-emb: expected letters of 'nd', found 'a' in 'a'");
  EXPECT_EQ(message([](auto& o) { o.transformer_postprocess_top = "nn"; }),
            "transformer-postprocess-top: expected at most one n, found 'nn'");
}

TEST(Options, LearnedPositionsEndAtMaxLength) {
  ModelOptions o = small_options();
  o.transformer_train_position_embeddings = true;
  o.max_length = 5;
  const auto model = random_model(o);
  EXPECT_EQ(model->longest_sentence(), 6);
  EXPECT_EQ(random_model(small_options())->longest_sentence(), 0) << "sinusoids have no end";
  Random random(1);
  Arena arena;
  const Sentences fits({random_sentence(random, 11, 5)}), too_long({random_sentence(random, 11, 6)});
  EXPECT_NO_THROW(model->loss({arena}, fits.grid(), fits.grid(), {}));
  for (const auto& [source, target] : {std::pair(&too_long, &fits), std::pair(&fits, &too_long)}) {
    try {
      model->loss({arena}, source->grid(), target->grid(), {});
      FAIL() << "expected an error";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(),
                   "a sentence of 7 tokens is longer than the 6 positions that this model has learned (max-length)");
    }
  }
}

TEST(Sinusoids, AreTheSameInBothTablesOfPositions) {
  const Sinusoids sinusoids(8);
  Arena arena;
  const Tensor usual = sinusoids.table({arena}, 100), more = sinusoids.table({arena}, 1000);
  ASSERT_GE(more.shape[0], 1000);
  for (int i = 0; i < 8 * 100; ++i) EXPECT_EQ(usual.data[i], more.data[i]);
  EXPECT_NEAR(more.row(999)[0], std::sin(999.0), 1e-6);
  EXPECT_NEAR(more.row(999)[7], std::cos(999.0 * 1e-4), 1e-6) << "the slowest wave is 10000 times the first";
  EXPECT_NEAR(more.row(999)[5], std::cos(999.0 * std::pow(10000.0, -1.0 / 3)), 1e-6);
}

TEST(Sinusoids, TakeNoMemoryBeforeTheyAreNeeded) {
  const Sinusoids far_too_wide(1 << 30);  // as a damaged file may have it; its size is checked after this
  Arena arena;
  const Sinusoids sinusoids(6, 1);
  EXPECT_EQ(sinusoids.table({arena}, 40).row(39)[0], float(std::sin(40.0)));
  EXPECT_EQ(sinusoids.table({arena}, 256).row(255)[0], float(std::sin(256.0)));
}

TEST(Model, TranslatesSentencesThatAreLongerThanTheUsualPositions) {
  const auto model = random_model(small_options());
  Random random(1);
  const Sentences source({random_sentence(random, 11, 300)}), target({random_sentence(random, 11, 400)});
  Arena arena;
  const LossSums sums = model->loss({arena}, source.grid(), target.grid(), {.smoothing = 0.1f});
  EXPECT_EQ(sums.tokens, 401);
  EXPECT_TRUE(std::isfinite(sums.smoothed));
}

}  // namespace
}  // namespace dragoman
