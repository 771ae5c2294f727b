#include "kernels/row_gemm.h"

#include <algorithm>
#include <cassert>
#include <vector>

namespace dragoman {
namespace {

constexpr int most_rows = 72, fewest_rows = 18, rows_of_a_tile = 6;

template <class B>
void multiply(const Matrix& a, const B& b, const MutableMatrix& c, const GemmOptions& options) {
  assert(!options.transpose_a && !options.accumulate);
  for (int first = 0; first < a.rows; first += most_rows) {
    const int rows = std::min(most_rows, a.rows - first);
    const int padded = std::max(fewest_rows, (rows + rows_of_a_tile - 1) / rows_of_a_tile * rows_of_a_tile);
    const Matrix part{a.data + first * a.stride, rows, a.columns, a.stride};
    const MutableMatrix result{c.data + first * c.stride, rows, c.columns, c.stride};
    if (padded == rows) {
      gemm(part, b, result, options);
      continue;
    }
    thread_local std::vector<float> in, out;
    in.resize(std::max(in.size(), std::size_t(padded) * a.columns));
    out.resize(std::max(out.size(), std::size_t(padded) * c.columns));
    for (int r = 0; r < rows; ++r)
      std::copy_n(part.data + r * part.stride, a.columns, in.data() + std::size_t(r) * a.columns);
    std::fill_n(in.data() + std::size_t(rows) * a.columns, std::size_t(padded - rows) * a.columns, 0.0f);
    gemm({in.data(), padded, a.columns, a.columns}, b, {out.data(), padded, c.columns, c.columns}, options);
    for (int r = 0; r < rows; ++r) {
      std::copy_n(out.data() + std::size_t(r) * c.columns, c.columns, result.data + r * result.stride);
    }
  }
}

}  // namespace

void row_gemm(const Matrix& a, const Matrix& b, const MutableMatrix& c, const GemmOptions& options) {
  multiply(a, b, c, options);
}

void row_gemm(const Matrix& a, const Bfloat16Matrix& b, const MutableMatrix& c, const GemmOptions& options) {
  multiply(a, b, c, options);
}

}  // namespace dragoman
