#include "model/recurrent_decoder.h"

#include "base/error.h"
#include "model/conditional_decoder.h"
#include "model/luong_decoder.h"
#include "model/recurrent_form.h"

namespace dragoman {

RecurrentDecoder::RecurrentDecoder(const Scope& scope, const ModelOptions& o, int memory_width)
    : cell_(parse_cell(o.dec_cell, "dec-cell")),
      width_(o.dim_rnn),
      depth_(o.dec_depth),
      attention_(scope / "attention", {.score = o.attention,
                                       .query_width = o.dim_rnn,
                                       .memory_width = memory_width,
                                       .width = has_own_form(o) ? o.dim_rnn : memory_width,
                                       .heads = o.rnn_attention_heads,
                                       .plain_values = !has_own_form(o),
                                       .norm = norm_of_maps(o),
                                       .place = {AttentionKind::cross, 0}}) {}

std::unique_ptr<RecurrentDecoder> make_recurrent_decoder(const Scope& scope, const ModelOptions& o, int memory_width) {
  if (o.rnn_attention == "luong") return std::make_unique<LuongDecoder>(scope, o, memory_width);
  require(o.rnn_attention == "bahdanau", "rnn-attention: expected bahdanau or luong, found '{}'", o.rnn_attention);
  require(!o.input_feeding,
          "input-feeding: it belongs to rnn-attention luong; between bahdanau's two cells the context is fed anyway");
  return std::make_unique<ConditionalDecoder>(scope, o, memory_width);
}

}  // namespace dragoman
