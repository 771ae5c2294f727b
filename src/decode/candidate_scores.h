#pragma once
// The output layer for some tokens only: those that a sentence's shortlist has.

#include <deque>
#include <span>
#include <vector>

#include "model/seq2seq.h"
#include "ops/chosen_words.h"
#include "search/step_scorer.h"

namespace dragoman {

/// The log-probabilities of the candidates of sentences, the softmax being over them alone. The words' vectors are
/// gathered once for each few sentences that follow one another; a sentence's scores do not depend on the others.
class CandidateScores {
 public:
  /// candidates: of each sentence, ascending; they and what is made in the context's arena must outlive this.
  CandidateScores(const Context& ctx, const Seq2Seq& model, std::span<const std::vector<TokenId>> candidates);

  std::span<const TokenId> of_sentence(int sentence) const { return candidates_[std::size_t(sentence)]; }

  /// output: the decoder's [rows, width]; rows of a sentence follow one another, sentences ascend. Returns the scores
  /// of all rows one after another, in the arena.
  std::span<const float> compute(const Context& ctx, Tensor output, std::span<const int> sentence_of_row) const;

 private:
  struct Group {
    int first, end;                        ///< sentences
    std::vector<TokenId> tokens;           ///< of all of them, ascending
    std::vector<std::vector<int>> places;  ///< of each sentence's candidates in tokens; empty: they are all
    ChosenWords words;
  };
  std::span<const std::vector<TokenId>> candidates_;
  std::deque<Group> groups_;
};

}  // namespace dragoman
