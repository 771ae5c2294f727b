#pragma once
// The output layer together with its loss, so that the logits of a batch never exist all at once.

#include <cstdint>
#include <span>

#include "autograd/context.h"
#include "ops/transposed_table.h"

namespace dragoman {

/// Sums over target tokens, in nats.
struct LossSums {
  double smoothed = 0;       ///< what training minimises
  double cross_entropy = 0;  ///< the same without label smoothing
  std::int64_t tokens = 0;

  LossSums& operator+=(const LossSums& other) {
    smoothed += other.smoothed;
    cross_entropy += other.cross_entropy;
    tokens += other.tokens;
    return *this;
  }
};

struct LossOptions {
  float smoothing = 0;                          ///< share of the reference that is spread over the vocabulary
  float gradient_scale = 1;                     ///< of the sum over tokens, while recording; 0: no gradient
  std::span<float> token_losses = {};           ///< receives each token's cross-entropy without smoothing
  const TransposedTable* transposed = nullptr;  ///< of the output layer, where somebody keeps it: faster
};

/// Cross-entropy of softmax(hidden W^T + b) with the targets, label-smoothed (Szegedy et al. 2016): the reference is
/// (1 - smoothing) * one-hot + smoothing / vocabulary. hidden [tokens, width], W [vocabulary, width], b [vocabulary] or
/// empty, targets [tokens]. While recording, the gradients go to hidden, W and b here and now, block of rows by block
/// of rows.
LossSums output_cross_entropy(const Context& ctx, Tensor hidden, Tensor weight, Tensor bias,
                              std::span<const int> targets, const LossOptions& options);

}  // namespace dragoman
