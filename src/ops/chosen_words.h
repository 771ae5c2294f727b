#pragma once
// The output layer for some words of the vocabulary.

#include <optional>
#include <span>
#include <vector>

#include "autograd/context.h"
#include "kernels/int8_weights.h"

namespace dragoman {

/// The rows of an output layer that belong to some words, gathered once for many products. Not while recording.
class ChosenWords {
 public:
  /// weight [vocabulary, width], of any kind; bias [vocabulary] or empty. words: ascending. Rows that are no integers
  /// are kept in the context's arena.
  ChosenWords(const Context& ctx, Tensor weight, Tensor bias, std::span<const int> words);

  /// [rows, words] of x [rows, width].
  Tensor logits(const Context& ctx, Tensor x) const;

 private:
  int words_;
  Tensor weight_, bias_;                          ///< gathered
  std::optional<Int8Weights::Packed> int8_ = {};  ///< instead of weight_
};

}  // namespace dragoman
