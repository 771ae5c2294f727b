#pragma once
// Golden values of whole models, from tests/golden/.

#include <string>
#include <vector>

#include "dragoman/model_options.h"
#include "format/safetensors.h"
#include "nn/parameters.h"

namespace dragoman {

inline TensorShape stored_shape(const Shape& shape) {
  TensorShape result;
  for (int axis = 0; axis < shape.rank(); ++axis) result.push_back(shape[axis]);
  return result;
}

/// One file of golden values: tensors, and settings as its metadata.
class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(Safetensors::open(DRAGOMAN_SOURCE_DIR "/tests/golden/" + name + ".safetensors")) {}

  const Safetensors& file() const { return file_; }
  const std::string& text(const std::string& key) const { return file_.metadata().at(key); }
  double number(const std::string& key) const { return std::stod(text(key)); }
  bool flag(const std::string& key) const { return text(key) == "true"; }

  std::vector<int> integers(const std::string& tensor) const {
    const std::vector<float> values = file_.floats(tensor);
    return {values.begin(), values.end()};
  }

  ModelOptions options() const {
    const auto integer = [&](const std::string& key) { return std::stoi(text(key)); };
    ModelOptions o;
    o.dim_vocabs = {integer("source-vocabulary"), integer("target-vocabulary")};
    o.dim_emb = integer("dim-emb");
    o.enc_depth = integer("enc-depth");
    o.dec_depth = integer("dec-depth");
    o.max_length = integer("max-length");
    o.tied_embeddings = flag("tied-embeddings");
    o.tied_embeddings_src = flag("tied-embeddings-src");
    o.tied_embeddings_all = flag("tied-embeddings-all");
    o.output_omit_bias = flag("output-omit-bias");
    if (file_.metadata().contains("attention")) o.attention = text("attention");
    if (file_.metadata().contains("self-attention")) o.self_attention = text("self-attention");
    if (file_.metadata().contains("type")) {  // recurrent
      o.type = text("type");
      o.dim_rnn = integer("dim-rnn");
      o.enc_type = text("enc-type");
      o.enc_cell = text("enc-cell");
      o.dec_cell = text("dec-cell");
      o.skip = flag("skip");
      o.layer_normalization = flag("layer-normalization");
      o.rnn_attention = text("rnn-attention");
      o.input_feeding = flag("input-feeding");
      o.rnn_attention_heads = integer("rnn-attention-heads");
      if (!file_.metadata().contains("rnn-form")) return o;
      o.rnn_form = text("rnn-form");
      o.enc_cell_depth = integer("enc-cell-depth");
      o.dec_cell_base_depth = integer("dec-cell-base-depth");
      o.dec_cell_high_depth = integer("dec-cell-high-depth");
      return o;
    }
    o.transformer_heads = integer("transformer-heads");
    if (file_.metadata().contains("transformer-decoder-autoreg")) {
      o.transformer_decoder_autoreg = text("transformer-decoder-autoreg");
      o.dec_cell = text("dec-cell");
      o.transformer_dim_aan = integer("transformer-dim-aan");
      o.transformer_aan_activation = text("transformer-aan-activation");
      o.transformer_aan_nogate = flag("transformer-aan-nogate");
    }
    o.transformer_dim_ffn = integer("transformer-dim-ffn");
    o.transformer_decoder_dim_ffn = integer("transformer-decoder-dim-ffn");
    o.transformer_ffn_activation = text("transformer-ffn-activation");
    o.transformer_preprocess = text("transformer-preprocess");
    o.transformer_postprocess = text("transformer-postprocess");
    o.transformer_postprocess_emb = text("transformer-postprocess-emb");
    o.transformer_postprocess_top = text("transformer-postprocess-top");
    o.transformer_train_position_embeddings = flag("transformer-train-position-embeddings");
    o.transformer_norm_keys = flag("transformer-norm-keys");
    return o;
  }

  /// Puts the tensors "value.<name>" into a model's parameters.
  void read_values(Parameters& parameters) const {
    for (const Parameter& p : parameters.list()) {
      file_.read_floats("value." + p.name, parameters.values_of(p), stored_shape(p.shape));
    }
  }

 private:
  Safetensors file_;
};

}  // namespace dragoman
