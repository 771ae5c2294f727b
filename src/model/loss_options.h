#pragma once
// What a training step minimises.

#include <span>

#include "ops/attention_loss.h"
#include "ops/loss.h"

namespace dragoman {

/// The weights of the losses that training minimises, all of them sums over target tokens. The default is plain
/// cross-entropy.
struct LossWeights {
  float cross_entropy = 1;     ///< of the label-smoothed cross-entropy
  float squared_error = 0;     ///< of sum_v (p_v - y_v)^2: see output_loss
  float embedding_error = 0;   ///< of |output vector - target embedding of the reference|^2: see embedding_error
  float attention = 0;         ///< beta of the attention-regularised loss: see sum_squares
  float guided_alignment = 0;  ///< of guided_alignment_loss
  AlignmentCost alignment_cost = AlignmentCost::cross_entropy;
  int alignment_layer =
      -1;  ///< decoder layer (from 0) whose cross-attention is looked at; -1: Seq2Seq::alignment_layer
  /// R-Drop (Liang et al. 2021): each sentence passes twice, with other dropout masks, and what is minimised is the
  /// mean of both passes' losses plus r_drop / 4 * (KL(p || q) + KL(q || p)), half of the paper's sum: so with r_drop
  /// 0, rates and costs mean what they mean without.
  float r_drop = 0;

  bool look_at_attention() const { return attention != 0 || guided_alignment != 0; }
};

/// See Seq2Seq::loss.
struct LossOptions {
  float smoothing = 0;                 ///< share of the reference that is spread over the vocabulary
  float gradient_scale = 1;            ///< of the sum over tokens, while recording; 0: no gradient
  std::span<float> token_losses = {};  ///< receives each token's cross-entropy without smoothing; not with R-Drop
  const TransposedTable* transposed = nullptr;  ///< of the output layer, where somebody keeps it: faster
  LossWeights weights = {};
  AlignmentView alignment = {};  ///< of the target's tokens, for guided alignment
};

}  // namespace dragoman
