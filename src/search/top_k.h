#pragma once
// The best few of many scores: where beam search spends its own time.

#include <limits>
#include <span>
#include <vector>

#include "search/step_scorer.h"
#include "search/token_rules.h"

namespace dragoman {

/// An extension of a live hypothesis by one token.
struct Candidate {
  double score = 0;  ///< of the extended hypothesis: sum of log-probabilities with penalties
  TokenId token = 0;
  int parent = 0;             ///< which of the sentence's live hypotheses, best first
  float log_probability = 0;  ///< of the token, without penalties
};

/// The order of candidates: higher score, then lower token, then lower parent.
inline bool better(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score > b.score;
  if (a.token != b.token) return a.token < b.token;
  return a.parent < b.parent;
}

/// Keeps the k best candidates offered since the last reset, sorted. Allocates only when k grows.
class TopK {
 public:
  void reset(int k);

  /// Offers one candidate; those with a score of -inf or NaN are never kept.
  void offer(const Candidate& candidate);

  /// Offers all tokens of one row that have no rule of their own. Costs little more than reading the row: blocks
  /// without a score above the worst one kept are passed over.
  void scan(const ScoreRow& row, double sum, int parent, const TokenRules& rules);

  std::span<const Candidate> best() const { return best_; }

 private:
  float bar(double sum) const;

  int k_ = 0;
  std::vector<Candidate> best_;
};

}  // namespace dragoman
