#pragma once
// Edit distance of two word sequences within a beam, able to continue from rows that are already known.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace dragoman {

/// The distance matrix between hypotheses of one length and a reference. Row i is about the first i words of the
/// hypothesis; only columns near the pseudo-diagonal, which has the slope of the length ratio, are computed.
class BeamEditDistance {
 public:
  enum class Edit : std::uint8_t { none, match, substitution, insertion, deletion };

  BeamEditDistance(std::span<const std::uint32_t> reference, std::size_t hypothesis_length);

  /// Computes all rows for `hypothesis`, which becomes the one that others are compared to. Returns its distance.
  int compute(std::span<const std::uint32_t> hypothesis);

  /// The distance of a hypothesis that has its first `same` words in common with the one given to compute().
  int compare(std::span<const std::uint32_t> hypothesis, std::size_t same);

  /// The edits of the hypothesis given to compute(), from its beginning: an insertion puts in a word of the reference.
  std::vector<Edit> edits() const;

 private:
  struct Row {
    std::size_t first = 0;  // columns first .. first + costs.size() - 1 are in the beam
    std::vector<int> costs;
    std::vector<Edit> edits;
    int cost(std::size_t column) const;  // infinite outside the beam
  };

  void fill(Row& row, const Row& above, std::uint32_t word) const;

  std::vector<std::uint32_t> reference_;
  std::vector<Row> rows_;     // of the hypothesis given to compute()
  std::vector<Row> scratch_;  // of the one given to compare()
};

}  // namespace dragoman
