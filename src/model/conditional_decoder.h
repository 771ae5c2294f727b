#pragma once
// The decoder of Bahdanau et al. (2015) as Nematus and Marian build it (Sennrich et al. 2017).

#include <optional>

#include "model/recurrent_decoder.h"
#include "nn/recurrent/deep_layer.h"

namespace dragoman {

/// A step is two cells with attention between them: s' = cell1(word, s), context = attend(s'), s = cell2(context, s'),
/// and with dec-cell-base-depth above 2 transitions. dec-depth - 1 plain layers follow. Parameters "first", "second",
/// "transition.0" ..., "upper.0" ..., "attention", and "output"; where the shares of that are normalised each is a map
/// of its own, "output.word", "output.state" and "output.context".
class ConditionalDecoder : public RecurrentDecoder {
 public:
  ConditionalDecoder(const Scope& scope, const ModelOptions& options, int memory_width);

  Tensor run(const Context& ctx, Tensor x, const TimeOrder& order, const RecurrentStates& before,
             const SourceView& source, double dropout, RecurrentStates* after) const override;

 private:
  Tensor output(const Context& ctx, Tensor words, Tensor states, Tensor context) const;

  RecurrentLayer first_;
  std::optional<RecurrentLayer> second_;  ///< unless dec-cell-base-depth is 1
  std::vector<RecurrentLayer> transitions_;
  LayerNorm norm_;  ///< of the states, as our own form has it
  std::vector<DeepLayer> upper_;
  std::vector<LayerNorm> upper_norms_;
  Linear output_;
  std::vector<NormedLinear> normed_outputs_;  ///< instead of that
  bool skip_;
};

}  // namespace dragoman
