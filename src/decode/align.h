#pragma once
// Alignments out of attention: which source tokens the model looked at when it wrote each target token.

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "model/seq2seq.h"
#include "ops/mean_attention.h"

namespace dragoman {

/// How much each target token attended to each source token, </s> being the last on both sides. Rows are weights from 0
/// to 1 that sum to 1.
struct SoftAlignment {
  int sources = 0;
  std::vector<float> weights = {};  ///< [targets, sources]

  int targets() const { return sources == 0 ? 0 : int(weights.size()) / sources; }
  float at(int target, int source) const { return weights[std::size_t(target) * sources + source]; }
};

/// Aligns pairs by teacher forcing: all sentences end with </s>, and sentence s of target translates sentence s of
/// source. The weights are the mean over the heads of one decoder layer's attention to the source, and over the models.
/// `layer` is as transformer-guided-alignment-layer, or empty: as each model's own setting says. A pair's alignment
/// does not depend on the others. Each model uses its own arena (they are added to `arenas` as needed), and gives it
/// back as it was. Throws Error for a layer that a model does not have.
std::vector<SoftAlignment> align(std::span<const Seq2Seq* const> models, std::deque<Arena>& arenas,
                                 const TokenGrid& source, const TokenGrid& target, const std::string& layer = {});

/// The same from what an observer saw of a pass over all of `target`, after finish().
std::vector<SoftAlignment> alignments_of(const MeanAttention& attention, const TokenGrid& target);

/// The alignment of a line whose parts were translated one by one: tokens of all parts follow one another, and of their
/// </s> only that of the last target part stays. The line has one source </s>, the last token; what was given to those
/// of the parts counts for it, so that rows still sum to 1.
SoftAlignment join_alignments(std::span<const SoftAlignment> parts);

}  // namespace dragoman
