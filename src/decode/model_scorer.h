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

  /// Goes on with one sentence: `state` has one row, and the first step feeds it `next`, at least one token (-1: the
  /// start of the sentence). Always watched.
  ModelScorer(const Seq2Seq& model, Arena& arena, std::unique_ptr<DecoderState> state, std::vector<TokenId> next,
              TokenId end, std::span<const std::vector<TokenId>> candidates = {});

  int sentences() const override { return sentences_; }
  TokenId end_token() const override { return end_; }
  int vocabulary_size() const override { return model_.target_vocabulary(); }
  std::span<const float> advance(std::span<const TokenId> last) override;
  std::span<const TokenId> candidates(int row) const override;
  std::span<const float> attention(int row) override;
  void reorder(std::span<const int> parents) override;

  const DecoderState& state() const { return *state_; }

  /// After the first advance() of a sentence that goes on: what each but the last of the tokens fed made the next one
  /// look at, [tokens - 1, source tokens].
  const std::vector<float>& first_attention() const { return first_attention_; }

 private:
  void begin(std::span<const std::vector<TokenId>> candidates);

  const Seq2Seq& model_;
  Context ctx_;
  int sentences_;
  TokenId end_;
  std::unique_ptr<DecoderState> state_;
  std::optional<CandidateScores> candidates_;
  std::vector<int> sentence_of_row_;  ///< only with candidates
  Arena::Mark steps_begin_;
  std::vector<int> offsets_, first_tokens_;
  std::vector<float> first_attention_;
  int skipped_ = 0;  ///< tokens of the newest step before the one whose scores count
  const bool watched_;
  std::optional<MeanAttention> attention_;  ///< of the newest step
};

}  // namespace dragoman
