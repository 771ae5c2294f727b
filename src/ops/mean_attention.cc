#include "ops/mean_attention.h"

#include <algorithm>
#include <cassert>

#include "base/error.h"

namespace dragoman {

void MeanAttention::observe(const AttentionWeights& seen) {
  if (next_ != nullptr) next_->observe(seen);
  if (!(seen.place == place_)) return;
  heads_ = std::max(heads_, seen.head + 1);
  const std::size_t keys = std::size_t(seen.keys);
  assert(std::size_t(seen.first_query + seen.queries) <= rows_.size());
  for (int i = 0; i < seen.queries; ++i) {
    Row& row = rows_[std::size_t(seen.first_query + i)];
    if (row.keys == 0) {
      row = {weights_.size(), keys};
      weights_.resize(weights_.size() + keys, 0.0f);
    }
    assert(row.keys == keys);
    const float* from = seen.weights + i * seen.stride;
    for (std::size_t j = 0; j < keys; ++j) weights_[row.first + j] += from[j];
    if (trains_ && seen.gradient != nullptr) {
      of_query_.resize(rows_.size());
      of_query_[std::size_t(seen.first_query + i)].push_back(int(seen_.size()));
    }
  }
  if (trains_ && seen.gradient != nullptr) seen_.push_back(seen);
}

void MeanAttention::finish() {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    require(rows_[i].keys > 0, "this model has no attention to the source in decoder layer {}", place_.layer + 1);
  }
  for (float& weight : weights_) weight /= float(heads_);
}

void MeanAttention::add_gradient(int query, std::span<const float> gradient) {
  assert(!of_query_.empty() && gradient.size() == rows_[std::size_t(query)].keys);
  for (const int number : of_query_[std::size_t(query)]) {
    const AttentionWeights& seen = seen_[std::size_t(number)];
    float* to = seen.gradient + (query - seen.first_query) * seen.stride;
    for (std::size_t j = 0; j < gradient.size(); ++j) to[j] += gradient[j] / float(heads_);
  }
}

}  // namespace dragoman
