// config.yml of a model directory.

#include <string>
#include <utility>

#include "base/error.h"
#include "format/config_yaml.h"
#include "format/marian_settings.h"
#include "format/option_fields.h"
#include "model/recurrent_form.h"

namespace dragoman {
namespace {

/// Keys of a model's config.yml besides the settings: format/model_directory.h stores the languages.
bool is_known_elsewhere(const std::string& key) {
  return key == "source-language" || key == "target-language" || key == "relative-paths" ||
         key == "interpolate-env-vars" || key == "task";
}

}  // namespace

void check_model_options(const ModelOptions& o, const std::string& where) {
  require(o.dim_vocabs.size() == 2, "{}: dim-vocabs: expected two sizes, source and target, found {}", where,
          o.dim_vocabs.size());
  if (o.type == "transformer") {
    require(o.dim_emb % o.transformer_heads == 0, "{}: dim-emb {} cannot be divided by transformer-heads {}", where,
            o.dim_emb, o.transformer_heads);
    require(o.transformer_decoder_autoreg != "rnn" || o.dec_cell == "ssru",
            "{}: transformer-decoder-autoreg: rnn needs dec-cell: ssru, found {}", where, o.dec_cell);
  } else {
    const ModelOptions usual;
    require(o.embedding_scale == usual.embedding_scale && o.layer_norm_epsilon == usual.layer_norm_epsilon &&
                o.transformer_first_position == usual.transformer_first_position && !o.separate_position_embeddings &&
                o.decoder_start_token == -1 && o.encoder_start_token == -1 && !o.encoder_omit_end,
            "{}: embedding-scale, layer-norm-epsilon, transformer-first-position, separate-position-embeddings, "
            "decoder-start-token, encoder-start-token and encoder-omit-end need type: transformer, found {}",
            where, o.type);
    require(o.dec_cell != "ssru", "{}: dec-cell: type s2s needs gru, lstm or gru-nematus, found ssru", where);
    try {
      check_recurrent_form(o);
    } catch (const Error& e) {
      fail("{}: {}", where, e.what());
    }
    require(o.dim_rnn % o.rnn_attention_heads == 0, "{}: dim-rnn {} cannot be divided by rnn-attention-heads {}", where,
            o.dim_rnn, o.rnn_attention_heads);
    require(!o.input_feeding || o.rnn_attention == "luong", "{}: input-feeding needs rnn-attention: luong, found {}",
            where, o.rnn_attention);
  }
  require(o.dim_emb >= 4 && o.dim_emb % 2 == 0, "{}: dim-emb: expected an even number of at least 4, found {}", where,
          o.dim_emb);
  const bool ties_sides = o.tied_embeddings_src || o.tied_embeddings_all;
  require(!ties_sides || o.dim_vocabs[0] == o.dim_vocabs[1],
          "{}: {} needs one vocabulary for both sides, and dim-vocabs are {} and {}", where,
          o.tied_embeddings_all ? "tied-embeddings-all" : "tied-embeddings-src", o.dim_vocabs[0], o.dim_vocabs[1]);
}

ModelOptions read_model_options(const std::string& path) { return model_options(read_config(path), path); }

ModelOptions model_options(std::vector<ConfigEntry> entries, const std::string& path) {
  ModelOptions options;
  Fields fields = describe(options);
  TrainSettings training;  // its settings may stand in the file too: they are checked, and not needed
  Fields others = describe(training);
  for (ConfigEntry& entry : entries) {
    adapt_marian_entry(entry);
    if (fields.find(entry.key) != nullptr) {
      fields.set(entry.key, entry.value, entry.where);
    } else if (others.find(entry.key) != nullptr) {
      others.set(entry.key, entry.value, entry.where);
    } else if (const MarianSetting* setting = find_marian_setting(entry.key)) {
      accept_marian_setting(*setting, entry);
    } else if (!is_known_elsewhere(entry.key)) {
      fields.set(entry.key, entry.value, entry.where);  // says that it is unknown
    }
  }
  check_model_options(options, path);
  return options;
}

std::string model_options_yaml(const ModelOptions& options) {
  ModelOptions copy;
  const Fields fields = describe(copy);  // described with the defaults, dumped with the values
  copy = options;
  return dump_config(fields, Dump::full);
}

}  // namespace dragoman
