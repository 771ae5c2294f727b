#include "search/token_rules.h"

#include <algorithm>
#include <cassert>

namespace dragoman {

TokenRules::TokenRules(const SearchOptions& options, int vocabulary_size, TokenId end, TokenId unk)
    : repetition_penalty_(options.repetition_penalty),
      ngram_size_(options.no_repeat_ngram_size),
      end_(end),
      unk_(options.allow_unk ? -1 : unk),
      marks_(std::size_t(vocabulary_size), 0) {
  set({}, ScoreRow(std::span<const float>()));
}

bool TokenRules::mark(TokenId token) {
  std::uint32_t& serial = marks_[std::size_t(token)];
  if (serial == serial_) return false;
  serial = serial_;
  ruled_.push_back(token);
  return true;
}

void TokenRules::set(std::span<const TokenId> history, const ScoreRow& row) {
  ruled_.clear();
  adjusted_.clear();
  if (++serial_ == 0) {  // after 2^32 rows old marks could look new
    std::fill(marks_.begin(), marks_.end(), 0);
    serial_ = 1;
  }
  mark(end_);
  if (unk_ >= 0 && std::size_t(unk_) < marks_.size()) mark(unk_);
  const std::size_t n = std::size_t(ngram_size_);
  if (n > 0 && history.size() >= n) {
    const auto suffix = history.last(n - 1);
    for (std::size_t i = 0; i + n <= history.size(); ++i) {
      if (std::equal(suffix.begin(), suffix.end(), history.begin() + std::ptrdiff_t(i))) mark(history[i + n - 1]);
    }
  }
  if (repetition_penalty_ == 1) return;
  for (const TokenId token : history) {
    if (!mark(token)) continue;
    const float plain = row.of(token);
    const double score = plain < 0 ? plain * repetition_penalty_ : plain / repetition_penalty_;
    adjusted_.push_back({.token = token, .score = score, .log_probability = plain});
  }
}

}  // namespace dragoman
