#pragma once
// From source tokens to translations by several models at once.

#include <deque>
#include <span>
#include <vector>

#include "decode/decode.h"

namespace dragoman {

/// The longest sentence (with </s>) that all models take; 0: no limit.
int longest_sentence(std::span<const Seq2Seq* const> models);

/// Searches with the weighted sum of the models' log-probabilities (search/ensemble.h, options.weights), or with the
/// only model. Sentences of `source` end with </s> and are not longer than longest_sentence(). Each model uses its own
/// arena (they are added to `arenas` as needed), and gives it back as it was. Forced prefixes leave room for </s>.
/// Output is limited by the models' longest sentence too. Throws as search() and EnsembleScorer do.
std::vector<NBest> decode_ensemble(std::span<const Seq2Seq* const> models, std::deque<Arena>& arenas,
                                   const TokenGrid& source, const SpecialTokens& special, const SearchOptions& options,
                                   SearchContext context = {});

}  // namespace dragoman
