#include "format/ctranslate2_import.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "format/ctranslate2_variables.h"
#include "format/option_fields.h"
#include "model/build.h"
#include "model/positions.h"
#include "model/quantize.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

/// By their numbers in files.
constexpr std::array activations{"relu", "gelu-tanh", "swish", "gelu", "gelu-sigmoid", "tanh", "sigmoid"};
constexpr std::array sides{"encoder", "decoder"};
constexpr int most_layers = 1024;

std::string inside(const std::string& directory, const char* name) { return (fs::path(directory) / name).string(); }

CTranslate2Side read_side(const std::string& directory, CTranslate2Variables& variables, int binary_version) {
  CTranslate2Side side;
  const std::string path = inside(directory, "config.json");
  CTranslate2Config& config = side.config;
  if (file_exists(path)) config = parse_ctranslate2_config(read_file(path), path);
  if (binary_version < 6) {  // as the settings were before there was a config.json
    config.unk_token = variables.text("unk_token", "<unk>");
    config.bos_token = variables.text("bos_token", "<s>");
    config.eos_token = variables.text("eos_token", "</s>");
    config.add_source_bos = variables.number("with_source_bos", 0) != 0;
    config.add_source_eos = variables.number("with_source_eos", 0) != 0;
    const bool starts_with_bos = variables.number("with_target_bos", 1) != 0;
    config.decoder_start_token = starts_with_bos ? config.bos_token : config.eos_token;
    if (variables.number("user_decoder_start_tokens", 0) != 0) config.decoder_start_token.reset();
  } else {
    require(file_exists(path), "{}: no config.json in it", directory);
  }
  side.vocabularies = read_ctranslate2_vocabularies(directory, config.unk_token);
  return side;
}

int id_of(const std::vector<std::string>& tokens, const std::string& token, const std::string& unknown) {
  const auto found = std::find(tokens.begin(), tokens.end(), token);
  if (found != tokens.end()) return int(found - tokens.begin());
  return int(std::find(tokens.begin(), tokens.end(), unknown) - tokens.begin());
}

/// From variables to options first, and then to parameters.
class Importer {
 public:
  Importer(CTranslate2Variables& variables, const CTranslate2Side& side, const std::string& directory)
      : v_(variables), side_(side), directory_(directory) {}

  ModelOptions options();
  void read(Parameters& parameters);

 private:
  /// The number that both sides must have.
  double of_both(const std::string& name, double otherwise);
  /// Whether both sides have a variable, or none.
  bool both_have(const std::string& name);
  int layers(const std::string& side);
  int inner_width(const std::string& side);
  void check_attention(const std::string& scope, const ModelOptions& o);
  void positions(ModelOptions& o);
  void ties(ModelOptions& o);

  void put(const std::string& ours, std::span<const float> values);
  void linear(const std::string& ours, const std::string& theirs, std::int64_t in, std::int64_t out);
  void norm(const std::string& ours, const std::string& theirs);

  CTranslate2Variables& v_;
  const CTranslate2Side& side_;
  const std::string& directory_;
  std::string source_table_;
  std::int64_t width_ = 0;
  std::vector<float> source_words_, target_words_, output_;
  std::array<std::vector<float>, 2> positions_;
  int inner_[2] = {0, 0};
  ModelOptions options_;
  Parameters* parameters_ = nullptr;
};

double Importer::of_both(const std::string& name, double otherwise) {
  const double value = v_.number("encoder/" + name, otherwise), other = v_.number("decoder/" + name, otherwise);
  require(value == other, "{}: variable 'decoder/{}' is {} and the encoder's {}; our Transformer has one for both",
          v_.path(), name, other, value);
  return value;
}

bool Importer::both_have(const std::string& name) {
  const bool has = v_.contains("encoder/" + name);
  require(has == v_.contains("decoder/" + name), "{}: the {} has a variable '{}/{}' and the {} none", v_.path(),
          sides[has ? 0 : 1], sides[has ? 0 : 1], name, sides[has ? 1 : 0]);
  return has;
}

