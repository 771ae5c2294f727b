#include "search/length_penalty.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace dragoman {

namespace {

double score_at(const LengthPenalty& penalty, double log_probability, double length) {
  const double sum = log_probability - penalty.word_penalty * length;
  if (penalty.normalize == 0) return sum;
  if (penalty.normalize == 1) return sum / length;
  return sum / std::pow(length, penalty.normalize);
}

}  // namespace

double LengthPenalty::score(double log_probability, int length) const {
  return score_at(*this, log_probability, length);
}

double LengthPenalty::best_attainable(double log_probability, int shortest, int longest) const {
  assert(1 <= shortest && shortest <= longest);
  const double sum = std::min(log_probability, 0.0);  // a rounded log-softmax can be a hair above 0
  const double fall = word_penalty * (1 - normalize);
  double length = longest;
  if (fall > 0) length = std::clamp(-normalize * sum / fall, double(shortest), double(longest));
  return score_at(*this, sum, length);
}

int length_limit(const SearchOptions& options, int source_length, int prefix_length) {
  constexpr double unlimited = 1 << 30;
  double limit = 1;
  if (source_length > 1) {
    // 1.1 * 10 is a hair above 11 in binary: do not round that up to 12.
    limit = std::min(unlimited, std::ceil(options.max_length_factor * source_length - 1e-9));
    if (options.max_length > 0) limit = std::min(limit, options.max_length + 1.0);
  }
  return std::max(std::max(1, int(limit)), prefix_length + 1);
}

}  // namespace dragoman
