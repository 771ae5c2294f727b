#pragma once
// Where in its sentence a token stands, as a vector.

#include <memory>
#include <mutex>

#include "nn/parameters.h"

namespace dragoman {

/// Fixed sinusoids (Vaswani et al. 2017, in Marian's layout): element i of position p is sin(p w_i) in the first half
/// of the width and cos(p w_i) in the second, w_i = 10000^(-i / (width / 2 - 1)).
class Sinusoids {
 public:
  /// `first`: the position of the table's first row.
  explicit Sinusoids(int width, int first = 0);

  /// A table [at least `positions`, width], kept for usual lengths and made in the arena for others. What is kept is
  /// computed when it is first needed: short texts need a part of it, and a damaged width none.
  Tensor table(const Context& ctx, int positions) const;

  /// Computes rows for `positions` positions from `first` on, [positions, width].
  static void fill(int width, int first, int positions, float* table);

 private:
  static constexpr int parts = 8, rows_of_a_part = 32;

  int width_, first_;
  mutable std::once_flag made_, filled_[parts];
  mutable std::unique_ptr<float[]> usual_;
};

}  // namespace dragoman