int Importer::layers(const std::string& side) {
  int count = 0;
  while (v_.contains(fmt::format("{}/layer_{}/ffn/linear_0/weight", side, count))) ++count;
  require(count > 0 && count <= most_layers, "{}: {} layers in '{}/layer_...', expected 1 to {}", v_.path(), count,
          side, most_layers);
  return count;
}

int Importer::inner_width(const std::string& side) {
  const std::string name = side + "/layer_0/ffn/linear_0/weight";
  const TensorShape& shape = v_.shape(name);
  require(shape.size() == 2 && shape[0] > 0 && shape[0] <= 1 << 20 && shape[1] == width_,
          "{}: variable '{}': shape {}, expected [1 to 1048576, {}]", v_.path(), name, to_string(shape), width_);
  return int(shape[0]);
}

void Importer::check_attention(const std::string& scope, const ModelOptions& o) {
  const double head = double(o.dim_emb) / o.transformer_heads;
  const auto expect = [&](const char* name, double expected) {
    const double found = v_.number(scope + name, expected);
    require(std::fabs(found - expected) <= 1e-6, "{}: variable '{}{}': {}, but our attention has {}", v_.path(), scope,
            name, found, expected);
  };
  expect("/queries_scale", 1 / std::sqrt(head));
  expect("/num_heads_kv", o.transformer_heads);
  expect("/head_dim", head);
  expect("/multi_query", 0);
  expect("/sliding_window", 0);
  expect("/layer_norm/layer_norm_use_residual", 0);
}

void Importer::positions(ModelOptions& o) {
  const std::string name = "position_encodings/encodings";
  if (!both_have(name)) {
    o.transformer_first_position = 1;
    return;
  }
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string variable = fmt::format("{}/{}", sides[i], name);
    TensorShape shape = v_.shape(variable);
    const TensorShape as_stored = shape;
    if (shape.size() == 3 && shape[0] == 1) shape.erase(shape.begin());
    require(shape.size() == 2 && shape[1] == width_ && shape[0] >= 2 && shape[0] <= 1'000'000,
            "{}: variable '{}': shape {}, expected [2 to 1000000, {}]", v_.path(), variable, to_string(as_stored),
            width_);
    positions_[i] = v_.floats(variable, as_stored);
    rows = i == 0 ? shape[0] : std::min(rows, shape[0]);
  }
  for (auto& table : positions_) table.resize(std::size_t(rows * width_));  // sentences are no longer than both
  o.separate_position_embeddings = positions_[0] != positions_[1];
  const ElementType type = v_.find(fmt::format("{}/{}", sides[0], name))->type;
  const float rounding = type == ElementType::f16 ? 0x1p-11f : type == ElementType::bf16 ? 0x1p-8f : 1e-6f;
  std::vector<float> sinusoids(positions_[0].size());
  for (const int first : {0, 1}) {
    if (o.separate_position_embeddings) break;
    Sinusoids::fill(int(width_), first, int(rows), sinusoids.data());
    const bool same = std::equal(sinusoids.begin(), sinusoids.end(), positions_[0].begin(),
                                 [&](float a, float b) { return std::fabs(a - b) <= rounding; });
    if (!same) continue;
    o.transformer_first_position = first;
    return;
  }
  o.transformer_train_position_embeddings = true;
  o.max_length = int(rows) - 1;
}

void Importer::ties(ModelOptions& o) {
  const std::int64_t source = std::int64_t(side_.vocabularies.source.size());
  const std::int64_t target = std::int64_t(side_.vocabularies.target.size());
  const auto table = [&](const std::string& name, std::int64_t words, const std::string& vocabulary) {
    require(v_.shape(name).size() == 2 && v_.shape(name)[0] == words,
            "{}: variable '{}': shape {}, but {} has {} tokens", v_.path(), name, to_string(v_.shape(name)), vocabulary,
            words);
    return v_.floats(name, {words, width_});
  };
  o.dim_vocabs = {int(source), int(target)};
  source_words_ = table(source_table_, source, side_.vocabularies.source_path);
  target_words_ = table("decoder/embeddings/weight", target, side_.vocabularies.target_path);
  output_ = table("decoder/projection/weight", target, side_.vocabularies.target_path);
  const bool same_sides = source_words_ == target_words_, same_target = target_words_ == output_;
  o.tied_embeddings_all = same_sides && same_target;
  o.tied_embeddings_src = same_sides && !same_target;
  o.tied_embeddings = same_target && !same_sides;
  o.output_omit_bias = !v_.contains("decoder/projection/bias");
}

