#pragma once
// Where in its sentence a token stands, as a vector.

#include <vector>

#include "nn/parameters.h"

namespace dragoman {

/// Fixed sinusoids (Vaswani et al. 2017, in Marian's layout): element i of position p is sin(p w_i) in the first half
/// of the width and cos(p w_i) in the second, w_i = 10000^(-i / (width / 2 - 1)).
class Sinusoids {
 public:
  explicit Sinusoids(int width);

  /// A table [at least `positions`, width], kept for usual lengths and made in the arena for others.
  Tensor table(const Context& ctx, int positions) const;

 private:
  void fill(int positions, float* table) const;
  int width_;
  std::vector<float> usual_;
};

}  // namespace dragoman
