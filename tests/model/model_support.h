#pragma once
// Shared by the tests of models: small models with every option that matters, and batches of random sentences.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "model/build.h"
#include "ops/threads.h"

namespace dragoman {

/// Operations of this size gain nothing from threads, and lose much when tests run beside each other.
inline const bool one_thread = (use_one_thread_per_operation(), true);

struct Variant {
  std::string name;
  ModelOptions options;
};

inline ModelOptions small_options() {
  ModelOptions o;
  o.dim_vocabs = {11, 11};
  o.dim_emb = 8;
  o.transformer_heads = 2;
  o.transformer_dim_ffn = 12;
  o.max_length = 12;
  return o;
}

inline std::vector<Variant> variants() {
  std::vector<Variant> all;
  const auto add = [&](const std::string& name, auto change) {
    Variant variant{name, small_options()};
    change(variant.options);
    all.push_back(variant);
  };
  const auto pre_norm = [](ModelOptions& o) {
    o.transformer_preprocess = "n";
    o.transformer_postprocess = "da";
    o.transformer_postprocess_top = "n";
  };
  add("post_norm", [](ModelOptions&) {});
  add("pre_norm", pre_norm);
  add("pre_norm_keys", [&](ModelOptions& o) {
    pre_norm(o);
    o.transformer_norm_keys = true;
  });
  add("norms_everywhere", [](ModelOptions& o) {
    o.transformer_preprocess = "dn";
    o.transformer_postprocess = "dan";
    o.transformer_postprocess_emb = "nd";
    o.transformer_postprocess_top = "nda";
  });
  add("no_norm", [](ModelOptions& o) { o.transformer_postprocess = "da"; });
  add("no_residual", [](ModelOptions& o) {
    o.transformer_postprocess = "n";
    o.transformer_postprocess_emb = "";
  });
  add("dropout_before", [](ModelOptions& o) { o.transformer_preprocess = "d"; });
  add("learned_positions", [](ModelOptions& o) { o.transformer_train_position_embeddings = true; });
  add("learned_positions_pre_norm", [&](ModelOptions& o) {
    pre_norm(o);
    o.transformer_train_position_embeddings = true;
  });
  add("two_vocabularies", [](ModelOptions& o) { o.dim_vocabs = {9, 13}; });
  add("tied", [](ModelOptions& o) {
    o.dim_vocabs = {9, 13};
    o.tied_embeddings = true;
  });
  add("tied_src", [](ModelOptions& o) { o.tied_embeddings_src = true; });
  add("tied_all", [](ModelOptions& o) { o.tied_embeddings_all = true; });
  add("omit_bias", [](ModelOptions& o) { o.output_omit_bias = true; });
  add("relu", [](ModelOptions& o) { o.transformer_ffn_activation = "relu"; });
  add("gelu", [](ModelOptions& o) { o.transformer_ffn_activation = "gelu"; });
  add("decoder_ffn", [](ModelOptions& o) { o.transformer_decoder_dim_ffn = 5; });
  add("deep_encoder", [](ModelOptions& o) { o.enc_depth = 3; });
  add("deep_decoder", [](ModelOptions& o) { o.dec_depth = 3; });
  add("deep_pre_norm", [&](ModelOptions& o) {
    pre_norm(o);
    o.enc_depth = o.dec_depth = 2;
  });
  add("one_head", [](ModelOptions& o) { o.transformer_heads = 1; });
  add("heads_of_width_one", [](ModelOptions& o) { o.transformer_heads = 8; });
  add("odd_widths", [](ModelOptions& o) {
    o.dim_emb = 9;
    o.transformer_heads = 3;
    o.transformer_dim_ffn = 7;
  });
  add("wide", [](ModelOptions& o) {
    o.dim_emb = 64;
    o.transformer_heads = 2;
    o.transformer_dim_ffn = 80;
  });
  add("ssru", [](ModelOptions& o) {
    o.transformer_decoder_autoreg = "rnn";
    o.dec_cell = "ssru";
    o.dec_depth = 2;
  });
  add("average_attention", [&](ModelOptions& o) {
    pre_norm(o);
    o.transformer_decoder_autoreg = "average-attention";
    o.transformer_dim_aan = 7;
    o.dec_depth = 2;
  });
  add("average_attention_nogate", [](ModelOptions& o) {
    o.transformer_decoder_autoreg = "average-attention";
    o.transformer_dim_aan = 5;
    o.transformer_aan_nogate = true;
  });
  for (const std::string score : {"dot", "general", "additive", "gated-additive"}) {
    add("score_" + score.substr(0, score.find('-')), [&](ModelOptions& o) {
      o.attention = o.self_attention = score;
      o.dim_emb = 9;
      o.transformer_heads = 3;
    });
  }
  const auto add_recurrent = [&](const std::string& name, auto change) {
    add(name, [&](ModelOptions& o) {
      o.type = "s2s";
      o.dim_emb = 6;
      o.dim_rnn = 8;
      change(o);
    });
  };
  add_recurrent("gru", [](ModelOptions&) {});
  add_recurrent("lstm", [](ModelOptions& o) { o.enc_cell = o.dec_cell = "lstm"; });
  add_recurrent("gru_of_lstm", [](ModelOptions& o) { o.enc_cell = "lstm"; });
  add_recurrent("gru_deep", [](ModelOptions& o) { o.enc_depth = o.dec_depth = 3; });
  add_recurrent("lstm_deep_skip_norm", [](ModelOptions& o) {
    o.enc_cell = o.dec_cell = "lstm";
    o.enc_depth = o.dec_depth = 3;
    o.skip = o.layer_normalization = true;
  });
  add_recurrent("gru_bi_unidirectional", [](ModelOptions& o) {
    o.enc_type = "bi-unidirectional";
    o.enc_depth = 2;
  });
  add_recurrent("lstm_alternating", [](ModelOptions& o) {
    o.enc_type = "alternating";
    o.enc_cell = "lstm";
    o.enc_depth = 3;
  });
  add_recurrent("gru_luong", [](ModelOptions& o) { o.rnn_attention = "luong"; });
  add_recurrent("lstm_luong_deep", [](ModelOptions& o) {
    o.rnn_attention = "luong";
    o.enc_cell = o.dec_cell = "lstm";
    o.dec_depth = 2;
    o.skip = o.layer_normalization = true;
  });
  add_recurrent("gru_luong_fed", [](ModelOptions& o) {
    o.rnn_attention = "luong";
    o.input_feeding = true;
  });
  add_recurrent("lstm_luong_fed_deep", [](ModelOptions& o) {
    o.rnn_attention = "luong";
    o.input_feeding = true;
    o.dec_cell = "lstm";
    o.dec_depth = 2;
    o.skip = true;
  });
  add_recurrent("gru_additive", [](ModelOptions& o) { o.attention = "additive"; });
  add_recurrent("gru_general_heads", [](ModelOptions& o) {
    o.attention = "general";
    o.rnn_attention_heads = 4;
    o.rnn_attention = "luong";
  });
  add_recurrent("gru_heads", [](ModelOptions& o) { o.rnn_attention_heads = 2; });
  const auto add_marian = [&](const std::string& name, auto change) {
    add_recurrent(name, [&](ModelOptions& o) {
      o.rnn_form = "marian";
      o.attention = "additive";
      change(o);
    });
  };
  const auto deep = [](ModelOptions& o) {
    o.enc_depth = o.dec_depth = 2;
    o.skip = true;
  };
  add_marian("marian_gru", [](ModelOptions&) {});
  add_marian("marian_lstm_bi_unidirectional", [&](ModelOptions& o) {
    deep(o);
    o.enc_cell = o.dec_cell = "lstm";
    o.enc_type = "bi-unidirectional";
  });
  add_marian("marian_gru_transitions_norm", [&](ModelOptions& o) {
    deep(o);
    o.layer_normalization = true;
    o.enc_cell_depth = o.dec_cell_high_depth = 2;
    o.dec_cell_base_depth = 4;
  });
  add_marian("marian_lstm_transitions_norm", [&](ModelOptions& o) {
    deep(o);
    o.enc_cell = o.dec_cell = "lstm";
    o.enc_type = "alternating";
    o.layer_normalization = true;
    o.enc_cell_depth = o.dec_cell_high_depth = 2;
    o.dec_cell_base_depth = 3;
  });
  add_marian("marian_gru_one_cell", [](ModelOptions& o) { o.dec_cell_base_depth = 1; });
  add_marian("marian_gru_nematus_norm", [](ModelOptions& o) {
    o.enc_cell = o.dec_cell = "gru-nematus";
    o.layer_normalization = true;
  });
  add_marian("nematus_norm", [&](ModelOptions& o) {
    deep(o);
    o.rnn_form = "nematus";
    o.enc_cell = o.dec_cell = "gru-nematus";
    o.layer_normalization = true;
    o.enc_cell_depth = 2;
    o.dec_cell_base_depth = 3;
  });
  add_recurrent("gru_tied_odd", [](ModelOptions& o) {
    o.tied_embeddings_all = true;
    o.dim_emb = 7;
    o.dim_rnn = 9;
    o.rnn_attention_heads = 3;
  });
  return all;
}

inline Variant variant(const std::string& name) {
  for (const Variant& v : variants()) {
    if (v.name == name) return v;
  }
  ADD_FAILURE() << "no variant " << name;
  return {};
}

/// A model with random values everywhere, in biases and norms too. Learned positions become as large as words: where
/// a word is dropped, a norm of next to nothing would be too curved for differences.
inline std::unique_ptr<Seq2Seq> random_model(const ModelOptions& options, const DropoutOptions& dropout = {},
                                             std::uint64_t seed = 1) {
  auto model = build_model(options, dropout);
  Parameters& parameters = model->parameters();
  parameters.initialise(seed);
  Random random(seed + 100);
  for (const Parameter& p : parameters.list()) {
    const double deviation = p.name == "positions.weight" ? 1 : 0.1;
    for (float& value : parameters.values_of(p)) value += float(deviation * random.normal());
  }
  return model;
}

inline constexpr int end_of_sentence = 0;

using Sentence = std::vector<int>;

/// Owns the tokens of a grid.
struct Sentences {
  std::vector<int> ids, offsets = {0};

