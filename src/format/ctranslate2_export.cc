#include "format/ctranslate2_export.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "format/ctranslate2_file.h"
#include "format/ctranslate2_vocabulary.h"
#include "format/half.h"
#include "model/positions.h"

namespace dragoman {
namespace {

/// By their numbers in files.
constexpr std::array activations{"relu", "gelu-tanh", "swish", "gelu", "gelu-sigmoid", "tanh", "sigmoid"};
constexpr int sinusoid_rows = 2048;
constexpr int revision = 7;

/// A process without what matters only while training.
std::string without_dropout(std::string steps) {
  std::erase(steps, 'd');
  return steps;
}

/// The variables that are to be written, and the numbers that they view.
class Exporter {
 public:
  Exporter(const Seq2Seq& model, ExportedWeights weights)
      : o_(model.options()), p_(model.parameters()), how_(weights) {}

  void collect();
  void write(const std::string& path) const {
    write_ctranslate2_file(path, "TransformerSpec", revision, variables_, aliases_);
  }

 private:
  std::span<const float> values(const std::string& ours) const;
  bool has(const std::string& ours) const { return p_.find(ours) != nullptr; }

  template <class T>
  void number(const std::string& name, ElementType type, T value) {
    const std::byte* bytes = reinterpret_cast<const std::byte*>(&value);
    kept_bytes_.emplace_back(bytes, bytes + sizeof value);
    variables_.push_back({name, type, {}, kept_bytes_.back()});
  }
  template <class T>
  void numbers(const std::string& name, ElementType type, TensorShape shape, const std::vector<T>& values);
  void floats(const std::string& name, TensorShape shape, std::vector<float> values);
  /// Floats of the model itself: in sixteen bits if it is wished.
  void weights(const std::string& name, TensorShape shape, std::vector<float> values);
  /// A matrix that may be quantised.
  void matrix(const std::string& name, std::int64_t rows, std::int64_t columns, std::vector<float> values);
  /// A linear layer out of one of ours, or of several whose outputs lie side by side.
  void linear(const std::string& theirs, const std::vector<std::string>& ours, std::int64_t in);
  void norm(const std::string& theirs, const std::string& ours);
  void tables();
  void positions();
  void side(const std::string& name, int layers);