ModelOptions Importer::options() {
  ModelOptions o;
  const bool one_table = v_.contains("encoder/embeddings/weight");
  source_table_ = one_table ? "encoder/embeddings/weight" : "encoder/embeddings_0/weight";
  require(!v_.contains("encoder/embeddings_1/weight"),
          "{}: variable 'encoder/embeddings_1/weight': source words of several factors, which we cannot run",
          v_.path());
  const TensorShape& words = v_.shape(source_table_);
  require(words.size() == 2 && words[1] >= 4 && words[1] <= 1 << 20 && words[1] % 2 == 0,
          "{}: variable '{}': shape {}, expected [words, an even width of at least 4]", v_.path(), source_table_,
          to_string(words));
  width_ = words[1];
  o.dim_emb = int(width_);
  o.enc_depth = layers("encoder");
  o.dec_depth = layers("decoder");
  o.transformer_dim_ffn = inner_[0] = inner_width("encoder");
  inner_[1] = inner_width("decoder");
  o.transformer_decoder_dim_ffn = inner_[0] == inner_[1] ? 0 : inner_[1];

  const double heads = of_both("num_heads", v_.usual_heads());
  require(heads >= 1 && heads <= 1024 && heads == std::floor(heads) && o.dim_emb % int(heads) == 0,
          "{}: variable 'encoder/num_heads': {}, expected a divisor of the width {}", v_.path(), heads, o.dim_emb);
  o.transformer_heads = int(heads);
  const double activation = of_both("activation", 0);
  require(activation >= 0 && activation < double(activations.size()) && activation == std::floor(activation),
          "{}: variable 'encoder/activation': {}, expected 0 to {}", v_.path(), activation, activations.size() - 1);
  o.transformer_ffn_activation = activations[std::size_t(activation)];
  const bool pre_norm = of_both("pre_norm", 1) != 0;
  o.transformer_preprocess = pre_norm ? "n" : "";
  o.transformer_postprocess = pre_norm ? "da" : "dan";
  o.transformer_norm_keys = pre_norm;
  o.transformer_postprocess_emb = both_have("layernorm_embedding/gamma") ? "nd" : "d";
  o.transformer_postprocess_top = both_have("layer_norm/gamma") ? "n" : "";
  o.layer_norm_epsilon = side_.config.layer_norm_epsilon.value_or(1e-5);

  positions(o);
  ties(o);
  const std::string scale_name =
      v_.contains("encoder/scale_embeddings") ? "scale_embeddings" : "embeddings/multiply_by_sqrt_depth";
  double scale = of_both(scale_name, 1);
  const StoredTensor* stored = v_.find("encoder/" + scale_name);
  if (stored == nullptr || stored->type == ElementType::i8) scale = scale != 0 ? std::sqrt(double(width_)) : 1;
  require(scale > 0 && scale <= 1e6, "{}: variable 'encoder/{}': {}, expected a positive factor", v_.path(), scale_name,
          scale);
  const double usual = o.transformer_train_position_embeddings ? 1 : std::sqrt(double(width_));
  if (std::fabs(scale - usual) > 1e-6 * usual) o.embedding_scale = scale;

  const CTranslate2Config& config = side_.config;
  require(config.quantization_type.empty(), "{}/config.json: quantization_type: weights as {} cannot be read",
          directory_, config.quantization_type);
  if (v_.number("decoder/start_from_zero_embedding", 0) == 0) {
    require(config.decoder_start_token.has_value(),
            "{}/config.json: decoder_start_token: null, so that a translation's first token would have to be given "
            "with each line, which we cannot do",
            directory_);
    o.decoder_start_token = id_of(side_.vocabularies.target, *config.decoder_start_token, config.unk_token);
  }
  if (config.add_source_bos) {
    o.encoder_start_token = id_of(side_.vocabularies.source, config.bos_token, config.unk_token);
  }
  o.encoder_omit_end = !config.add_source_eos;

  for (int i = 0; i < o.enc_depth; ++i) check_attention(fmt::format("encoder/layer_{}/self_attention", i), o);
  for (int i = 0; i < o.dec_depth; ++i) {
    check_attention(fmt::format("decoder/layer_{}/self_attention", i), o);
    check_attention(fmt::format("decoder/layer_{}/attention", i), o);
  }
  const double layer = v_.number("decoder/alignment_layer", -1);
  if (layer >= 0 && layer < o.dec_depth) o.transformer_guided_alignment_layer = std::to_string(int(layer) + 1);
  v_.number("decoder/alignment_heads", 1);  // alignments of ours are means over all
  v_.number("encoder/embeddings_merge", 0);
  for (const char* name : {"encoder/multi_query_attention", "decoder/multi_query_attention", "decoder/alibi",
                           "decoder/final_logit_softcapping", "encoder/sliding_window", "decoder/sliding_window"}) {
    require(v_.number(name, 0) == 0, "{}: variable '{}' is not 0: our Transformer has nothing like it", v_.path(),
            name);
  }
  v_.number("decoder/alibi_use_positive_positions", 0);
  v_.number("decoder/scale_alibi", 0);
  require(v_.number("decoder/scale_outputs", 1) == 1, "{}: variable 'decoder/scale_outputs' is not 1", v_.path());
  options_ = o;
  return o;
}

