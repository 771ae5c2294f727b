#pragma once
// The output layer together with its losses, so that the logits of a batch never exist all at once.

#include <cstdint>
#include <span>

#include "autograd/context.h"
#include "ops/transposed_table.h"

namespace dragoman {

/// Sums over target tokens, in nats.
struct LossSums {
  double smoothed = 0;       ///< what training minimises: with label smoothing, and with other losses if there are any
  double cross_entropy = 0;  ///< -log p(target) alone
  std::int64_t tokens = 0;

  LossSums& operator+=(const LossSums& other) {
    smoothed += other.smoothed;
    cross_entropy += other.cross_entropy;
    tokens += other.tokens;
    return *this;
  }
};

struct OutputLossOptions {
  float smoothing = 0;                          ///< share of the reference that is spread over the vocabulary
  float gradient_scale = 1;                     ///< of the sum over tokens, while recording; 0: no gradient
  std::span<float> token_losses = {};           ///< receives each token's cross-entropy without smoothing
  const TransposedTable* transposed = nullptr;  ///< of the output layer, where somebody keeps it: faster
  float cross_entropy = 1;                      ///< weight of the cross-entropy
  float squared_error = 0;                      ///< weight of the squared error
  std::span<const float> token_weights = {};    ///< w of each token; empty: 0
  float divergence = 0;                         ///< weight of the divergence between two passes (R-Drop)
};

/// The losses of p = softmax(hidden W^T + b) for the targets, summed over tokens. For a token whose reference is y:
///
///     cross_entropy * -sum_v r_v log p_v + squared_error * sum_v (p_v - y_v)^2 + w * -log p_y
///
/// where r is the label-smoothed reference (Szegedy et al. 2016) (1 - smoothing) * one-hot + smoothing / vocabulary,
/// and in the squared error (Brier 1950) y is one-hot. With divergence > 0 the tokens are two passes over the same
/// targets, one after the other, and each pair of rows t and t + tokens / 2 with distributions p and q adds divergence
/// * (KL(p || q) + KL(q || p)) (R-Drop: Liang et al. 2021).
///
/// hidden [tokens, width], W [vocabulary, width], b [vocabulary] or empty, targets [tokens]. While recording, the
/// gradients go to hidden, W and b here and now, block of rows by block of rows.
LossSums output_loss(const Context& ctx, Tensor hidden, Tensor weight, Tensor bias, std::span<const int> targets,
                     const OutputLossOptions& options);

}  // namespace dragoman
