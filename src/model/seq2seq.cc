#include "model/seq2seq.h"

#include "ops/linear.h"
#include "ops/log_softmax.h"

namespace dragoman {

Tensor Seq2Seq::logits(const Context& ctx, Tensor output) const {
  const OutputLayer layer = output_layer(ctx);
  return linear_transposed(ctx, output, layer.weight, layer.bias);
}

Tensor Seq2Seq::log_probabilities(const Context& ctx, Tensor output) const {
  return log_softmax(ctx, logits(ctx, output));
}

LossSums Seq2Seq::loss(const Context& ctx, const TokenGrid& source, const TokenGrid& target,
                       const LossOptions& options) const {
  // the decoder sees the target one place later, after the start of the sentence
  std::span<int> shifted = ctx.arena.array<int>(target.ids.size());
  for (int s = 0; s < target.sentences(); ++s) {
    for (int i = target.offsets[s]; i < target.offsets[s + 1]; ++i) {
      shifted[i] = i == target.offsets[s] ? -1 : target.ids[i - 1];
    }
  }
  const auto state = start(ctx, encode(ctx, source), Decoding::whole);
  const Tensor output = step(ctx, *state, {shifted, target.offsets});
  const OutputLayer layer = output_layer(ctx);
  return output_cross_entropy(ctx, output, layer.weight, layer.bias, target.ids, options);
}

}  // namespace dragoman
