#include "search/step_rows.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/error.h"

namespace dragoman {

void StepRows::advance() {
  if (rows_ == 0) {
    rows_ = scorer_.sentences();
    scores_ = scorer_.advance({});
  } else {
    const int rows = int(parents_.size());
    bool same = rows == rows_;
    for (int i = 0; same && i < rows; ++i) same = parents_[std::size_t(i)] == i;
    if (!same) scorer_.reorder(parents_);
    rows_ = rows;
    scores_ = scorer_.advance(last_);
  }
  starts_.assign(1, 0);
  for (int i = 0; i < rows_; ++i) {
    const std::size_t some = scorer_.candidates(i).size();
    starts_.push_back(starts_.back() + (some > 0 ? some : width_));
  }
  assert(scores_.size() == starts_.back());
  parents_.clear();
  last_.clear();
}

void check_batch(const StepScorer& scorer, std::span<const int> source_lengths, const SearchContext& context) {
  const std::size_t sentences = std::size_t(scorer.sentences());
  require(source_lengths.size() == sentences, "search: {} source lengths for {} sentences", source_lengths.size(),
          sentences);
  require(context.prefixes.empty() || context.prefixes.size() == sentences,
          "search: {} forced prefixes for {} sentences", context.prefixes.size(), sentences);
  require(context.sentence_ids.empty() || context.sentence_ids.size() == sentences,
          "search: {} sentence ids for {} sentences", context.sentence_ids.size(), sentences);
  for (std::size_t i = 0; i < context.prefixes.size(); ++i) {
    for (const TokenId token : context.prefixes[i]) {
      require(0 <= token && token < scorer.vocabulary_size() && token != scorer.end_token(),
              "forced prefix of sentence {} of the batch: token {}, expected one of 0..{} other than </s>", i + 1,
              token, scorer.vocabulary_size() - 1);
    }
  }
}

std::span<const TokenId> prefix_of(const SearchContext& context, int sentence) {
  if (context.prefixes.empty()) return {};
  return context.prefixes[std::size_t(sentence)];
}

double forced_score(float log_probability, int sentence, int position) {
  constexpr double impossible = -10000;
  require(!std::isnan(log_probability),
          "sentence {} of the batch, token {}: the model's scores are not numbers (NaN); its parameters are damaged",
          sentence + 1, position + 1);
  return std::max(double(log_probability), impossible);
}

}  // namespace dragoman