  Sentences() = default;
  explicit Sentences(const std::vector<Sentence>& sentences) {
    for (const Sentence& s : sentences) add(s);
  }
  void add(const Sentence& sentence) {
    ids.insert(ids.end(), sentence.begin(), sentence.end());
    offsets.push_back(int(ids.size()));
  }
  TokenGrid grid() const { return {ids, offsets}; }
};

inline Sentence random_sentence(Random& random, int vocabulary, int words) {
  Sentence sentence;
  for (int i = 0; i < words; ++i) sentence.push_back(1 + int(random.below(std::uint64_t(vocabulary - 1))));
  sentence.push_back(end_of_sentence);
  return sentence;
}

/// What the decoder is fed to predict `sentence`.
inline Sentence shifted(const Sentence& sentence) {
  Sentence result = {-1};
  result.insert(result.end(), sentence.begin(), sentence.end() - 1);
  return result;
}

/// Decoder outputs after each of `fed`, all at once.
inline std::vector<float> whole_outputs(const Seq2Seq& model, const Sentences& source, const Sentences& fed) {
  Arena arena;
  const Context ctx{arena};
  const auto state = model.start(ctx, model.encode(ctx, source.grid()), Decoding::whole);
  const auto values = model.step(ctx, *state, fed.grid()).values();
  return {values.begin(), values.end()};
}

/// Largest difference in proportion to the largest number (or 1).
inline double largest_difference(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0, size = 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = std::abs(double(a[i]) - double(b[i]));
    if (!(d <= most)) most = d;
    size = std::max(size, std::abs(double(a[i])));
  }
  return most / size;
}

class ModelTest : public testing::TestWithParam<Variant> {
 protected:
  const ModelOptions& options() const { return GetParam().options; }
};

inline std::string variant_name(const testing::TestParamInfo<Variant>& parameter) { return parameter.param.name; }
inline void PrintTo(const Variant& v, std::ostream* out) { *out << v.name; }

}  // namespace dragoman
