#include "model/conditional_decoder.h"

#include "model/ranked_attention.h"
#include "model/recurrent_form.h"
#include "ops/activation.h"
#include "ops/dropout.h"
#include "ops/gather.h"

namespace dragoman {

ConditionalDecoder::ConditionalDecoder(const Scope& scope, const ModelOptions& o, int memory_width)
    : RecurrentDecoder(scope, o, memory_width), skip_(o.skip) {
  const auto layer = [&](int in, CellPlace place = CellPlace::usual) {
    return layer_options(o, o.dec_cell, "dec-cell", in, o.dim_rnn, place);
  };
  const int context = attention_.width();
  const RecurrentLayerOptions after_attention = layer(context, CellPlace::after_attention);
  first_ = RecurrentLayer(scope / "first", layer(o.dim_emb));
  if (o.dec_cell_base_depth > 1) second_ = RecurrentLayer(scope / "second", after_attention);
  transitions_ = make_transitions(scope, after_attention, o.dec_cell_base_depth - 2);
  const bool normalizes = o.layer_normalization && has_own_form(o);
  if (normalizes) norm_ = LayerNorm(scope / "second" / "norm", o.dim_rnn);
  for (int i = 0; i + 1 < o.dec_depth; ++i) {
    upper_.emplace_back(scope / "upper" / i, layer(o.dim_rnn), o.dec_cell_high_depth);
    if (normalizes) upper_norms_.emplace_back(scope / "upper" / i / "norm", o.dim_rnn);
  }
  const Scope output = scope / "output";
  const MapNorm norm = norm_of_maps(o);
  if (norm == MapNorm::none) {
    output_ = Linear(output, o.dim_emb + o.dim_rnn + context, o.dim_emb);
    return;
  }
  normed_outputs_.emplace_back(output / "word", NormedLinearOptions{.in = o.dim_emb, .out = o.dim_emb, .norm = norm});
  normed_outputs_.emplace_back(output / "state", NormedLinearOptions{.in = o.dim_rnn, .out = o.dim_emb, .norm = norm});
  normed_outputs_.emplace_back(output / "context", NormedLinearOptions{.in = context, .out = o.dim_emb, .norm = norm});
}

Tensor ConditionalDecoder::run(const Context& ctx, Tensor x, const TimeOrder& order, const RecurrentStates& before,
                               const SourceView& source, double dropout, RecurrentStates* after) const {
  const int rows = int(x.rows()), most = order.active.empty() ? 0 : order.active[0];
  const DropoutMask word_mask = dropout_mask(ctx, dropout), context_mask = dropout_mask(ctx, dropout);
  RecurrentPass first = first_.begin(ctx, rows, dropout);
  std::optional<RecurrentPass> second;
  if (second_) second = second_->begin(ctx, rows, dropout);
  TransitionsPass transitions(ctx, transitions_, rows, most, dropout);
  const Tensor words = first_.project(ctx, sequence_dropout(ctx, x, order.active, word_mask));
  RankedAttention attention(ctx, attention_, order, source, true);
  std::optional<NormedLinear::Pass> share;
  if (second_) share = second_->begin_input(ctx, rows);
  const std::size_t times = order.active.size();
  const std::span<Tensor> contexts = ctx.arena.array<Tensor>(times);
  std::vector<RecurrentState> states(times);
  RecurrentState state = before.layers[0];
  int done = 0;
  for (std::size_t t = 0; t < times; ++t) {
    const std::span<const int> now = order.active.subspan(t, 1);
    state = first.run(ctx, words, done, now, state);
    contexts[t] = attention.at_next_time(ctx, state.output);
    if (second) {
      const Tensor dropped = sequence_dropout(ctx, contexts[t], now, context_mask);
      state = second->run(ctx, share->forward(ctx, dropped), 0, now, state);
    }
    states[t] = state = transitions.run(ctx, now, state);
    done += now[0];
  }
  const RecurrentState all = stack_states(ctx, states);
  if (after != nullptr) after->layers.push_back(all);
  Tensor y = norm_ ? norm_.forward(ctx, all.output) : all.output;
  for (std::size_t i = 0; i < upper_.size(); ++i) {
    const Tensor dropped = sequence_dropout(ctx, y, order.active, dropout_mask(ctx, dropout));
    const RecurrentState result = upper_[i].forward(ctx, dropped, order, before.layers[i + 1], dropout);
    if (after != nullptr) after->layers.push_back(result);
    const Tensor out = norm_ ? upper_norms_[i].forward(ctx, result.output) : result.output;
    y = skip_ ? residual(ctx, y, out, 0) : out;
  }
  return output(ctx, x, y, stack_rows(ctx, contexts));
}

Tensor ConditionalDecoder::output(const Context& ctx, Tensor words, Tensor states, Tensor context) const {
  const Tensor parts[] = {words, states, context};
  Tensor sum;
  if (normed_outputs_.empty()) {
    sum = output_.forward(ctx, join_columns(ctx, parts));
  } else {
    for (std::size_t i = 0; i < normed_outputs_.size(); ++i) {
      const Tensor share = normed_outputs_[i].forward(ctx, parts[i]);
      sum = i == 0 ? share : residual(ctx, sum, share, 0);
    }
  }
  return activation(ctx, Activation::tanh, sum, 0);
}

}  // namespace dragoman
