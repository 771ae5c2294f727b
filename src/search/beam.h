#pragma once
// Beam search.

#include <span>
#include <vector>

#include "search/search.h"

namespace dragoman {

/// Beam search over all sentences that `scorer` was started with; see search() for arguments, result and errors.
///
/// At each step every live hypothesis of a sentence is extended by every token. The beam-size best extensions that do
/// not end live on; those that do end are kept if they are among the beam-size best of all extensions. (So a finished
/// hypothesis does not take a place from the live ones, and an early, improbable </s> is not kept just because it
/// costs nothing to do so.) Ties go to the lower token, then to the better parent.
///
/// With a coverage penalty (search/coverage_penalty.h) the scorer must tell its attention. It belongs to the score of
/// hypotheses that end; live ones of a sentence, all of the same length, are compared without it.
///
/// A sentence stops as soon as no live hypothesis can still enter its result, by LengthPenalty::best_attainable: the
/// best one, or with n-best the beam-size best; hence a beam that is wide enough finds the true optimum, and the best
/// hypothesis is the same with and without n-best. Its rows leave the scorer at once. A patience above 0 stops it
/// after patience * beam-size finished hypotheses if that is sooner, and beam-size 1 at the first </s>: greedy search.
///
/// The last token that the length limit allows is </s>, forced on all that still live. A forced token of probability 0
/// counts as e^-10000 in the ranking. While a forced prefix lasts, its sentence has one row.
std::vector<NBest> beam_search(StepScorer& scorer, std::span<const int> source_lengths, const SearchOptions& options,
                               const SearchContext& context = {});

}  // namespace dragoman
