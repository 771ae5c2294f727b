#pragma once
// The output layer together with its loss, so that the logits of a batch never exist all at once.

#include <cstdint>
#include <span>

#include "autograd/context.h"

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

/// Cross-entropy of softmax(hidden W^T + b) with the targets, label-smoothed (Szegedy et al. 2016): the reference is
/// (1 - smoothing) * one-hot + smoothing / vocabulary. hidden [tokens, width], W [vocabulary, width], b [vocabulary] or
/// empty, targets [tokens]. While recording, the gradients of gradient_scale * (sum over tokens) go to hidden, W and b
/// here and now (none if gradient_scale is 0), block of rows by block of rows. `token_losses` (if given) receives each
/// token's cross-entropy without smoothing.
LossSums output_cross_entropy(const Context& ctx, Tensor hidden, Tensor weight, Tensor bias,
                              std::span<const int> targets, float smoothing, float gradient_scale,
                              std::span<float> token_losses = {});

}  // namespace dragoman
