#pragma once
// The decoder of Luong, Pham and Manning (2015).

#include "model/recurrent_decoder.h"

namespace dragoman {

/// dec-depth layers, and attention with the states of the last: output = tanh(W [state, context]). Without input
/// feeding a layer runs over the whole target at once; with it each word's vector is joined by the output before.
/// Parameters "layers.0" ..., "attention", "output".
class LuongDecoder : public RecurrentDecoder {
 public:
  LuongDecoder(const Scope& scope, const ModelOptions& options, int memory_width);

  bool feeds_back() const override { return feeds_back_; }
  Tensor run(const Context& ctx, Tensor x, const TimeOrder& order, const RecurrentStates& before,
             const SourceView& source, double dropout, RecurrentStates* after) const override;

 private:
  /// One layer's way through a batch.
  struct LayerPass {
    NormedLinear::Pass input;
    RecurrentPass cells;
    DropoutMask mask;  ///< of the input
  };

  /// All layers over some times; `passes` may be in the midst of the batch.
  Tensor run_layers(const Context& ctx, Tensor x, std::span<const int> active, std::span<LayerPass> passes,
                    std::span<const RecurrentState> before, std::span<RecurrentState> after) const;

  std::vector<RecurrentLayer> layers_;
  std::vector<LayerNorm> norms_;
  Linear output_;
  bool skip_, feeds_back_;
};

}  // namespace dragoman
