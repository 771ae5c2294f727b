#include "model/recurrent_form.h"

#include <utility>

#include "base/error.h"

namespace dragoman {

bool has_own_form(const ModelOptions& o) { return o.rnn_form == "own"; }

MapNorm norm_of_maps(const ModelOptions& o) {
  if (has_own_form(o) || !o.layer_normalization) return MapNorm::none;
  return o.rnn_form == "nematus" ? MapNorm::nematus : MapNorm::marian;
}

RecurrentLayerOptions layer_options(const ModelOptions& o, const std::string& cell, const std::string& setting, int in,
                                    int width, CellPlace place) {
  RecurrentLayerOptions layer{.cell = parse_cell(cell, setting), .in = in, .width = width};
  if (has_own_form(o)) return layer;
  const bool of_state = layer.cell == Cell::gru && place == CellPlace::after_attention;
  layer.bias = of_state ? GateBias::state : GateBias::input;
  if (o.layer_normalization) layer.norm = cell == "gru-nematus" ? MapNorm::nematus : MapNorm::marian;
  return layer;
}

void check_recurrent_form(const ModelOptions& o) {
  require(o.rnn_form == "own" || o.rnn_form == "marian" || o.rnn_form == "nematus",
          "rnn-form: expected own, marian or nematus, found '{}'", o.rnn_form);
  const bool own = has_own_form(o), normalizes = o.layer_normalization;
  struct Depth {
    const char* name;
    int value, usual;
  };
  for (const auto& [name, value, usual] :
       {Depth{"enc-cell-depth", o.enc_cell_depth, 1}, Depth{"dec-cell-base-depth", o.dec_cell_base_depth, 2},
        Depth{"dec-cell-high-depth", o.dec_cell_high_depth, 1}}) {
    require(value >= 1, "{}: expected a positive number, found {}", name, value);
    require(!own || value == usual, "{}: {} needs rnn-form: marian, found own, which has {}", name, value, usual);
  }
  for (const auto& [name, cell] : {std::pair("enc-cell", o.enc_cell), std::pair("dec-cell", o.dec_cell)}) {
    require(!own || !normalizes || cell != "gru-nematus",
            "{}: gru-nematus with layer-normalization needs rnn-form: marian (or nematus, for a model of that type), "
            "found own",
            name);
    require(o.rnn_form != "nematus" || cell == "gru-nematus", "{}: rnn-form: nematus needs gru-nematus, found {}", name,
            cell);
  }
  if (own) return;
  require(o.rnn_attention == "bahdanau", "rnn-attention: rnn-form: {} needs bahdanau, found {}", o.rnn_form,
          o.rnn_attention);
  require(o.attention == "additive", "attention: rnn-form: {} needs additive, found {}", o.rnn_form, o.attention);
  require(o.rnn_attention_heads == 1, "rnn-attention-heads: rnn-form: {} needs 1, found {}", o.rnn_form,
          o.rnn_attention_heads);
  require(o.rnn_form != "nematus" || o.enc_type == "bidirectional",
          "enc-type: rnn-form: nematus needs bidirectional, found {}", o.enc_type);
  require(o.dec_cell != "gru-nematus" || o.dec_cell_high_depth == 1,
          "dec-cell-high-depth: dec-cell: gru-nematus needs 1, found {}", o.dec_cell_high_depth);
  require(o.enc_cell != "gru-nematus" || o.enc_type != "bi-unidirectional" || o.enc_cell_depth == 1,
          "enc-cell-depth: enc-cell: gru-nematus with enc-type: bi-unidirectional needs 1, found {}", o.enc_cell_depth);
}

}  // namespace dragoman
