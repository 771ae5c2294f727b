#include "ops/loss.h"

#include <algorithm>
#include <cassert>

#include "kernels/gemm.h"
#include "kernels/int8_weights.h"
#include "kernels/kernels.h"
#include "kernels/row_gemm.h"

namespace dragoman {
namespace {

/// Rows of logits that are computed at a time: enough for the product to be efficient, few enough for the cache, which
/// `arrays` of them share.
int rows_at_a_time(int vocabulary, int arrays) {
  return std::clamp((1 << 19) / arrays / vocabulary / 16 * 16, 32, 256);
}

/// The output layer's products for some rows, and what is summed over all.
struct OutputBlocks {
  const Context& ctx;
  Tensor hidden, weight, bias;
  std::span<const int> targets;
  const OutputLossOptions& options;
  bool gradient;      ///< wanted
  float hidden_beta;  ///< factor of what the gradient of hidden holds already
  float *losses, *cross_entropies;
  LossSums sums = {};

  Matrix table() const { return {weight.data, weight.shape[0], weight.width(), weight.width()}; }
  Matrix rows_of_hidden(int first, int rows) const { return {hidden.row(first), rows, hidden.width(), hidden.width()}; }

  void compute_logits(int first, int rows, float* logits) const {
    const int width = hidden.width(), vocabulary = weight.shape[0];
    const MutableMatrix product{logits, rows, vocabulary, vocabulary};
    if (weight.int8 != nullptr) {
      weight.int8->packed().multiply(rows_of_hidden(first, rows), bias.data, false, product);
    } else if (weight.bfloat16 != nullptr) {
      row_gemm(rows_of_hidden(first, rows), Bfloat16Matrix{weight.bfloat16, vocabulary, width, width}, product,
               {.transpose_b = true, .bias = bias.data});
    } else if (gradient && options.transposed != nullptr) {
      const TransposedTable& turned = *options.transposed;
      gemm(rows_of_hidden(first, rows), {turned.data(), width, vocabulary, turned.stride()}, product,
           {.bias = bias.data, .precision = ctx.precision});
    } else if (gradient) {
      gemm(rows_of_hidden(first, rows), table(), product,
           {.transpose_b = true, .bias = bias.data, .precision = ctx.precision});
    } else {
      row_gemm(rows_of_hidden(first, rows), table(), product, {.transpose_b = true, .bias = bias.data});
    }
  }

  /// Sums the losses of rows; with a gradient the logits become theirs.
  void sum_losses(int first, int rows, float* logits) {
    const RowLoss loss{.cross_entropy = options.cross_entropy,
                       .smoothing = options.smoothing,
                       .squared_error = options.squared_error,
                       .extra_weights = options.token_weights.empty() ? nullptr : options.token_weights.data() + first,
                       .gradient_scale = gradient ? options.gradient_scale : 0};
    kernels().softmax_loss(rows, weight.shape[0], logits, targets.data() + first, loss, losses, cross_entropies,
                           gradient && bias.needs_gradient() ? bias.summed_gradient() : nullptr);
    for (int r = 0; r < rows; ++r) {
      sums.smoothed += losses[r];
      sums.cross_entropy += cross_entropies[r];
      if (!options.token_losses.empty()) options.token_losses[std::size_t(first + r)] = cross_entropies[r];
    }
  }

  void send_back(int first, int rows, const float* dlogits) const {
    const int width = hidden.width(), vocabulary = weight.shape[0];
    const Matrix d{dlogits, rows, vocabulary, vocabulary};
    if (hidden.needs_gradient()) {
      gemm(d, table(), {hidden.gradient->data + std::int64_t(first) * width, rows, width, width},
           {.accumulate = hidden_beta != 0, .precision = ctx.precision});
    }
    if (weight.needs_gradient()) {
      gemm(d, rows_of_hidden(first, rows), {weight.summed_gradient(), vocabulary, width, width},
           {.transpose_a = true, .accumulate = true, .precision = ctx.precision});
    }
  }

  void run(int block) {
    const int tokens = int(hidden.rows());
    float* logits = ctx.arena.array<float>(std::size_t(block) * std::size_t(weight.shape[0])).data();
    for (int first = 0; first < tokens; first += block) {
      const int rows = std::min(block, tokens - first);
      compute_logits(first, rows, logits);
      sum_losses(first, rows, logits);
      if (gradient) send_back(first, rows, logits);
    }
  }

  /// Rows of both passes at a time.
  void run_with_divergence(int block) {
    const int pairs = int(hidden.rows()) / 2, vocabulary = weight.shape[0];
    const auto array = [&] { return ctx.arena.array<float>(std::size_t(block) * std::size_t(vocabulary)).data(); };
    float* const logits[2] = {array(), array()};
    float* const divergence_gradients[2] = {array(), array()};
    for (int first = 0; first < pairs; first += block) {
      const int rows = std::min(block, pairs - first);
      for (const int pass : {0, 1}) compute_logits(pass * pairs + first, rows, logits[pass]);
      kernels().symmetric_divergence(rows, vocabulary, logits[0], logits[1],
                                     options.gradient_scale * options.divergence, losses, divergence_gradients[0],
                                     divergence_gradients[1]);
      for (int r = 0; r < rows; ++r) sums.smoothed += double(options.divergence) * losses[r];
      for (const int pass : {0, 1}) {
        sum_losses(pass * pairs + first, rows, logits[pass]);
        if (!gradient) continue;
        const float* more = divergence_gradients[pass];
        kernels().scale_add(std::int64_t(rows) * vocabulary, 1, more, 1, logits[pass]);
        if (bias.needs_gradient()) kernels().column_sums(rows, vocabulary, more, bias.summed_gradient());
        send_back(pass * pairs + first, rows, logits[pass]);
      }
    }
  }
};

}  // namespace

LossSums output_loss(const Context& ctx, Tensor hidden, Tensor weight, Tensor bias, std::span<const int> targets,
                     const OutputLossOptions& options) {
  const int tokens = int(hidden.rows()), vocabulary = weight.shape[0];
  const bool paired = options.divergence != 0;
  assert(targets.size() == std::size_t(tokens) && weight.shape[1] == hidden.width());
  assert(!paired || tokens % 2 == 0);
  assert(options.token_weights.empty() || options.token_weights.size() == targets.size());
  const int rows = paired ? tokens / 2 : tokens;
  const int block = std::min(rows_at_a_time(vocabulary, paired ? 4 : 1), std::max(rows, 1));
  const Arena::Mark mark = ctx.arena.mark();
  float* losses = ctx.arena.array<float>(2 * std::size_t(block)).data();
  const bool gradient = ctx.recording() && options.gradient_scale > 0;  // else the logits stay logits
  const bool to_hidden = gradient && hidden.needs_gradient();
  OutputBlocks blocks{ctx,     hidden,        weight,   bias,
                      targets, options,       gradient, to_hidden ? hidden.gradient->take_beta() : 0,
                      losses,  losses + block};
  if (paired) {
    blocks.run_with_divergence(block);
  } else {
    blocks.run(block);
  }
  blocks.sums.tokens = tokens;
  ctx.arena.rewind(mark);
  return blocks.sums;
}

}  // namespace dragoman
