#include "model/conditional_decoder.h"

#include "model/ranked_attention.h"
#include "ops/activation.h"
#include "ops/dropout.h"
#include "ops/gather.h"

namespace dragoman {

ConditionalDecoder::ConditionalDecoder(const Scope& scope, const ModelOptions& o, int memory_width)
    : RecurrentDecoder(scope, o, memory_width),
      first_(scope / "first", cell_, o.dim_emb, o.dim_rnn),
      second_(scope / "second", cell_, o.dim_rnn, o.dim_rnn),
      output_(scope / "output", o.dim_emb + 2 * o.dim_rnn, o.dim_emb),
      skip_(o.skip),
      normalizes_(o.layer_normalization) {
  if (normalizes_) norm_ = LayerNorm(scope / "second" / "norm", o.dim_rnn);
  for (int i = 0; i + 1 < o.dec_depth; ++i) {
    upper_.emplace_back(scope / "upper" / i, cell_, o.dim_rnn, o.dim_rnn);
    if (normalizes_) upper_norms_.emplace_back(scope / "upper" / i / "norm", o.dim_rnn);
  }
}

Tensor ConditionalDecoder::run(const Context& ctx, Tensor x, const TimeOrder& order, const RecurrentStates& before,
                               const SourceView& source, double dropout, RecurrentStates* after) const {
  const int rows = int(x.rows());
  const DropoutMask word_mask = dropout_mask(ctx, dropout), context_mask = dropout_mask(ctx, dropout);
  RecurrentPass first = first_.begin(ctx, rows, dropout), second = second_.begin(ctx, rows, dropout);
  const Tensor words = first_.project(ctx, sequence_dropout(ctx, x, order.active, word_mask));
  RankedAttention attention(ctx, attention_, order, source, true);
  LinearPass share = second_.begin_input(ctx, rows);
  const std::size_t times = order.active.size();
  const auto array = [&] { return ctx.arena.array<Tensor>(times); };
  const std::span<Tensor> states = array(), cells = array(), contexts = array();
  RecurrentState state = before.layers[0];
  int done = 0;
  for (std::size_t t = 0; t < times; ++t) {
    const std::span<const int> now = order.active.subspan(t, 1);
    state = first.run(ctx, words, done, now, state);
    contexts[t] = attention.at_next_time(ctx, state.output);
    state = second.run(ctx, share.forward(ctx, sequence_dropout(ctx, contexts[t], now, context_mask)), 0, now, state);
    states[t] = state.output;
    cells[t] = state.cell;
    done += now[0];
  }
  Tensor y = stack_rows(ctx, states);
  const Tensor context = stack_rows(ctx, contexts);
  if (after != nullptr) {
    after->layers.push_back({y, cell_ == Cell::lstm ? stack_rows(ctx, cells) : Tensor{}});
  }
  if (normalizes_) y = norm_.forward(ctx, y);
  for (std::size_t i = 0; i < upper_.size(); ++i) {
    const Tensor dropped = sequence_dropout(ctx, y, order.active, dropout_mask(ctx, dropout));
    const RecurrentState result = upper_[i].forward(ctx, dropped, order, before.layers[i + 1], dropout);
    if (after != nullptr) after->layers.push_back(result);
    const Tensor out = normalizes_ ? upper_norms_[i].forward(ctx, result.output) : result.output;
    y = skip_ ? residual(ctx, y, out, 0) : out;
  }
  const Tensor parts[] = {x, y, context};
  return activation(ctx, Activation::tanh, output_.forward(ctx, join_columns(ctx, parts)), 0);
}

}  // namespace dragoman
