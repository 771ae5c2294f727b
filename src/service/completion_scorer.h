#pragma once
// A decoder that goes on from a prefix, and writes what is left of it first.

#include <functional>
#include <utility>
#include <vector>

#include "decode/model_scorer.h"
#include "service/target_prefix.h"

namespace dragoman {

/// Forbids tokens that do not fit the rest of a prefix, as long as a row has not written it. Where it forbids, the
/// others' probabilities sum to 1.
class CompletionScorer : public StepScorer {
 public:
  /// Both must outlive it.
  CompletionScorer(ModelScorer& model, const TargetPrefix& prefix) : model_(model), prefix_(prefix) {}

  int sentences() const override { return 1; }
  TokenId end_token() const override { return model_.end_token(); }
  int vocabulary_size() const override { return model_.vocabulary_size(); }
  std::span<const float> advance(std::span<const TokenId> last) override;
  std::span<const TokenId> candidates(int row) const override { return model_.candidates(row); }
  std::span<const float> attention(int row) override { return model_.attention(row); }
  void reorder(std::span<const int> parents) override;

  /// Calls step(last, scores) after each step, as long as there has been but one row; `last` is its newest token, -1 at
  /// first.
  void follow(std::function<void(TokenId last, std::span<const float> scores)> step) { step_ = std::move(step); }
  bool follows() const { return bool(step_); }

 private:
  std::span<const float> advance_rows(std::span<const TokenId> last);
  void restrict(int row, std::span<const float> from, float* to) const;

  ModelScorer& model_;
  const TargetPrefix& prefix_;
  std::vector<std::size_t> written_ = {0};
  std::vector<float> scores_;
  std::function<void(TokenId, std::span<const float>)> step_;
};

}  // namespace dragoman
