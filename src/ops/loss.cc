#include "ops/loss.h"

#include <algorithm>
#include <cassert>

#include "kernels/gemm.h"
#include "kernels/kernels.h"
#include "kernels/row_gemm.h"

namespace dragoman {
namespace {

/// Rows of logits that are computed at a time: enough for the product to be efficient, few enough for the cache.
int rows_at_a_time(int vocabulary) { return std::clamp((1 << 19) / vocabulary / 16 * 16, 32, 256); }

}  // namespace

LossSums output_cross_entropy(const Context& ctx, Tensor hidden, Tensor weight, Tensor bias,
                              std::span<const int> targets, const LossOptions& options) {
  const int tokens = int(hidden.rows()), width = hidden.width(), vocabulary = weight.shape[0];
  assert(targets.size() == std::size_t(tokens) && weight.shape[1] == width);
  const int block = std::min(rows_at_a_time(vocabulary), std::max(tokens, 1));
  const Arena::Mark mark = ctx.arena.mark();
  float* logits = ctx.arena.array<float>(std::size_t(block) * vocabulary).data();
  float* losses = ctx.arena.array<float>(2 * std::size_t(block)).data();
  const Matrix w{weight.data, vocabulary, width, width};
  const TransposedTable* transposed = options.transposed;
  const bool gradient = ctx.recording() && options.gradient_scale > 0;  // else the logits stay logits
  const bool add_hidden = gradient && hidden.needs_gradient() && hidden.gradient->take_beta() != 0;
  LossSums sums;
  for (int first = 0; first < tokens; first += block) {
    const int rows = std::min(block, tokens - first);
    const Matrix h{hidden.row(first), rows, width, width};
    const MutableMatrix product{logits, rows, vocabulary, vocabulary};
    if (gradient && transposed != nullptr) {
      gemm(h, {transposed->data(), width, vocabulary, transposed->stride()}, product,
           {.bias = bias.data, .precision = ctx.precision});
    } else if (gradient) {
      gemm(h, w, product, {.transpose_b = true, .bias = bias.data, .precision = ctx.precision});
    } else {
      row_gemm(h, w, product, {.transpose_b = true, .bias = bias.data});
    }
    kernels().softmax_cross_entropy(rows, vocabulary, logits, targets.data() + first, options.smoothing,
                                    gradient ? options.gradient_scale : 0, losses, losses + block,
                                    gradient && bias.needs_gradient() ? bias.summed_gradient() : nullptr);
    for (int r = 0; r < rows; ++r) {
      sums.smoothed += losses[r];
      sums.cross_entropy += losses[block + r];
      if (!options.token_losses.empty()) options.token_losses[first + r] = losses[block + r];
    }
    if (!gradient) continue;
    const Matrix dlogits{logits, rows, vocabulary, vocabulary};
    if (hidden.needs_gradient()) {
      gemm(dlogits, w, {hidden.gradient->data + std::int64_t(first) * width, rows, width, width},
           {.accumulate = add_hidden, .precision = ctx.precision});
    }
    if (weight.needs_gradient()) {
      gemm(dlogits, h, {weight.summed_gradient(), vocabulary, width, width},
           {.transpose_a = true, .accumulate = true, .precision = ctx.precision});
    }
  }
  sums.tokens = tokens;
  ctx.arena.rewind(mark);
  return sums;
}

}  // namespace dragoman
