#pragma once
// The decoder of Bahdanau et al. (2015) as Nematus and Marian build it (Sennrich et al. 2017).

#include "model/recurrent_decoder.h"

namespace dragoman {

/// A step is two cells with attention between them: s' = cell1(word, s), context = attend(s'), s = cell2(context, s').
/// dec-depth - 1 plain layers follow. Parameters "first", "second", "upper.0" ..., "attention", "output".
class ConditionalDecoder : public RecurrentDecoder {
 public:
  ConditionalDecoder(const Scope& scope, const ModelOptions& options, int memory_width);

  Tensor run(const Context& ctx, Tensor x, const TimeOrder& order, const RecurrentStates& before,
             const SourceView& source, double dropout, RecurrentStates* after) const override;

 private:
  RecurrentLayer first_, second_;
  LayerNorm norm_;
  std::vector<RecurrentLayer> upper_;
  std::vector<LayerNorm> upper_norms_;
  Linear output_;
  bool skip_, normalizes_;
};

}  // namespace dragoman
