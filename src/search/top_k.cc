#include "search/top_k.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace dragoman {

namespace {

constexpr std::size_t block = 64;
constexpr std::size_t part = 16;  // of a block: looked at again when the block has something

/// Whether any of the `n` scores is at least `bar`. Four lanes of compare-and-or in the compiler's vector types, which
/// every x86-64 processor has; this reads as fast as memory delivers a batch's rows, so wider ones would not help.
template <std::size_t n>
inline bool any_reaches(const float* scores, float bar) {
  using Floats = float __attribute__((vector_size(16)));
  using Ints = std::int32_t __attribute__((vector_size(16)));
  using Longs = std::int64_t __attribute__((vector_size(16)));
  const Floats bars = {bar, bar, bar, bar};
  Ints even = {}, odd = {};
  for (std::size_t i = 0; i < n; i += 8) {
    Floats a, b;
    std::memcpy(&a, scores + i, sizeof a);
    std::memcpy(&b, scores + i + 4, sizeof b);
    even |= a >= bars;
    odd |= b >= bars;
  }
  const Longs hits = Longs(even | odd);
  return (hits[0] | hits[1]) != 0;
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

void TopK::scan(const ScoreRow& scored, double sum, int parent, const TokenRules& rules) {
  float lowest = bar(sum);
  const std::span<const float> row = scored.scores;
  const auto look_at = [&](std::size_t place) {
    if (!(row[place] >= lowest)) return;
    const TokenId token = scored.token(place);
    if (rules.has_rule(token)) return;
    offer({.score = sum + row[place], .token = token, .parent = parent, .log_probability = row[place]});
    lowest = bar(sum);
  };
  const std::size_t whole = row.size() / block * block;
  for (std::size_t start = 0; start < whole; start += block) {
    if (!any_reaches<block>(row.data() + start, lowest)) continue;
    for (std::size_t middle = start; middle < start + block; middle += part) {
      if (!any_reaches<part>(row.data() + middle, lowest)) continue;
      for (std::size_t i = middle; i < middle + part; ++i) look_at(i);
    }
  }
  for (std::size_t i = whole; i < row.size(); ++i) look_at(i);
}

}  // namespace dragoman
