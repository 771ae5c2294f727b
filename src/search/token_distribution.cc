#include <algorithm>
#include <cassert>
#include <cmath>

#include "search/sampling.h"

namespace dragoman {

bool TokenDistribution::set(std::span<const float> row, const TokenRules& rules, TokenId end,
                            const Sampling& sampling) {
  constexpr double lowest = -std::numeric_limits<double>::infinity();
  choices_.clear();
  choices_.reserve(row.size());
  double highest = lowest;
  const auto add = [&](double log_probability, TokenId token) {
    if (!(log_probability > lowest)) return;
    highest = std::max(highest, log_probability);
    choices_.push_back({log_probability, token});
  };
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!rules.has_rule(TokenId(i))) add(row[i], TokenId(i));
  }
  for (const auto& token : rules.adjusted()) add(token.score, token.token);
  if (end >= 0) add(row[std::size_t(end)], end);
  if (choices_.empty()) return false;
  for (auto& [value, token] : choices_) value = std::exp(float(value - highest));
  keep(sampling);
  double sum = 0;
  for (auto& [value, token] : choices_) {
    sum += sampling.temperature == 1 ? value : std::pow(value, 1 / sampling.temperature);
    value = sum;
  }
  return true;
}

/// Drops the tokens that the method excludes. `choices_` has probabilities in proportion; the highest is 1.
void TokenDistribution::keep(const Sampling& sampling) {
  if (sampling.method == Sampling::Method::full) return;
  const auto more_probable = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  const auto at = [&](std::size_t i) { return choices_.begin() + std::ptrdiff_t(i); };
  if (sampling.method == Sampling::Method::topk) {
    const std::size_t size = std::min(choices_.size(), std::size_t(sampling.size));
    std::partial_sort(choices_.begin(), at(size), choices_.end(), more_probable);
    choices_.resize(size);
    return;
  }
  double total = 0;
  for (const auto& [value, token] : choices_) total += value;
  if (sampling.method == Sampling::Method::epsilon) {
    const double least = std::min(1.0, sampling.threshold * total);
    std::erase_if(choices_, [&](const auto& choice) { return choice.first < least; });
    return;
  }
  // Nucleus. It is small in most rows, so sort only as far as it reaches.
  std::size_t sorted = 0;
  double before = 0;  // sum up to the token, which excludes those after it
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    if (i == sorted) {
      sorted = std::min(choices_.size(), std::max<std::size_t>(64, 8 * sorted));
      std::partial_sort(at(i), at(sorted), choices_.end(), more_probable);
    }
    before += choices_[i].first;
    if (before > sampling.threshold * total) return choices_.resize(i + 1);
  }
}

TokenId TokenDistribution::draw(Random& random) const {
  assert(!choices_.empty());
  const double point = random.uniform() * choices_.back().first;
  const auto place = std::upper_bound(choices_.begin(), choices_.end(), point,
                                      [](double value, const auto& choice) { return value < choice.first; });
  return place == choices_.end() ? choices_.back().second : place->second;
}

}  // namespace dragoman
