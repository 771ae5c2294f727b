#include "ops/chosen_words.h"

#include <algorithm>
#include <cassert>

#include "ops/linear.h"

namespace dragoman {

namespace {

/// Words of floats that are multiplied together: a product of any other size would need a primitive of its own.
constexpr int block = 256;

}  // namespace

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
  if (weight.bfloat16 != nullptr) {
    const int rows = (words_ + block - 1) / block * block, width = weight.width();
    std::uint16_t* gathered = ctx.arena.array<std::uint16_t>(std::size_t(rows) * std::size_t(width)).data();
    weight_ = {{rows, width}, nullptr, nullptr, nullptr, gathered};
    for (const int word : words) gathered = std::copy_n(weight.bfloat16 + std::int64_t(word) * width, width, gathered);
    std::fill_n(gathered, std::int64_t(rows - words_) * width, std::uint16_t(0));
    return;
  }
  weight_ = ctx.make({(words_ + block - 1) / block * block, weight.width()});
  std::fill(weight_.row(words_), weight_.row(weight_.rows()), 0.0f);
  for (int i = 0; i < words_; ++i) std::copy_n(weight.row(words[std::size_t(i)]), weight.width(), weight_.row(i));
}

Tensor ChosenWords::logits(const Context& ctx, Tensor x) const {
  const int rows = int(x.rows());
  Tensor y = ctx.make({rows, words_});
  if (!int8_) {
    for (int first = 0; first < words_; first += block) {
      Tensor part = weight_;
      part.shape = {block, weight_.width()};
      if (part.data != nullptr) part.data = weight_.row(first);
      if (part.bfloat16 != nullptr) part.bfloat16 += std::int64_t(first) * weight_.width();
      const Tensor some = linear_transposed(ctx, x, part);
      const int count = std::min(block, words_ - first);
      for (int r = 0; r < rows; ++r) {
        const float* from = some.row(r);
        float* to = y.row(r) + first;
        for (int i = 0; i < count; ++i) to[i] = from[i] + (bias_.data != nullptr ? bias_.data[first + i] : 0.0f);
      }
    }
    return y;
  }
  int8_->multiply({x.data, rows, x.width(), x.width()}, bias_.data, false, {y.data, rows, words_, words_});
  return y;
}

}  // namespace dragoman