  const ModelOptions& o_;
  const Parameters& p_;
  const ExportedWeights how_;
  std::vector<StoredTensor> variables_;
  std::map<std::string, std::string> aliases_;
  std::deque<std::vector<float>> kept_floats_;
  std::deque<std::vector<std::byte>> kept_bytes_;
};

std::span<const float> Exporter::values(const std::string& ours) const {
  const Parameter* parameter = p_.find(ours);
  require(parameter != nullptr, "the model has no parameter '{}'", ours);
  return p_.floats_of(*parameter);
}

void Exporter::floats(const std::string& name, TensorShape shape, std::vector<float> values) {
  kept_floats_.push_back(std::move(values));
  variables_.push_back(stored_floats(name, std::move(shape), kept_floats_.back()));
}

template <class T>
void Exporter::numbers(const std::string& name, ElementType type, TensorShape shape, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  kept_bytes_.emplace_back(bytes.begin(), bytes.end());
  variables_.push_back({name, type, std::move(shape), kept_bytes_.back()});
}

void Exporter::weights(const std::string& name, TensorShape shape, std::vector<float> values) {
  if (how_ != ExportedWeights::f16 && how_ != ExportedWeights::bf16) return floats(name, shape, std::move(values));
  const bool half = how_ == ExportedWeights::f16;
  std::vector<std::uint16_t> rounded;
  for (const float x : values) {
    rounded.push_back(half ? to_f16(x) : to_bf16(x));
    require(std::isfinite(half ? from_f16(rounded.back()) : from_bf16(rounded.back())),
            "'{}' holds {}, which is too large for {}", name, x, half ? "float16" : "bfloat16");
  }
  numbers(name, half ? ElementType::f16 : ElementType::bf16, std::move(shape), rounded);
}

void Exporter::matrix(const std::string& name, std::int64_t rows, std::int64_t columns, std::vector<float> values) {
  if (how_ == ExportedWeights::int8) {
    QuantizedRows quantized = quantize_rows(values, rows);
    numbers(name, ElementType::i8, {rows, columns}, quantized.numbers);
    floats(name + "_scale", {rows}, std::move(quantized.scales));
  } else if (how_ == ExportedWeights::int16) {
    const QuantizedMatrix quantized = quantize_matrix(values);
    numbers(name, ElementType::i16, {rows, columns}, quantized.numbers);
    floats(name + "_scale", {}, {quantized.scale});
  } else {
    weights(name, {rows, columns}, std::move(values));
  }
}

void Exporter::linear(const std::string& theirs, const std::vector<std::string>& ours, std::int64_t in) {
  std::vector<float> weight, bias;
  for (const std::string& name : ours) {
    const std::span<const float> b = values(name + ".bias"), w = values(name + ".weight");
    const std::size_t out = b.size();
    for (std::size_t o = 0; o < out; ++o) {
      for (std::size_t i = 0; i < std::size_t(in); ++i) weight.push_back(w[i * out + o]);
    }
    bias.insert(bias.end(), b.begin(), b.end());
  }
  const std::int64_t rows = std::int64_t(bias.size());
  matrix(theirs + "/weight", rows, in, std::move(weight));
  weights(theirs + "/bias", {rows}, std::move(bias));
}

void Exporter::norm(const std::string& theirs, const std::string& ours) {
  const std::span<const float> scale = values(ours + ".scale"), bias = values(ours + ".bias");
  weights(theirs + "/gamma", {o_.dim_emb}, {scale.begin(), scale.end()});
  weights(theirs + "/beta", {o_.dim_emb}, {bias.begin(), bias.end()});
}

void Exporter::tables() {
  const bool one_side = o_.tied_embeddings_all || o_.tied_embeddings_src;
  const auto table = [&](const std::string& theirs, const std::string& ours, int words) {
    const std::span<const float> v = values(ours);
    matrix(theirs, words, o_.dim_emb, {v.begin(), v.end()});
  };
  const std::string source = "encoder/embeddings_0/weight", target = "decoder/embeddings/weight",
                    output = "decoder/projection/weight";
  table(target, one_side ? "embedding.weight" : "target_embedding.weight", o_.dim_vocabs[1]);
  if (one_side) {
    aliases_[source] = target;
  } else {
    table(source, "source_embedding.weight", o_.dim_vocabs[0]);
  }
  if (o_.tied_embeddings_all || o_.tied_embeddings) {
    aliases_[output] = target;
  } else {
    table(output, "output.weight", o_.dim_vocabs[1]);
  }
  if (!o_.output_omit_bias) {
    const std::span<const float> bias = values("output.bias");
    weights("decoder/projection/bias", {o_.dim_vocabs[1]}, {bias.begin(), bias.end()});
  }
}

void Exporter::positions() {
  const std::string source = "encoder/position_encodings/encodings", target = "decoder/position_encodings/encodings";
  const auto learned = [&](const std::string& theirs, const std::string& ours) {
    const std::span<const float> v = values(ours);
    weights(theirs, {o_.max_length + 1, o_.dim_emb}, {v.begin(), v.end()});
  };
  if (o_.transformer_train_position_embeddings && o_.separate_position_embeddings) {
    learned(source, "encoder.positions.weight");
    return learned(target, "decoder.positions.weight");
  }
  aliases_[source] = target;
  if (o_.transformer_train_position_embeddings) return learned(target, "positions.weight");
  std::vector<float> table(std::size_t(sinusoid_rows) * std::size_t(o_.dim_emb));
  Sinusoids::fill(o_.dim_emb, o_.transformer_first_position, sinusoid_rows, table.data());
  floats(target, {sinusoid_rows, o_.dim_emb}, std::move(table));
}

void Exporter::side(const std::string& name, int layers) {
  const bool pre_norm = o_.transformer_preprocess.find('n') != std::string::npos;
  const bool learned = o_.transformer_train_position_embeddings;
  const auto activation = std::find(activations.begin(), activations.end(), o_.transformer_ffn_activation);
  number(name + "/num_heads", ElementType::i16, std::int16_t(o_.transformer_heads));
  number(name + "/pre_norm", ElementType::i8, std::int8_t(pre_norm));
  number(name + "/activation", ElementType::i8, std::int8_t(activation - activations.begin()));
  if (o_.embedding_scale > 0) {
    number(name + "/scale_embeddings", ElementType::f32, float(o_.embedding_scale));
  } else {
    number(name + "/scale_embeddings", ElementType::i8, std::int8_t(learned ? 0 : 1));  // 1: the root of the width
  }
  if (has(name + ".embedding_norm.scale")) norm(name + "/layernorm_embedding", name + ".embedding_norm");
  if (has(name + ".top_norm.scale")) norm(name + "/layer_norm", name + ".top_norm");
  const std::string around = pre_norm ? ".pre_norm" : ".post_norm";
  const std::int64_t d = o_.dim_emb;
  for (int i = 0; i < layers; ++i) {
    const std::string theirs = fmt::format("{}/layer_{}", name, i), ours = fmt::format("{}.layers.{}", name, i);
    if (has(ours + ".self.query_key_value.weight")) {
      linear(theirs + "/self_attention/linear_0", {ours + ".self.query_key_value"}, d);
    } else {
      linear(theirs + "/self_attention/linear_0", {ours + ".self.query", ours + ".self.key_value"}, d);
    }
    linear(theirs + "/self_attention/linear_1", {ours + ".self.output"}, d);
    norm(theirs + "/self_attention/layer_norm", ours + ".self" + around);
    if (has(ours + ".cross.query.weight")) {
      linear(theirs + "/attention/linear_0", {ours + ".cross.query"}, d);
      linear(theirs + "/attention/linear_1", {ours + ".cross.key_value"}, d);
      linear(theirs + "/attention/linear_2", {ours + ".cross.output"}, d);
      norm(theirs + "/attention/layer_norm", ours + ".cross" + around);
    }
    linear(theirs + "/ffn/linear_0", {ours + ".feed_forward.inner"}, d);
    linear(theirs + "/ffn/linear_1", {ours + ".feed_forward.outer"},
           std::int64_t(values(ours + ".feed_forward.inner.bias").size()));
    norm(theirs + "/ffn/layer_norm", ours + ".feed_forward" + around);
  }
}

void Exporter::collect() {
  side("encoder", o_.enc_depth);
  side("decoder", o_.dec_depth);
  number("encoder/embeddings_merge", ElementType::i8, std::int8_t(0));
  const std::string& layer = o_.transformer_guided_alignment_layer;
  const int number_of_layer = layer == "last" ? -1 : std::atoi(layer.c_str()) - 1;
  number("decoder/alignment_layer", ElementType::i16, std::int16_t(number_of_layer));
  number("decoder/alignment_heads", ElementType::i16, std::int16_t(0));  // the mean of all
  number("decoder/start_from_zero_embedding", ElementType::i8, std::int8_t(o_.decoder_start_token < 0));
  tables();
  positions();
}

const std::string& token_at(const ExportedVocabulary& vocabulary, int id, const char* setting) {
  require(id >= 0 && std::size_t(id) < vocabulary.tokens.size(), "{}: {} is no token of the vocabulary", setting, id);
  return vocabulary.tokens[std::size_t(id)];
}

}  // namespace

void check_ctranslate2_export(const ModelOptions& o) {
  constexpr const char* cannot = "CTranslate2 cannot run this model";
  require(o.type == "transformer", "{}: type: {}, expected transformer", cannot, o.type);
  require(o.transformer_decoder_autoreg == "self-attention",
          "{}: transformer-decoder-autoreg: {}, expected self-attention", cannot, o.transformer_decoder_autoreg);
  for (const auto& [name, score] : {std::pair{"attention", &o.attention}, {"self-attention", &o.self_attention}}) {
    require(*score == "scaled-dot", "{}: {}: {}, expected scaled-dot", cannot, name, *score);
  }
  const std::string before = without_dropout(o.transformer_preprocess),
                    after = without_dropout(o.transformer_postprocess),
                    top = without_dropout(o.transformer_postprocess_top);
  require((before == "n" && after == "a") || (before.empty() && after == "an"),
          "{}: transformer-preprocess '{}' with transformer-postprocess '{}', expected n with da, or nothing with dan",
          cannot, o.transformer_preprocess, o.transformer_postprocess);
  require(before.empty() || o.transformer_norm_keys,
          "{}: transformer-norm-keys: false with transformer-preprocess n: there keys and values are normed too",
          cannot);
  require(top == "n" || top.empty(), "{}: transformer-postprocess-top: '{}', expected n or nothing", cannot,
          o.transformer_postprocess_top);
  require(std::find(activations.begin(), activations.end(), o.transformer_ffn_activation) != activations.end(),
          "{}: transformer-ffn-activation: {}", cannot, o.transformer_ffn_activation);
}

void export_ctranslate2(const std::string& directory, const Seq2Seq& model, const ExportedVocabulary& source,
                        const ExportedVocabulary& target, bool joint, ExportedWeights weights) {
  const ModelOptions& o = model.options();
  check_ctranslate2_export(o);
  CTranslate2Config config;
  config.unk_token = token_at(target, target.unknown, "<unk>");
  config.eos_token = token_at(target, target.end, "</s>");
  require(
      config.unk_token == token_at(source, source.unknown, "<unk>"),
      "CTranslate2 cannot run this model: the unknown token is '{}' in the source vocabulary and '{}' in the target",
      token_at(source, source.unknown, "<unk>"), config.unk_token);
  require(config.eos_token == token_at(source, source.end, "</s>"),
          "CTranslate2 cannot run this model: the sentence end is '{}' in the source vocabulary and '{}' in the target",
          token_at(source, source.end, "</s>"), config.eos_token);
  config.add_source_eos = !o.encoder_omit_end;
  config.add_source_bos = o.encoder_start_token >= 0;
  if (config.add_source_bos) config.bos_token = token_at(source, o.encoder_start_token, "encoder-start-token");
  // With a vector of zeros any token will do.
  config.decoder_start_token =
      o.decoder_start_token < 0 ? config.eos_token : token_at(target, o.decoder_start_token, "decoder-start-token");
  config.layer_norm_epsilon = o.layer_norm_epsilon;

  const auto inside = [&](const char* name) { return (std::filesystem::path(directory) / name).string(); };
  const auto vocabulary = [&](const ExportedVocabulary& v, const char* list, const char* spm) {
    write_atomically(inside(list), ctranslate2_vocabulary_json(v.tokens, inside(list)));
    if (!v.sentencepiece_model.empty()) write_atomically(inside(spm), v.sentencepiece_model);
  };
  if (joint) {
    vocabulary(target, "shared_vocabulary.json", "vocabulary.spm");
  } else {
    vocabulary(source, "source_vocabulary.json", "source.spm");
    vocabulary(target, "target_vocabulary.json", "target.spm");
  }
  write_atomically(inside("config.json"), ctranslate2_config_json(config));
  Exporter exporter(model, weights);
  exporter.collect();
  exporter.write(inside("model.bin"));
}

}  // namespace dragoman
