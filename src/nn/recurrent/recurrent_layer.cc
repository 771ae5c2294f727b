#include "nn/recurrent/recurrent_layer.h"

#include <algorithm>

#include "ops/gather.h"

namespace dragoman {

RecurrentLayer::RecurrentLayer(const Scope& scope, const RecurrentLayerOptions& o) : options_(o) {
  const int gates = gates_of(o.cell), out = gates * o.width;
  const Scope input = scope / "input", state = scope / "recurrent";
  const bool of_state = o.bias == GateBias::state;
  const int first = 2 * o.width;  // Nematus normalises a GRU's gates and its candidate apart
  if (o.in > 0) {
    input_ = NormedLinear(
        input, {.in = o.in, .out = out, .parts = gates, .has_bias = !of_state, .norm = o.norm, .first = first});
  } else if (!of_state) {
    input_bias_ = input.parameter("bias", {out}, Initial::constant(0));
  }
  state_ = NormedLinear(state, {.in = o.width,
                                .out = out,
                                .parts = gates,
                                .has_bias = of_state,
                                .norm = o.norm,
                                .first = first,
                                .use = ParameterUse::other});
  if (o.bias == GateBias::usual && o.cell == Cell::gru) {
    candidate_bias_ = state.parameter("bias", {o.width}, Initial::constant(0));
  }
}

Tensor RecurrentLayer::project_nothing(const Context& ctx, int rows) const {
  const int out = gates_of(options_.cell) * options_.width;
  if (!input_bias_) {
    const Tensor zeros = ctx.make({rows, out});
    std::fill_n(zeros.data, zeros.size(), 0.0f);
    return zeros;
  }
  Tensor bias = input_bias_.in(ctx);
  bias.shape = {1, out};
  const std::span<int> same = ctx.arena.array<int>(std::size_t(rows));
  std::fill(same.begin(), same.end(), 0);
  return gather_rows(ctx, bias, same);
}

RecurrentPass RecurrentLayer::begin(const Context& ctx, int rows, double dropout) const {
  const Tensor bias = candidate_bias_ ? candidate_bias_.in(ctx) : state_.bias(ctx);
  return {ctx, options_.cell, {state_.weight(ctx), bias, state_.norm(ctx)}, rows, dropout};
}

}  // namespace dragoman
