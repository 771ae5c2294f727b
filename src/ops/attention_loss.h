#pragma once
// Losses of the attention weights themselves.

#include <span>

#include "ops/mean_attention.h"

namespace dragoman {

/// squares[t] = sum over source tokens j of alpha_tj^2, where alpha_t are the mean weights of target token t: 1 where a
/// token attends to one source token only, 1 / n where it attends to n alike.
///
/// The attention-regularised loss of a token is -beta log p_t sum_j alpha_tj^2 with p_t the probability that the model
/// gives the reference token (for additive scores -beta log p_t sum_j |alpha_tj^2|, which is the same, as no alpha is
/// negative). So beta * squares[t] is the weight of one more cross-entropy, and through it p learns; alpha learns
/// through attention_loss_gradient.
void sum_squares(const MeanAttention& attention, std::span<float> squares);

/// Sends 2 scale losses[t] alpha_tj back, the derivative of scale * losses[t] * squares[t].
void attention_loss_gradient(MeanAttention& attention, std::span<const float> losses, float scale);

/// Which source tokens each target token is aligned to: those of target token t are
/// sources[offsets[t] - offsets[0]] .. sources[offsets[t + 1] - offsets[0] - 1], counted from 0 in their sentence.
/// Without offsets there are no alignments.
struct AlignmentView {
  std::span<const int> offsets = {};
  std::span<const int> sources = {};

  int tokens() const { return offsets.empty() ? 0 : int(offsets.size()) - 1; }
  std::span<const int> of(int token) const {
    return sources.subspan(std::size_t(offsets[token] - offsets[0]), std::size_t(offsets[token + 1] - offsets[token]));
  }
};

/// How the weights alpha_t of a target token are compared with its alignment.
enum class AlignmentCost {
  cross_entropy,  ///< -sum_j a_tj log(alpha_tj + 1e-6), where the n aligned source tokens have a_tj = 1 / n
  squared_error,  ///< 1/2 sum_j (alpha_tj - a_tj)^2, with the same a
  product         ///< -log(sum of alpha_tj over the aligned source tokens + 1e-6)
};

/// Guided alignment (Chen et al. 2016): the sum over target tokens that are aligned to something; others say nothing.
/// Queries beyond alignment.tokens() are a second pass over the same tokens. gradient_scale times its gradient is sent
/// back, unless that is 0.
double guided_alignment_loss(MeanAttention& attention, int queries, const AlignmentView& alignment, AlignmentCost cost,
                             float gradient_scale);

}  // namespace dragoman
