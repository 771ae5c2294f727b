#include "service/completion_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dragoman {

std::span<const float> CompletionScorer::advance(std::span<const TokenId> last) {
  const std::span<const float> scores = advance_rows(last);
  if (step_) step_(last.empty() ? -1 : last[0], scores);
  return scores;
}

std::span<const float> CompletionScorer::advance_rows(std::span<const TokenId> last) {
  for (std::size_t r = 0; r < last.size(); ++r) written_[r] = prefix_.after(written_[r], last[r]);
  const std::span<const float> scores = model_.advance(last);
  const std::size_t complete = prefix_.rest().size();
  if (std::all_of(written_.begin(), written_.end(), [&](std::size_t w) { return w == complete; })) return scores;
  scores_.assign(scores.begin(), scores.end());
  const std::size_t width = scores.size() / written_.size();  // candidates are the same for all rows of a sentence
  for (std::size_t r = 0; r < written_.size(); ++r) {
    if (written_[r] < complete) restrict(int(r), scores.subspan(r * width, width), scores_.data() + r * width);
  }
  return scores_;
}

void CompletionScorer::restrict(int row, std::span<const float> from, float* to) const {
  constexpr float forbidden = -std::numeric_limits<float>::infinity();
  std::fill_n(to, from.size(), forbidden);
  const std::span<const TokenId> tokens = model_.candidates(row);
  double sum = 0;
  prefix_.allowed(written_[std::size_t(row)], [&](TokenId token) {
    std::size_t place = std::size_t(token);
    if (!tokens.empty()) {
      const auto found = std::lower_bound(tokens.begin(), tokens.end(), token);
      if (found == tokens.end() || *found != token) return;
      place = std::size_t(found - tokens.begin());
    }
    if (to[place] == forbidden) sum += std::exp(double(from[place]));
    to[place] = from[place];
  });
  const float shift = sum > 0 ? float(std::log(sum)) : 0.0f;
  for (std::size_t i = 0; i < from.size(); ++i) to[i] -= shift;
}

void CompletionScorer::reorder(std::span<const int> parents) {
  if (parents.size() != 1) step_ = nullptr;
  std::vector<std::size_t> moved;
  moved.reserve(parents.size());
  for (const int parent : parents) moved.push_back(written_[std::size_t(parent)]);
  written_ = std::move(moved);
  model_.reorder(parents);
}

}  // namespace dragoman
