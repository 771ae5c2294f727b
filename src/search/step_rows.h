#pragma once
// The rows of a scorer from one step of a search to the next.

#include <cstddef>
#include <span>
#include <vector>

#include "search/score_row.h"
#include "search/search.h"

namespace dragoman {

/// Collects the rows that a step leaves alive and moves the scorer on to them.
class StepRows {
 public:
  explicit StepRows(StepScorer& scorer) : scorer_(scorer), width_(std::size_t(scorer.vocabulary_size())) {}

  /// Runs the scorer: at first on the start of each sentence, then on the rows added since the last call.
  void advance();

  /// The log-probabilities of the next token in a row of the current step.
  ScoreRow row(int index) const {
    const std::size_t first = starts_[std::size_t(index)];
    return {scores_.subspan(first, starts_[std::size_t(index) + 1] - first), scorer_.candidates(index)};
  }

  /// What a row of the current step looks at.
  std::span<const float> attention(int index) const { return scorer_.attention(index); }

  /// Adds a row to the next step: row `parent` of this step, extended by `token`.
  void add(int parent, TokenId token) {
    parents_.push_back(parent);
    last_.push_back(token);
  }

 private:
  StepScorer& scorer_;
  std::size_t width_;
  int rows_ = 0;
  std::span<const float> scores_;
  std::vector<std::size_t> starts_;  ///< of rows in scores_, and where the last one ends
  std::vector<int> parents_;
  std::vector<TokenId> last_;
};

/// Checks what belongs to a batch against the scorer: counts, and that forced prefixes are tokens other than </s>.
void check_batch(const StepScorer& scorer, std::span<const int> source_lengths, const SearchContext& context);

/// The forced prefix of a sentence.
std::span<const TokenId> prefix_of(const SearchContext& context, int sentence);

/// What a forced token adds to the score: its log-probability, but at least -10000, so that what follows can still be
/// told apart. Throws Error if it is NaN.
double forced_score(float log_probability, int sentence, int position);

}  // namespace dragoman
