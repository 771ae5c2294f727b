#include "search/ensemble.h"

#include <cassert>
#include <cmath>

#include "base/error.h"

namespace dragoman {

EnsembleScorer::EnsembleScorer(std::vector<StepScorer*> scorers, std::span<const double> weights)
    : scorers_(std::move(scorers)) {
  require(!scorers_.empty(), "ensemble: no model, expected at least one");
  require(weights.empty() || weights.size() == scorers_.size(), "weights: {} given, expected one for each of {} models",
          weights.size(), scorers_.size());
  const StepScorer& first = *scorers_.front();
  double total = 0;
  for (std::size_t i = 0; i < scorers_.size(); ++i) {
    const StepScorer& scorer = *scorers_[i];
    require(scorer.vocabulary_size() == first.vocabulary_size(),
            "ensemble: model {} has a vocabulary of {} tokens, the first one has {}", i + 1, scorer.vocabulary_size(),
            first.vocabulary_size());
    require(scorer.end_token() == first.end_token(), "ensemble: </s> is token {} in model {} and {} in the first one",
            scorer.end_token(), i + 1, first.end_token());
    require(scorer.sentences() == first.sentences(), "ensemble: model {} was given {} sentences, the first one {}",
            i + 1, scorer.sentences(), first.sentences());
    const double weight = weights.empty() ? 1.0 / double(scorers_.size()) : weights[i];
    require(std::isfinite(weight) && weight >= 0, "weights: {} for model {}, expected a number not below 0", weight,
            i + 1);
    weights_.push_back(float(weight));
    total += weight;
  }
  require(total > 0, "weights: all are 0, expected at least one above 0");
}

std::span<const float> EnsembleScorer::advance(std::span<const TokenId> last) {
  if (scorers_.size() == 1 && weights_[0] == 1) return scorers_[0]->advance(last);
  bool first = true;
  for (std::size_t i = 0; i < scorers_.size(); ++i) {
    const float weight = weights_[i];
    if (weight == 0) continue;  // 0 * -inf would be NaN
    const std::span<const float> scores = scorers_[i]->advance(last);
    if (first) sum_.resize(scores.size());
    assert(scores.size() == sum_.size());
    const float* const in = scores.data();
    float* const out = sum_.data();
    const std::size_t n = scores.size();
    if (first) {
      for (std::size_t j = 0; j < n; ++j) out[j] = weight * in[j];
    } else {
      for (std::size_t j = 0; j < n; ++j) out[j] += weight * in[j];
    }
    first = false;
  }
  return sum_;
}

std::span<const float> EnsembleScorer::attention(int row) {
  attention_.clear();
  int count = 0;
  for (std::size_t i = 0; i < scorers_.size(); ++i) {
    if (weights_[i] == 0 && scorers_.size() > 1) continue;
    const std::span<const float> one = scorers_[i]->attention(row);
    if (one.empty()) return {};
    attention_.resize(one.size());
    for (std::size_t j = 0; j < one.size(); ++j) attention_[j] += one[j];
    ++count;
  }
  for (float& weight : attention_) weight /= float(count);
  return attention_;
}

void EnsembleScorer::reorder(std::span<const int> parents) {
  for (std::size_t i = 0; i < scorers_.size(); ++i) {
    if (weights_[i] != 0 || scorers_.size() == 1) scorers_[i]->reorder(parents);
  }
}

}  // namespace dragoman
