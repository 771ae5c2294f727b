#include "model/luong_decoder.h"

#include <algorithm>

#include "model/ranked_attention.h"
#include "model/recurrent_form.h"
#include "ops/activation.h"
#include "ops/dropout.h"
#include "ops/gather.h"

namespace dragoman {

LuongDecoder::LuongDecoder(const Scope& scope, const ModelOptions& o, int memory_width)
    : RecurrentDecoder(scope, o, memory_width),
      output_(scope / "output", 2 * o.dim_rnn, o.dim_emb),
      skip_(o.skip),
      feeds_back_(o.input_feeding) {
  for (int i = 0; i < o.dec_depth; ++i) {
    const Scope layer = scope / "layers" / i;
    const int in = i > 0 ? o.dim_rnn : o.input_feeding ? 2 * o.dim_emb : o.dim_emb;
    layers_.emplace_back(layer, layer_options(o, o.dec_cell, "dec-cell", in, o.dim_rnn));
    if (o.layer_normalization) norms_.emplace_back(layer / "norm", o.dim_rnn);
  }
}

Tensor LuongDecoder::run_layers(const Context& ctx, Tensor x, std::span<const int> active, std::span<LayerPass> passes,
                                std::span<const RecurrentState> before, std::span<RecurrentState> after) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Tensor share = passes[i].input.forward(ctx, sequence_dropout(ctx, x, active, passes[i].mask));
    after[i] = passes[i].cells.run(ctx, share, 0, active, before[i]);
    const Tensor y = norms_.empty() ? after[i].output : norms_[i].forward(ctx, after[i].output);
    x = skip_ && i > 0 ? residual(ctx, x, y, 0) : y;
  }
  return x;
}

Tensor LuongDecoder::run(const Context& ctx, Tensor x, const TimeOrder& order, const RecurrentStates& before,
                         const SourceView& source, double dropout, RecurrentStates* after) const {
  const int rows = int(x.rows());
  std::vector<LayerPass> passes;
  for (const RecurrentLayer& layer : layers_) {
    passes.push_back({layer.begin_input(ctx, rows), layer.begin(ctx, rows, dropout), dropout_mask(ctx, dropout)});
  }
  LinearPass combine = output_.begin(ctx, rows);
  RankedAttention attention(ctx, attention_, order, source, feeds_back_);
  const auto output = [&](Tensor state, Tensor context) {
    const Tensor parts[] = {state, context};
    return activation(ctx, Activation::tanh, combine.forward(ctx, join_columns(ctx, parts)), 0);
  };
  if (!feeds_back_) {
    std::vector<RecurrentState> states(layers_.size());
    const Tensor top = run_layers(ctx, x, order.active, passes, before.layers, states);
    if (after != nullptr) after->layers = states;
    return output(top, attention.at_all_times(ctx, top));
  }
  const std::size_t times = order.active.size();
  std::vector<RecurrentState> states = before.layers;
  std::vector<std::vector<RecurrentState>> all(layers_.size());
  const std::span<Tensor> outputs = ctx.arena.array<Tensor>(times);
  Tensor fed = before.fed;
  int done = 0;
  for (std::size_t t = 0; t < times; ++t) {
    const std::span<const int> now = order.active.subspan(t, 1);
    const Tensor parts[] = {slice_rows(ctx, x, done, now[0]), slice_rows(ctx, fed, 0, now[0])};
    const Tensor top = run_layers(ctx, join_columns(ctx, parts), now, passes, states, states);
    outputs[t] = fed = output(top, attention.at_next_time(ctx, top));
    for (std::size_t i = 0; i < states.size(); ++i) all[i].push_back(states[i]);
    done += now[0];
  }
  const Tensor y = stack_rows(ctx, outputs);
  if (after != nullptr) {
    const auto stacked = [&](const std::vector<RecurrentState>& steps, Tensor RecurrentState::*which) {
      const std::span<Tensor> parts = ctx.arena.array<Tensor>(times);
      std::transform(steps.begin(), steps.end(), parts.begin(), [&](const RecurrentState& s) { return s.*which; });
      return parts.empty() || parts[0].data == nullptr ? Tensor{} : stack_rows(ctx, parts);
    };
    for (const auto& steps : all) {
      after->layers.push_back({stacked(steps, &RecurrentState::output), stacked(steps, &RecurrentState::cell)});
    }
    after->fed = y;
  }
  return y;
}

}  // namespace dragoman
