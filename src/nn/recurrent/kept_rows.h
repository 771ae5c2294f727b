#pragma once
// Vectors that a decoder carries from step to step, one for each row of its batch.

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace dragoman {

struct KeptRows {
  int width = 0;
  std::vector<float> values;  ///< [rows, width]

  Tensor tensor() { return {{int(values.size()) / width, width}, values.data(), nullptr}; }
  float* row(int index) { return values.data() + index * std::int64_t(width); }

  /// Row i continues old row parents[i].
  void reorder(std::span<const int> parents) {
    std::vector<float> moved;
    moved.reserve(parents.size() * std::size_t(width));
    for (const int parent : parents) moved.insert(moved.end(), row(parent), row(parent) + width);
    values = std::move(moved);
  }

  /// Of one row alone.
  KeptRows only(int index) const {
    const auto first = values.begin() + index * std::ptrdiff_t(width);
    return {width, {first, first + width}};
  }

  /// Row r becomes row places[r] of `all`; where that is negative it stays.
  void take(Tensor all, std::span<const int> places) {
    for (std::size_t r = 0; r < places.size(); ++r) {
      if (places[r] >= 0) std::copy_n(all.row(places[r]), width, row(int(r)));
    }
  }
};

}  // namespace dragoman
