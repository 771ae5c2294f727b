#pragma once
// The shape of a tensor: up to four sizes, kept inline.

#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace dragoman {

/// Sizes from the slowest to the fastest axis. Trivially copyable. Rank 0 is a single number.
class Shape {
 public:
  constexpr Shape() = default;
  constexpr Shape(std::initializer_list<int> sizes) {
    assert(sizes.size() <= 4);
    for (const int size : sizes) sizes_[rank_++] = size;
  }

  constexpr int rank() const { return rank_; }
  constexpr int operator[](int axis) const { return sizes_[axis]; }

  /// Size of the last axis (1 for a single number).
  constexpr int width() const { return rank_ == 0 ? 1 : sizes_[rank_ - 1]; }

  /// Number of rows when all axes but the last are seen as one.
  constexpr std::int64_t rows() const { return width() == 0 ? 0 : size() / width(); }

  /// Number of elements.
  constexpr std::int64_t size() const {
    std::int64_t product = 1;
    for (int axis = 0; axis < rank_; ++axis) product *= sizes_[axis];
    return product;
  }

  constexpr bool operator==(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int axis = 0; axis < rank_; ++axis) {
      if (sizes_[axis] != other.sizes_[axis]) return false;
    }
    return true;
  }

 private:
  int rank_ = 0;
  int sizes_[4] = {0, 0, 0, 0};
};

/// As in "[3, 128]".
std::string to_string(const Shape& shape);

}  // namespace dragoman
