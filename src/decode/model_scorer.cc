#include "decode/model_scorer.h"

#include <utility>

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
  begin(candidates);
}

ModelScorer::ModelScorer(const Seq2Seq& model, Arena& arena, std::unique_ptr<DecoderState> state,
                         std::vector<TokenId> next, TokenId end, std::span<const std::vector<TokenId>> candidates)
    : model_(model),
      ctx_{arena},
      sentences_(1),
      end_(end),
      state_(std::move(state)),
      first_tokens_(std::move(next)),
      watched_(true) {
  begin(candidates);
}

void ModelScorer::begin(std::span<const std::vector<TokenId>> candidates) {
  if (!candidates.empty()) {
    candidates_.emplace(ctx_, model_, candidates);
    for (int s = 0; s < sentences_; ++s) sentence_of_row_.push_back(s);
  }
  steps_begin_ = ctx_.arena.mark();
}

std::span<const float> ModelScorer::advance(std::span<const TokenId> last) {
  ctx_.arena.rewind(steps_begin_);
  const std::span<const TokenId> tokens = last.empty() ? std::span<const TokenId>(first_tokens_) : last;
  const int rows = last.empty() ? sentences_ : int(last.size());
  const int each = int(tokens.size()) / rows;  // one, unless a sentence goes on
  offsets_.resize(std::size_t(rows) + 1);
  for (int r = 0; r <= rows; ++r) offsets_[std::size_t(r)] = r * each;
  if (watched_) {
    attention_.emplace(AttentionPlace{AttentionKind::cross, model_.alignment_layer()}, int(tokens.size()), false);
    ctx_.observer = &*attention_;
  }
  Tensor output = model_.step(ctx_, *state_, {tokens, offsets_});
  if (watched_) attention_->finish();
  skipped_ = each - 1;
  if (skipped_ > 0) {
    for (int i = 0; i < skipped_; ++i) {
      const std::span<const float> weights = attention_->of(i);
      first_attention_.insert(first_attention_.end(), weights.begin(), weights.end());
    }
    output = {{1, output.width()}, output.row(skipped_), nullptr};
  }
  if (candidates_) return candidates_->compute(ctx_, output, sentence_of_row_);
  return model_.log_probabilities(ctx_, output).values();
}

std::span<const TokenId> ModelScorer::candidates(int row) const {
  return candidates_ ? candidates_->of_sentence(sentence_of_row_[std::size_t(row)]) : std::span<const TokenId>();
}

std::span<const float> ModelScorer::attention(int row) {
  return attention_ ? attention_->of(row + skipped_) : std::span<const float>();
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
