#pragma once
// Transposing in squares of a vector's width, in registers.

#include "kernels/vector.isa.h"

namespace dragoman::DRAGOMAN_ISA {
namespace {

/// Places 0, 1, ... of the elements of a vector, to be picked from.
template <int... I>
struct Places {};
#if defined(__AVX512F__)
using AllPlaces = Places<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>;
#elif defined(__AVX2__)
using AllPlaces = Places<0, 1, 2, 3, 4, 5, 6, 7>;
#else
using AllPlaces = Places<0, 1, 2, 3>;
#endif

/// Exchanges the off-diagonal squares of size D in the rows a and b that lie D apart.
template <int D, int... I>
DRAGOMAN_INLINE void exchange(Vector& a, Vector& b, Places<I...>) {
  const Vector low = __builtin_shufflevector(a, b, (I & D ? vector_width + I - D : I)...);
  b = __builtin_shufflevector(a, b, (I & D ? vector_width + I : I + D)...);
  a = low;
}

/// One step of the transposition of a square by halves (Eklundh 1972).
template <int D>
DRAGOMAN_INLINE void transpose_step(Vector (&rows)[vector_width]) {
  if constexpr (D < vector_width) {
#pragma GCC unroll 16
    for (int i = 0; i < vector_width; ++i) {
      if ((i & D) == 0) exchange<D>(rows[i], rows[i + D], AllPlaces{});
    }
    transpose_step<2 * D>(rows);
  }
}

void transpose(int rows, int width, const float* from, std::int64_t from_row, float* to, std::int64_t to_row) {
  for (int r = 0; r < rows; r += vector_width) {
    const int count = rows - r < vector_width ? rows - r : vector_width;
    for (int k = 0; k < width; k += vector_width) {
      const int columns = width - k < vector_width ? width - k : vector_width;
      Vector square[vector_width];
#pragma GCC unroll 16
      for (int i = 0; i < vector_width; ++i) {
        square[i] = i < count ? load(from + (r + i) * from_row + k, columns) : Vector{};
      }
      transpose_step<1>(square);
#pragma GCC unroll 16
      for (int i = 0; i < vector_width; ++i) {
        if (i < columns) store(to + (k + i) * to_row + r, square[i]);
      }
    }
  }
}

}  // namespace
}  // namespace dragoman::DRAGOMAN_ISA
