#include "model/recurrent_encoder.h"

#include "base/error.h"
#include "model/recurrent_form.h"
#include "ops/gather.h"

namespace dragoman {

RecurrentEncoder::RecurrentEncoder(const Scope& scope, const ModelOptions& o) : width_(2 * o.dim_rnn) {
  const bool alternates = o.enc_type == "alternating", joins = o.enc_type == "bi-unidirectional";
  require(alternates || joins || o.enc_type == "bidirectional",
          "enc-type: expected bidirectional, bi-unidirectional or alternating, found '{}'", o.enc_type);
  const auto stack = [&](const std::string& name, int in, int width, int depth, Direction first) {
    RecurrentStackOptions options{.layer = layer_options(o, o.enc_cell, "enc-cell", in, width),
                                  .layer_depth = o.enc_cell_depth,
                                  .layer_norm = o.layer_normalization && has_own_form(o),
                                  .skip = o.skip,
                                  .directions = {}};
    for (int i = 0; i < depth; ++i) {
      const bool turned = alternates && i % 2 == 1;
      options.directions.push_back(turned == (first == Direction::forward) ? Direction::backward : Direction::forward);
    }
    return RecurrentStack(scope / name, options);
  };
  const int depth = joins ? 1 : o.enc_depth;
  from_first_ = stack("forward", o.dim_emb, o.dim_rnn, depth, Direction::forward);
  from_last_ = stack("backward", o.dim_emb, o.dim_rnn, depth, Direction::backward);
  if (!joins || o.enc_depth == 1) return;
  const int both = width_;
  if (!has_own_form(o)) width_ = o.dim_rnn;
  upper_ = stack("upper", both, width_, o.enc_depth - 1, Direction::forward);
}

Tensor RecurrentEncoder::forward(const Context& ctx, Tensor x, std::span<const int> offsets, double dropout) const {
  const Tensor both[] = {from_first_.forward(ctx, x, offsets, dropout), from_last_.forward(ctx, x, offsets, dropout)};
  return upper_.forward(ctx, join_columns(ctx, both), offsets, dropout);
}

}  // namespace dragoman
