#include "model/recurrent_encoder.h"

#include "base/error.h"
#include "ops/gather.h"

namespace dragoman {

RecurrentEncoder::RecurrentEncoder(const Scope& scope, const ModelOptions& o) : width_(2 * o.dim_rnn) {
  const Cell cell = parse_cell(o.enc_cell, "enc-cell");
  const bool alternates = o.enc_type == "alternating", joins = o.enc_type == "bi-unidirectional";
  require(alternates || joins || o.enc_type == "bidirectional",
          "enc-type: expected bidirectional, bi-unidirectional or alternating, found '{}'", o.enc_type);
  const auto stack = [&](const std::string& name, int in, int width, int depth, Direction first) {
    RecurrentStackOptions options{
        .cell = cell, .in = in, .width = width, .layer_norm = o.layer_normalization, .skip = o.skip, .directions = {}};
    for (int i = 0; i < depth; ++i) {
      const bool turned = alternates && i % 2 == 1;
      options.directions.push_back(turned == (first == Direction::forward) ? Direction::backward : Direction::forward);
    }
    return RecurrentStack(scope / name, options);
  };
  const int depth = joins ? 1 : o.enc_depth;
  from_first_ = stack("forward", o.dim_emb, o.dim_rnn, depth, Direction::forward);
  from_last_ = stack("backward", o.dim_emb, o.dim_rnn, depth, Direction::backward);
  if (joins) upper_ = stack("upper", width_, width_, o.enc_depth - 1, Direction::forward);
}

Tensor RecurrentEncoder::forward(const Context& ctx, Tensor x, std::span<const int> offsets, double dropout) const {
  const Tensor both[] = {from_first_.forward(ctx, x, offsets, dropout), from_last_.forward(ctx, x, offsets, dropout)};
  return upper_.forward(ctx, join_columns(ctx, both), offsets, dropout);
}

}  // namespace dragoman
