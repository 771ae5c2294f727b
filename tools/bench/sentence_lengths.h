#pragma once
// Batches of sentences that are as long as those of Multi30k, for benchmarks: always the same ones.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace dragoman {

/// Sentences that a worker computes at once: offsets of their tokens.
using Piece = std::vector<int>;

/// Lengths of Multi30k's sentences in 8,000 pieces, with the end: log-normal around 13 + 1. Batches of `batch_words`
/// tokens are taken from a pool as maxi-batch-sort makes it: sorted by length, by that of the translation (whose
/// logarithm differs by 0.17) and then by length, or not.
inline std::vector<std::vector<int>> draw_batches(const std::string& order, int batch_words, int count) {
  Random random(7);
  std::vector<std::pair<double, int>> pool;
  for (int total = 0; total < 100 * batch_words;) {
    const int length = 1 + std::clamp(int(std::lround(std::exp(2.62 + 0.335 * random.normal()))), 2, 50);
    const double other = length * std::exp(0.17 * random.normal());
    pool.push_back({order == "sorted" ? length : std::round(other), length});
    total += length;
  }
  if (order != "drawn") std::sort(pool.begin(), pool.end());
  std::vector<std::vector<int>> batches(1);
  int words = 0;
  for (const auto& [key, length] : pool) {
    if (words + length > batch_words) {
      batches.emplace_back();
      words = 0;
    }
    batches.back().push_back(length);
    words += length;
  }
  batches.pop_back();  // it is not full
  std::vector<std::vector<int>> chosen;
  for (int i = 0; i < count; ++i) chosen.push_back(batches[batches.size() * std::size_t(i) / std::size_t(count)]);
  return chosen;
}

/// A batch in `count` parts of about equally many tokens.
inline std::vector<Piece> cut(const std::vector<int>& lengths, int count) {
  const int total = std::accumulate(lengths.begin(), lengths.end(), 0);
  std::vector<Piece> pieces(1, Piece{0});
  int words = 0;
  for (const int length : lengths) {
    if (words >= total * int(pieces.size()) / count) pieces.push_back({0});
    pieces.back().push_back(pieces.back().back() + length);
    words += length;
  }
  return pieces;
}

}  // namespace dragoman
