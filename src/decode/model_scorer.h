#pragma once
// A model as search sees it.

#include <memory>
#include <optional>
#include <vector>

#include "decode/candidate_scores.h"
#include "model/seq2seq.h"
#include "ops/mean_attention.h"
#include "search/step_scorer.h"

namespace dragoman {

/// The decoder of a Seq2Seq for a batch of sentences. It uses an arena from where it stands: what the encoder made is
/// kept, what a step makes is given back at the next. While it lives nobody else may use the arena.
class ModelScorer : public StepScorer {
 public:
  /// Encodes the sentences, each ending with </s>. `end` is the target's </s>. The ids and offsets of `source` must
  /// outlive the scorer.
  /// `watched`: attention() will be asked for. `candidates`: of each sentence, as SearchContext has them, or empty.
  ModelScorer(const Seq2Seq& model, Arena& arena, const TokenGrid& source, TokenId end, bool watched = false,
              std::span<const std::vector<TokenId>> candidates = {});

  int sentences() const override { return sentences_; }
  TokenId end_token() const override { return end_; }
  int vocabulary_size() const override { return model_.target_vocabulary(); }
  std::span<const float> advance(std::span<const TokenId> last) override;
  std::span<const TokenId> candidates(int row) const override;
  std::span<const float> attention(int row) override;
  void reorder(std::span<const int> parents) override;

 private:
  const Seq2Seq& model_;
  Context ctx_;
  int sentences_;
  TokenId end_;
  std::unique_ptr<DecoderState> state_;
  std::optional<CandidateScores> candidates_;
  std::vector<int> sentence_of_row_;  ///< only with candidates
  Arena::Mark steps_begin_;
  std::vector<int> offsets_, first_tokens_;
  const bool watched_;
  std::optional<MeanAttention> attention_;  ///< of the newest step
};

}  // namespace dragoman
