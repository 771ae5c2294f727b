#include "text/metrics/edit_distance.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace dragoman {
namespace {

constexpr int infinite = 1 << 29;
constexpr double least_beam = 25;

}  // namespace

int BeamEditDistance::Row::cost(std::size_t column) const {
  return column >= first && column - first < costs.size() ? costs[column - first] : infinite;
}

BeamEditDistance::BeamEditDistance(std::span<const std::uint32_t> reference, std::size_t hypothesis_length)
    : reference_(reference.begin(), reference.end()), rows_(hypothesis_length + 1) {
  const std::size_t columns = reference.size() + 1;
  const double ratio =
      hypothesis_length > 0 ? static_cast<double>(reference.size()) / static_cast<double>(hypothesis_length) : 1.0;
  // Where one word of the hypothesis stands for very many of the reference, rows must still overlap.
  const double beam = least_beam < ratio / 2 ? std::ceil(ratio / 2 + least_beam) : least_beam;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const double diagonal = std::floor(static_cast<double>(i) * ratio);
    const std::size_t first = i == 0 ? 0 : static_cast<std::size_t>(std::max(0.0, diagonal - beam));
    const bool whole = i == 0 || i == hypothesis_length;
    const std::size_t end = whole ? columns : std::min(columns, static_cast<std::size_t>(diagonal + beam));
    rows_[i].first = first;
    rows_[i].costs.assign(end - first, infinite);
    rows_[i].edits.assign(end - first, Edit::none);
  }
  for (std::size_t j = 0; j < columns; ++j) {
    rows_[0].costs[j] = static_cast<int>(j);
    rows_[0].edits[j] = Edit::insertion;
  }
  scratch_ = rows_;
}

void BeamEditDistance::fill(Row& row, const Row& above, std::uint32_t word) const {
  int left = infinite;
  int diagonal = row.first > 0 ? above.cost(row.first - 1) : infinite;
  for (std::size_t k = 0; k < row.costs.size(); ++k) {
    const std::size_t j = row.first + k;
    const int up = above.cost(j);
    int best = infinite;
    Edit edit = Edit::none;
    const auto offer = [&](int cost, Edit candidate) {
      if (cost < best) {
        best = cost;
        edit = candidate;
      }
    };
    // The order decides between equal costs, and so which shifts will be tried.
    if (j > 0) {
      const bool same = word == reference_[j - 1];
      offer(diagonal + (same ? 0 : 1), same ? Edit::match : Edit::substitution);
    }
    offer(up + 1, Edit::deletion);
    if (j > 0) offer(left + 1, Edit::insertion);
    row.costs[k] = left = best;
    row.edits[k] = edit;
    diagonal = up;
  }
}

int BeamEditDistance::compute(std::span<const std::uint32_t> hypothesis) {
  assert(hypothesis.size() + 1 == rows_.size());
  for (std::size_t i = 1; i < rows_.size(); ++i) fill(rows_[i], rows_[i - 1], hypothesis[i - 1]);
  return rows_.back().costs.back();
}

int BeamEditDistance::compare(std::span<const std::uint32_t> hypothesis, std::size_t same) {
  assert(hypothesis.size() + 1 == rows_.size() && same <= hypothesis.size());
  const Row* above = &rows_[same];
  for (std::size_t i = same + 1; i < rows_.size(); ++i) {
    fill(scratch_[i], *above, hypothesis[i - 1]);
    above = &scratch_[i];
  }
  return above->costs.back();
}

std::vector<BeamEditDistance::Edit> BeamEditDistance::edits() const {
  std::vector<Edit> reversed;
  std::size_t i = rows_.size() - 1, j = reference_.size();
  while (i > 0 || j > 0) {
    const Row& row = rows_[i];
    const Edit edit = row.edits[j - row.first];
    assert(edit != Edit::none);
    reversed.push_back(edit);
    if (edit != Edit::insertion) --i;
    if (edit != Edit::deletion) --j;
  }
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

}  // namespace dragoman
