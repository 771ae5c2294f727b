#pragma once
// Several models as one.

#include <span>
#include <vector>

#include "search/step_scorer.h"

namespace dragoman {

/// Scores with the weighted sum of the log-probabilities of several scorers, as Marian does: the weights are used as
/// they are given. Without any each is 1/n, so that scores keep their scale (Marian's default is 1, which ranks the
/// same unless there is a word penalty). The sum is not normalised again.
class EnsembleScorer : public StepScorer {
 public:
  /// The scorers are not owned and must outlive the ensemble. Throws Error if there is none, if their vocabularies,
  /// ends or numbers of sentences differ, or if weights are not one number above or equal to 0 for each (not all 0).
  explicit EnsembleScorer(std::vector<StepScorer*> scorers, std::span<const double> weights = {});

  int sentences() const override { return scorers_.front()->sentences(); }
  TokenId end_token() const override { return scorers_.front()->end_token(); }
  int vocabulary_size() const override { return scorers_.front()->vocabulary_size(); }
  std::span<const float> advance(std::span<const TokenId> last) override;
  /// The mean of those scorers that have a weight.
  std::span<const TokenId> candidates(int row) const override { return scorers_.front()->candidates(row); }
  std::span<const float> attention(int row) override;
  void reorder(std::span<const int> parents) override;

 private:
  std::vector<StepScorer*> scorers_;
  std::vector<float> weights_;
  std::vector<float> sum_;        // [rows, vocabulary]
  std::vector<float> attention_;  // of one row
};

}  // namespace dragoman
