#pragma once
// One row of scores: of all tokens, or of a shortlist.

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "search/step_scorer.h"

namespace dragoman {

/// The log-probabilities of the next token of one hypothesis.
struct ScoreRow {
  std::span<const float> scores;
  std::span<const TokenId> tokens = {};  ///< of the scores, ascending; empty: 0, 1, ...

  ScoreRow(std::span<const float> of_scores, std::span<const TokenId> of_tokens = {})
      : scores(of_scores), tokens(of_tokens) {}
  ScoreRow(const std::vector<float>& all) : scores(all) {}

  TokenId token(std::size_t place) const { return tokens.empty() ? TokenId(place) : tokens[place]; }

  /// The log-probability of a token; -inf if it is not among them.
  float of(TokenId token) const {
    if (tokens.empty()) return scores[std::size_t(token)];
    const auto found = std::lower_bound(tokens.begin(), tokens.end(), token);
    const bool there = found != tokens.end() && *found == token;
    return there ? scores[std::size_t(found - tokens.begin())] : -std::numeric_limits<float>::infinity();
  }
};

}  // namespace dragoman