void Importer::put(const std::string& ours, std::span<const float> values) {
  const Parameter* parameter = parameters_->find(ours);
  require(parameter != nullptr && std::size_t(parameter->shape.size()) == values.size(),
          "{}: the numbers of '{}' do not fit the model", v_.path(), ours);
  std::copy(values.begin(), values.end(), parameters_->values_of(*parameter).begin());
}

void Importer::linear(const std::string& ours, const std::string& theirs, std::int64_t in, std::int64_t out) {
  const std::vector<float> rows = v_.floats(theirs + "/weight", {out, in});
  std::vector<float> weight(rows.size());
  for (std::int64_t o = 0; o < out; ++o) {
    for (std::int64_t i = 0; i < in; ++i) weight[std::size_t(i * out + o)] = rows[std::size_t(o * in + i)];
  }
  put(ours + ".weight", weight);
  if (v_.contains(theirs + "/bias")) put(ours + ".bias", v_.floats(theirs + "/bias", {out}));  // else it stays zero
}

void Importer::norm(const std::string& ours, const std::string& theirs) {
  require(v_.contains(theirs + "/beta"),
          "{}: variable '{}/beta' is missing: a root mean square norm, which our "
          "Transformer has not",
          v_.path(), theirs);
  put(ours + ".scale", v_.floats(theirs + "/gamma", {width_}));
  put(ours + ".bias", v_.floats(theirs + "/beta", {width_}));
}

