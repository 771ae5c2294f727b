#pragma once
// The edits that TER counts: an edit distance in a beam around the diagonal, and a greedy search for shifts.

#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

/// Insertions, deletions, substitutions and shifts that turn `hypothesis` into `reference`; words are given as
/// numbers. The limits are those of tercom and sacreBLEU: shifts of at most 10 words over at most 50 positions, a beam
/// of 25 words to either side of the diagonal, at most 1000 shifts tried per sentence.
int count_edits(std::vector<std::uint32_t> hypothesis, std::span<const std::uint32_t> reference);

}  // namespace dragoman
