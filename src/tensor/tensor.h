#pragma once
// Tensors are views of numbers that somebody else owns: an arena or a block of parameters.

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "tensor/shape.h"

namespace dragoman {

/// Where the gradient of one tensor is summed during a backward pass. The first that contributes overwrites, so
/// that nobody has to clear the memory before.
struct Gradient {
  float* data = nullptr;
  bool filled = false;  ///< something has been written

  /// For a contributor that can write or add: the factor of what is there already, 0 the first time and then 1.
  float take_beta() { return std::exchange(filled, true) ? 1.0f : 0.0f; }

  /// For a contributor that can only add: the sum so far, cleared if nobody has written yet.
  float* summed(std::int64_t size) {
    if (!std::exchange(filled, true)) std::fill_n(data, size, 0.0f);
    return data;
  }
};

class Int8Weights;

/// A dense row-major array of floats. Trivially copyable: copies see the same numbers. `gradient` is set only while
/// recording for a backward pass.
/// Weights that are kept in eight bits have `int8`, those in sixteen `bfloat16` (the upper halves of floats), and no
/// data: products and look-ups of words take those.
struct Tensor {
  Shape shape;
  float* data = nullptr;
  Gradient* gradient = nullptr;
  const Int8Weights* int8 = nullptr;
  const std::uint16_t* bfloat16 = nullptr;

  std::int64_t size() const { return shape.size(); }
  std::int64_t rows() const { return shape.rows(); }
  int width() const { return shape.width(); }
  float* row(std::int64_t index) const { return data + index * width(); }
  std::span<float> values() const { return {data, std::size_t(size())}; }
  bool needs_gradient() const { return gradient != nullptr; }
  bool has_gradient() const { return gradient != nullptr && gradient->filled; }
  float* summed_gradient() const { return gradient->summed(size()); }
};

}  // namespace dragoman
