#pragma once
// Looking up the vectors of words.

#include <span>

#include "autograd/context.h"

namespace dragoman {

struct EmbeddingOptions {
  float scale = 1;          ///< of the table's rows
  double word_dropout = 0;  ///< probability that a whole word's vector is zeroed (and the others scaled up)
  double dropout = 0;       ///< on the elements of the sum with the positions
};

/// y[i] = dropout(scale * table[ids[i]] + positions[places[i]]), [ids, width]; a negative id adds nothing.
/// table [words, width]; positions [places, width], learned (with a gradient) or fixed, or an empty tensor for none.
/// `ids` and `places` must live until the backward pass.
Tensor embed(const Context& ctx, Tensor table, std::span<const int> ids, Tensor positions, std::span<const int> places,
             const EmbeddingOptions& options = {});

}  // namespace dragoman
