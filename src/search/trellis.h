#pragma once
// The paths that a search has walked, sharing their common beginnings.

#include <cassert>
#include <span>
#include <vector>

#include "search/hypothesis.h"

namespace dragoman {

/// Stores each token of each hypothesis once, linked to the one before it. A path is the number of its last node.
class Trellis {
 public:
  static constexpr int root = -1;  ///< the path without tokens

  static constexpr int no_attention = -1;

  /// Stores what a row looked at when it scored its next token; returns its number.
  int note_attention(std::span<const float> weights) {
    attention_.push_back({weights.begin(), weights.end()});
    return int(attention_.size()) - 1;
  }

  /// Extends a path and returns the new one. `attention`: a number of note_attention().
  int extend(int path, TokenId token, float log_probability, int attention = no_attention) {
    assert(path < int(nodes_.size()));
    nodes_.push_back({.previous = path, .token = token, .log_probability = log_probability, .attention = attention});
    return int(nodes_.size()) - 1;
  }

  /// Writes the `length` tokens of a path to `tokens`.
  void trace(int path, int length, std::vector<TokenId>& tokens) const;

  /// The hypothesis that is this path of `length` tokens followed by </s>; all but its score and completeness.
  Hypothesis hypothesis(int path, int length, float end_log_probability, int end_attention = no_attention) const;

 private:
  struct Node {
    int previous;
    TokenId token;
    float log_probability;
    int attention;
  };
  std::vector<Node> nodes_;
  std::vector<std::vector<float>> attention_;
};

}  // namespace dragoman
