#include "search/top_k.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace dragoman {

namespace {

constexpr std::size_t block = 64;

/// Whether any score of a block is at least `bar`. Without branches and with a constant length, so that compilers make
/// it a vector loop.
inline bool any_reaches(const float* scores, float bar) {
  int hits = 0;
  for (std::size_t i = 0; i < block; ++i) hits |= scores[i] >= bar ? 1 : 0;
  return hits != 0;
}

}  // namespace

void TopK::reset(int k) {
  assert(k >= 1);
  k_ = k;
  best_.clear();
  best_.reserve(std::size_t(std::min(k, 4096)));
}

void TopK::offer(const Candidate& candidate) {
  if (!(candidate.score > -std::numeric_limits<double>::infinity())) return;
  if (int(best_.size()) == k_) {
    if (!better(candidate, best_.back())) return;
    best_.pop_back();
  }
  best_.insert(std::upper_bound(best_.begin(), best_.end(), candidate, better), candidate);
}

float TopK::bar(double sum) const {
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  if (int(best_.size()) < k_) return lowest;
  const double wanted = best_.back().score - sum;
  const float rounded = float(wanted);
  return double(rounded) > wanted ? std::nextafter(rounded, lowest) : rounded;  // let ties through to offer()
}

void TopK::scan(std::span<const float> row, double sum, int parent, const TokenRules& rules) {
  float lowest = bar(sum);
  const auto look_at = [&](std::size_t token) {
    if (!(row[token] >= lowest) || rules.has_rule(TokenId(token))) return;
    offer({.score = sum + row[token], .token = TokenId(token), .parent = parent, .log_probability = row[token]});
    lowest = bar(sum);
  };
  const std::size_t whole = row.size() / block * block;
  for (std::size_t start = 0; start < whole; start += block) {
    if (!any_reaches(row.data() + start, lowest)) continue;
    for (std::size_t i = start; i < start + block; ++i) look_at(i);
  }
  for (std::size_t i = whole; i < row.size(); ++i) look_at(i);
}

}  // namespace dragoman
