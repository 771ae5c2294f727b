#pragma once
// How a Transformer decoder's layer looks back at the target's earlier tokens.

#include <memory>
#include <span>
#include <vector>

#include "nn/attention/cache.h"
#include "nn/recurrent/kept_rows.h"

namespace dragoman {

struct Context;

/// What all layers of a decoder remember between steps, each what it needs.
struct StepMemory {
  DecoderCache cache;             ///< keys and values of self-attention; and how many tokens each row has
  std::vector<KeptRows> carried;  ///< a vector per row and layer, of the kinds that sum up the past

  void reorder(std::span<const int> parents) {
    cache.reorder(parents);
    for (KeptRows& rows : carried) rows.reorder(parents);
  }
};

class Autoregression {
 public:
  virtual ~Autoregression() = default;

  /// Whole sentences: x, and what keys and values would be made of, [tokens, width].
  virtual Tensor forward(const Context& ctx, Tensor x, Tensor memory, std::span<const int> offsets,
                         double dropout) const = 0;

  /// The next tokens of each row, for which the cache has been extended. `layer` numbers what is remembered.
  virtual Tensor step(const Context& ctx, Tensor x, Tensor memory, StepMemory& past, int layer) const = 0;
};

}  // namespace dragoman