void Importer::read(Parameters& parameters) {
  parameters_ = &parameters;
  const ModelOptions& o = options_;
  const std::int64_t d = width_;
  if (o.tied_embeddings_all || o.tied_embeddings_src) {
    put("embedding.weight", source_words_);
  } else {
    put("source_embedding.weight", source_words_);
    put("target_embedding.weight", target_words_);
  }
  if (!o.tied_embeddings_all && !o.tied_embeddings) put("output.weight", output_);
  if (!o.output_omit_bias) put("output.bias", v_.floats("decoder/projection/bias", {o.dim_vocabs[1]}));
  if (o.transformer_train_position_embeddings && !o.separate_position_embeddings) {
    put("positions.weight", positions_[0]);
  } else if (o.transformer_train_position_embeddings) {
    put("encoder.positions.weight", positions_[0]);
    put("decoder.positions.weight", positions_[1]);
  }
  const std::string around = o.transformer_preprocess.empty() ? ".post_norm" : ".pre_norm";
  for (std::size_t s = 0; s < 2; ++s) {
    const std::string side = sides[s];
    if (o.transformer_postprocess_emb == "nd") norm(side + ".embedding_norm", side + "/layernorm_embedding");
    if (o.transformer_postprocess_top == "n") norm(side + ".top_norm", side + "/layer_norm");
    for (int i = 0; i < (s == 0 ? o.enc_depth : o.dec_depth); ++i) {
      const std::string ours = fmt::format("{}.layers.{}", side, i), theirs = fmt::format("{}/layer_{}", side, i);
      linear(ours + ".self.query_key_value", theirs + "/self_attention/linear_0", d, 3 * d);
      linear(ours + ".self.output", theirs + "/self_attention/linear_1", d, d);
      norm(ours + ".self" + around, theirs + "/self_attention/layer_norm");
      if (s == 1) {
        linear(ours + ".cross.query", theirs + "/attention/linear_0", d, d);
        linear(ours + ".cross.key_value", theirs + "/attention/linear_1", d, 2 * d);
        linear(ours + ".cross.output", theirs + "/attention/linear_2", d, d);
        norm(ours + ".cross" + around, theirs + "/attention/layer_norm");
      }
      linear(ours + ".feed_forward.inner", theirs + "/ffn/linear_0", d, inner_[s]);
      linear(ours + ".feed_forward.outer", theirs + "/ffn/linear_1", inner_[s], d);
      norm(ours + ".feed_forward" + around, theirs + "/ffn/layer_norm");
    }
  }
  v_.require_all_used();
}

/// The SentencePiece models of the directory, or if it has none its lists of tokens.
void find_vocabularies(const std::string& directory, const CTranslate2Vocabularies& lists, ModelConfig& config) {
  const std::string source = inside(directory, "source.spm"), target = inside(directory, "target.spm");
  config.source_vocabulary = lists.source_path;
  config.target_vocabulary = lists.target_path;
  for (const char* name : {"vocabulary.spm", "sentencepiece.model", "sentencepiece.bpe.model"}) {
    const std::string joint = inside(directory, name);
    if (!file_exists(joint)) continue;
    config.source_vocabulary = config.target_vocabulary = joint;
    return;
  }
  if (!file_exists(source) || !file_exists(target)) return;
  config.source_vocabulary = source;
  config.target_vocabulary = target;
}

}  // namespace

bool is_ctranslate2_directory(const std::string& directory) {
  return file_exists(inside(directory, "model.bin")) && !file_exists(config_path(directory));
}

CTranslate2Side read_ctranslate2_side(const std::string& directory) {
  const CTranslate2File file = CTranslate2File::open(inside(directory, "model.bin"));
  CTranslate2Variables variables(file);
  return read_side(directory, variables, file.binary_version());
}

LoadedModel load_ctranslate2_model(const std::string& directory, StoredWeights weights, const DropoutOptions& dropout) {
  const CTranslate2File file = CTranslate2File::open(inside(directory, "model.bin"));
  CTranslate2Variables variables(file);
  const CTranslate2Side side = read_side(directory, variables, file.binary_version());
  Importer importer(variables, side, directory);
  LoadedModel loaded{.directory = directory, .config = {}, .model = nullptr};
  loaded.config.options = importer.options();
  check_model_options(loaded.config.options, file.path());
  try {
    loaded.model = describe_model(loaded.config.options, dropout);
  } catch (const Error& e) {
    fail("{}: {}", file.path(), e.what());
  }
  double stored = 0;
  for (const StoredTensor& variable : file.variables()) stored += double(variable.size());
  const double needed = double(loaded.model->parameters().count());
  require(needed <= 64 * stored + 1e6,
          "{}: a model of {:.0f} numbers out of {:.0f} stored ones: its aliases are damaged", file.path(), needed,
          stored);
  loaded.model->parameters().allocate();
  importer.read(loaded.model->parameters());
  const StoredTensor* matrix = variables.find("decoder/layer_0/ffn/linear_0/weight");
  if (weights == StoredWeights::as_stored && matrix->type == ElementType::i8) {
    loaded.model = quantized(*loaded.model);  // finds the same integers again
  }
  find_vocabularies(directory, side.vocabularies, loaded.config);
  return loaded;
}

}  // namespace dragoman
