#include "decode/model_scorer.h"

namespace dragoman {

ModelScorer::ModelScorer(const Seq2Seq& model, Arena& arena, const TokenGrid& source, TokenId end, bool watched)
    : model_(model),
      ctx_{arena},
      sentences_(source.sentences()),
      end_(end),
      state_(model.start(ctx_, model.encode(ctx_, source), Decoding::stepwise)),
      steps_begin_(arena.mark()),
      first_tokens_(std::size_t(sentences_), -1),
      watched_(watched) {}

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
  return model_.log_probabilities(ctx_, output).values();
}

std::span<const float> ModelScorer::attention(int row) {
  return attention_ ? attention_->of(row) : std::span<const float>();
}

void ModelScorer::reorder(std::span<const int> parents) { state_->reorder(parents); }

}  // namespace dragoman
