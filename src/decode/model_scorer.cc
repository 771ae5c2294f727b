#include "decode/model_scorer.h"

namespace dragoman {

ModelScorer::ModelScorer(const Seq2Seq& model, Arena& arena, const TokenGrid& source, TokenId end, bool watched,
                         std::span<const std::vector<TokenId>> candidates)
    : model_(model),
      ctx_{arena},
      sentences_(source.sentences()),
      end_(end),
      state_(model.start(ctx_, model.encode(ctx_, source), Decoding::stepwise)),
      first_tokens_(std::size_t(sentences_), -1),
      watched_(watched) {
  if (!candidates.empty()) {
    candidates_.emplace(ctx_, model, candidates);
    for (int s = 0; s < sentences_; ++s) sentence_of_row_.push_back(s);
  }
  steps_begin_ = arena.mark();
}

std::span<const float> ModelScorer::advance(std::span<const TokenId> last) {
  ctx_.arena.rewind(steps_begin_);
  const std::span<const TokenId> tokens = last.empty() ? std::span<const TokenId>(first_tokens_) : last;
  offsets_.resize(tokens.size() + 1);
  for (std::size_t r = 0; r <= tokens.size(); ++r) offsets_[r] = int(r);
  if (watched_) {
    attention_.emplace(AttentionPlace{AttentionKind::cross, model_.alignment_layer()}, int(tokens.size()), false);
    ctx_.observer = &*attention_;
  }
  const Tensor output = model_.step(ctx_, *state_, {tokens, offsets_});
  if (watched_) attention_->finish();
  if (candidates_) return candidates_->compute(ctx_, output, sentence_of_row_);
  return model_.log_probabilities(ctx_, output).values();
}

std::span<const TokenId> ModelScorer::candidates(int row) const {
  return candidates_ ? candidates_->of_sentence(sentence_of_row_[std::size_t(row)]) : std::span<const TokenId>();
}

std::span<const float> ModelScorer::attention(int row) {
  return attention_ ? attention_->of(row) : std::span<const float>();
}

void ModelScorer::reorder(std::span<const int> parents) {
  state_->reorder(parents);
  if (!candidates_) return;
  std::vector<int> sentences;
  sentences.reserve(parents.size());
  for (const int parent : parents) sentences.push_back(sentence_of_row_[std::size_t(parent)]);
  sentence_of_row_ = std::move(sentences);
}

}  // namespace dragoman
