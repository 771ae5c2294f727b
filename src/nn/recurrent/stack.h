#pragma once
// Recurrent layers one above the other, each in a direction of its own.

#include <span>
#include <vector>

#include "nn/layer_norm.h"
#include "nn/recurrent/deep_layer.h"

namespace dragoman {

struct RecurrentStackOptions {
  RecurrentLayerOptions layer;        ///< of the lowest; the others' inputs are as wide as layers
  int layer_depth = 1;                ///< cells of each layer
  bool layer_norm = false;            ///< of each layer's output
  bool skip = false;                  ///< add each layer's input to its output, from the second layer on
  std::vector<Direction> directions;  ///< of the layers, from the lowest
};

/// Layers numbered from 0: "0.input.weight" and so on; their norms "0.norm.scale", "0.norm.bias".
class RecurrentStack {
 public:
  RecurrentStack() = default;
  RecurrentStack(const Scope& scope, const RecurrentStackOptions& options);

  /// x [tokens, in], the tokens of sentences; starts from states of zero. dropout: of the inputs and states of layers,
  /// the same at all times of a sentence.
  Tensor forward(const Context& ctx, Tensor x, std::span<const int> offsets, double dropout) const;

 private:
  RecurrentStackOptions options_;
  std::vector<DeepLayer> layers_;
  std::vector<LayerNorm> norms_;
};

}  // namespace dragoman
