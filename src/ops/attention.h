#pragma once
// Scaled dot-product attention over whole sentences (Vaswani et al. 2017).

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
  AttentionPlace place = {};  ///< for observers
};

/// For each sentence s and each head: softmax(q k^T / sqrt(head width)) v. Queries of s are the rows
/// query_offsets[s] .. query_offsets[s + 1] - 1, keys and values those of key_offsets. Returns [queries, width].
/// A sentence sees only itself, so no other mask is needed. The offsets must live until the backward pass.
/// While recording, queries, keys and values must have gradients.
Tensor attention(const Context& ctx, Columns queries, Columns keys, Columns values, std::span<const int> query_offsets,
                 std::span<const int> key_offsets, const AttentionOptions& options);

}  // namespace dragoman
