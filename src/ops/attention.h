#pragma once
// Attention over whole sentences (Bahdanau et al. 2015, Luong et al. 2015, Vaswani et al. 2017). How scores differ is
// told in nn/attention/score.h.

#include <span>

#include "autograd/context.h"

namespace dragoman {

/// Columns of a tensor: queries, keys or values, that may be parts of one fused projection.
struct Columns {
  Tensor tensor;  ///< [tokens, stride]
  int first = 0;  ///< where the part begins
};

struct AttentionOptions {
  int heads = 1;
  int width = 0;              ///< of queries, keys and values: heads * head width
  bool causal = false;        ///< a token sees itself and what is before it
  double dropout = 0;         ///< on the weights
  bool scaled = true;         ///< scores are divided by sqrt(head width)
  Tensor additive = {};       ///< v [width] of the score v.tanh(q + k), per head its part; empty: the score is q.k
  AttentionPlace place = {};  ///< for observers
};

/// For each sentence s and each head: softmax(scores) v, where scores are
/// q k^T / sqrt(head width) or as the options say. Queries of s are the rows
/// query_offsets[s] .. query_offsets[s + 1] - 1, keys and values those of key_offsets. Returns [queries, width].
/// A sentence sees only itself, so no other mask is needed. The offsets must live until the backward pass.
/// While recording, queries, keys, values and v must have gradients.
Tensor attention(const Context& ctx, Columns queries, Columns keys, Columns values, std::span<const int> query_offsets,
                 std::span<const int> key_offsets, const AttentionOptions& options);

}  // namespace dragoman
