#include "ops/chosen_words.h"

#include <algorithm>
#include <cassert>

#include "ops/linear.h"

namespace dragoman {

ChosenWords::ChosenWords(const Context& ctx, Tensor weight, Tensor bias, std::span<const int> words)
    : words_(int(words.size())) {
  assert(!ctx.recording());
  if (bias.data != nullptr) {
    bias_ = ctx.make({words_});
    for (int i = 0; i < words_; ++i) bias_.data[i] = bias.data[words[std::size_t(i)]];
  }
  if (weight.int8 != nullptr) {
    int8_ = weight.int8->packed(words);
    return;
  }
  weight_ = ctx.make({words_, weight.width()});
  for (int i = 0; i < words_; ++i) std::copy_n(weight.row(words[std::size_t(i)]), weight.width(), weight_.row(i));
}

Tensor ChosenWords::logits(const Context& ctx, Tensor x) const {
  if (!int8_) return linear_transposed(ctx, x, weight_, bias_);
  const int rows = int(x.rows());
  Tensor y = ctx.make({rows, words_});
  int8_->multiply({x.data, rows, x.width(), x.width()}, bias_.data, false, {y.data, rows, words_, words_});
  return y;
}

}  // namespace dragoman
