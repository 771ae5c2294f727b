#include "search/trellis.h"

#include <algorithm>

namespace dragoman {

void Trellis::trace(int path, int length, std::vector<TokenId>& tokens) const {
  tokens.resize(std::size_t(length));
  for (int i = length; i > 0; --i) {
    tokens[std::size_t(i - 1)] = nodes_[std::size_t(path)].token;
    path = nodes_[std::size_t(path)].previous;
  }
  assert(path == root);
}

Hypothesis Trellis::hypothesis(int path, int length, float end_log_probability, int end_attention) const {
  Hypothesis result;
  trace(path, length, result.tokens);
  result.token_log_probabilities.resize(std::size_t(length) + 1);
  result.token_log_probabilities.back() = end_log_probability;
  std::size_t sources = 0;
  const auto take_attention = [&](int place, int number) {
    const std::vector<float>& weights = attention_[std::size_t(number)];
    std::copy(weights.begin(), weights.end(), result.attention.begin() + std::ptrdiff_t(std::size_t(place) * sources));
  };
  if (end_attention != no_attention) {
    sources = attention_[std::size_t(end_attention)].size();
    result.attention.resize(std::size_t(length + 1) * sources);
    take_attention(length, end_attention);
  }
  for (int i = length; i > 0; --i) {
    result.token_log_probabilities[std::size_t(i - 1)] = nodes_[std::size_t(path)].log_probability;
    if (end_attention != no_attention) take_attention(i - 1, nodes_[std::size_t(path)].attention);
    path = nodes_[std::size_t(path)].previous;
  }
  for (const float log_probability : result.token_log_probabilities) result.log_probability += log_probability;
  return result;
}

}  // namespace dragoman
