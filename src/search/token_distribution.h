#pragma once
// The distribution that a sample's next token is drawn from.

#include <span>
#include <utility>
#include <vector>

#include "base/random.h"
#include "search/sampling.h"
#include "search/token_rules.h"

namespace dragoman {

/// The tokens that the rules allow and the sampling method keeps, with their probabilities. Reuse one object: it keeps
/// its memory. Sampling all tokens costs one pass of a vectorised exponential over the row; top-k and nucleus
/// sampling add a histogram of the probabilities, which finds the smallest that is kept without sorting the row.
class TokenDistribution {
 public:
  /// Takes over one row of log-probabilities (they need not be normalised). With `end` not negative, that token is
  /// allowed too. Returns false if no token is left, which includes a row of NaN.
  bool set(const ScoreRow& row, const TokenRules& rules, TokenId end, const Sampling& sampling);

  /// REQUIRES: set() returned true.
  TokenId draw(Random& random) const;

  /// The tokens that can be drawn, by token, and how likely each is.
  std::vector<std::pair<TokenId, double>> probabilities() const;

 private:
  void keep_largest(const Sampling& sampling);
  void zero_below(float least);
  void sum_blocks();

  std::vector<float> weights_;     // [vocabulary, padded to whole blocks], in proportion to the probabilities
  std::vector<double> cumulated_;  // up to the end of each block
  struct Bin {
    int count;
    double mass;
  };
  std::vector<Bin> bins_;
  std::vector<std::pair<float, TokenId>> cut_;
};

}  // namespace dragoman
