#include "search/trellis.h"

namespace dragoman {

void Trellis::trace(int path, int length, std::vector<TokenId>& tokens) const {
  tokens.resize(std::size_t(length));
  for (int i = length; i > 0; --i) {
    tokens[std::size_t(i - 1)] = nodes_[std::size_t(path)].token;
    path = nodes_[std::size_t(path)].previous;
  }
  assert(path == root);
}

Hypothesis Trellis::hypothesis(int path, int length, float end_log_probability) const {
  Hypothesis result;
  trace(path, length, result.tokens);
  result.token_log_probabilities.resize(std::size_t(length) + 1);
  result.token_log_probabilities.back() = end_log_probability;
  for (int i = length; i > 0; --i) {
    result.token_log_probabilities[std::size_t(i - 1)] = nodes_[std::size_t(path)].log_probability;
    path = nodes_[std::size_t(path)].previous;
  }
  for (const float log_probability : result.token_log_probabilities) result.log_probability += log_probability;
  return result;
}

}  // namespace dragoman
