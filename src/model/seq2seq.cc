#include "model/seq2seq.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "base/error.h"
#include "ops/embedding_loss.h"
#include "ops/linear.h"
#include "ops/log_softmax.h"

namespace dragoman {
namespace {

/// All sentences, and then all again.
TokenGrid twice(const TokenGrid& grid, Arena& arena) {
  const std::span<int> ids = arena.array<int>(2 * grid.ids.size());
  const std::span<int> offsets = arena.array<int>(2 * grid.offsets.size() - 1);
  std::copy(grid.ids.begin(), grid.ids.end(), ids.begin());
  std::copy(grid.ids.begin(), grid.ids.end(), ids.begin() + grid.tokens());
  std::copy(grid.offsets.begin(), grid.offsets.end(), offsets.begin());
  for (int s = 1; s <= grid.sentences(); ++s) {
    offsets[std::size_t(grid.sentences() + s)] = grid.offsets[s] + grid.tokens();
  }
  return {ids, offsets};
}

}  // namespace

Tensor Seq2Seq::logits(const Context& ctx, Tensor output) const {
  const OutputLayer layer = output_layer(ctx);
  return linear_transposed(ctx, output, layer.weight, layer.bias);
}

Tensor Seq2Seq::log_probabilities(const Context& ctx, Tensor output) const {
  return log_softmax(ctx, logits(ctx, output));
}

int Seq2Seq::alignment_layer(const std::string& text) const {
  const int layers = cross_attention_layers();
  if (text == "last") return layers - 1;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= layers,
          "transformer-guided-alignment-layer: expected last or a decoder layer from 1 to {}, found '{}'", layers,
          text);
  return number - 1;
}

LossSums Seq2Seq::loss(const Context& ctx, const TokenGrid& source, const TokenGrid& target,
                       const LossOptions& options) const {
  if (options.weights.r_drop == 0 || !ctx.recording()) return loss_of_pass(ctx, source, target, options);
  // both passes at once, as twice the sentences: no two rows have the same masks
  assert(options.token_losses.empty());
  LossOptions both = options;
  both.gradient_scale /= 2;
  LossSums sums = loss_of_pass(ctx, twice(source, ctx.arena), twice(target, ctx.arena), both);
  sums.smoothed /= 2;
  sums.cross_entropy /= 2;
  sums.tokens /= 2;
  return sums;
}

LossSums Seq2Seq::loss_of_pass(const Context& outer, const TokenGrid& source, const TokenGrid& target,
                               const LossOptions& options) const {
  const LossWeights& weights = options.weights;
  const bool gradient = outer.recording() && options.gradient_scale > 0;
  const int layer = !weights.look_at_attention()  ? 0
                    : weights.alignment_layer < 0 ? alignment_layer()
                                                  : weights.alignment_layer;
  MeanAttention attention({AttentionKind::cross, layer}, target.tokens(), gradient, outer.observer);
  Context ctx = outer;
  if (weights.look_at_attention()) ctx.observer = &attention;

  // the decoder sees the target one place later, after the start of the sentence
  std::span<int> shifted = ctx.arena.array<int>(target.ids.size());
  for (int s = 0; s < target.sentences(); ++s) {
    for (int i = target.offsets[s]; i < target.offsets[s + 1]; ++i) {
      shifted[i] = i == target.offsets[s] ? -1 : target.ids[i - 1];
    }
  }
  const auto state = start(ctx, encode(ctx, source), Decoding::whole);
  const Tensor output = step(ctx, *state, {shifted, target.offsets});
  const OutputLayer layer_of_output = output_layer(ctx);
  OutputLossOptions o{.smoothing = options.smoothing,
                      .gradient_scale = options.gradient_scale,
                      .token_losses = options.token_losses,
                      .transposed = options.transposed,
                      .cross_entropy = weights.cross_entropy,
                      .squared_error = weights.squared_error,
                      .divergence = ctx.recording() ? weights.r_drop / 2 : 0};
  if (weights.look_at_attention()) attention.finish();
  if (weights.attention != 0) {
    const std::span<float> token_weights = ctx.arena.array<float>(target.ids.size());
    sum_squares(attention, token_weights);
    for (float& w : token_weights) w *= weights.attention;
    o.token_weights = token_weights;
    if (o.token_losses.empty()) o.token_losses = ctx.arena.array<float>(target.ids.size());
  }
  LossSums sums = output_loss(ctx, output, layer_of_output.weight, layer_of_output.bias, target.ids, o);
  const float scale = gradient ? options.gradient_scale : 0;
  if (weights.attention != 0 && gradient) {
    attention_loss_gradient(attention, o.token_losses, scale * weights.attention);
  }
  if (weights.guided_alignment != 0) {
    sums.smoothed += double(weights.guided_alignment) * guided_alignment_loss(attention, target.tokens(),
                                                                              options.alignment, weights.alignment_cost,
                                                                              scale * weights.guided_alignment);
  }
  if (weights.embedding_error != 0) {
    sums.smoothed += double(weights.embedding_error) *
                     embedding_error(ctx, output, words_.target.in(ctx), target.ids, scale * weights.embedding_error);
  }
  return sums;
}

}  // namespace dragoman
