#pragma once
// What a decoder's state needs of the source, as copies of the state share it.

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace dragoman {

/// Owns the keys and values of one sentence.
struct KeptSource {
  std::vector<int> offsets;  ///< 0 and the number of its tokens
  std::vector<std::vector<float>> keys;

  /// Copies the rows of a sentence out of tensors [tokens, width].
  KeptSource(std::span<const Tensor> all, std::span<const int> all_offsets, int sentence) {
    const int first = all_offsets[std::size_t(sentence)], end = all_offsets[std::size_t(sentence) + 1];
    offsets = {0, end - first};
    for (const Tensor& tensor : all)
      keys.emplace_back(tensor.row(first), tensor.row(first) + tensor.width() * (end - first));
  }

  Tensor tensor(std::size_t index) {
    const int rows = offsets[1];
    std::vector<float>& numbers = keys[index];
    return {{rows, rows == 0 ? 0 : int(numbers.size()) / rows}, numbers.data(), nullptr};
  }

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& numbers : keys) sum += numbers.size() * sizeof(float);
    return sum;
  }
};

}  // namespace dragoman
