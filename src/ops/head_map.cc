#include "ops/head_map.h"

#include "kernels/gemm.h"
#include "kernels/row_gemm.h"

namespace dragoman {

Tensor head_map(const Context& ctx, Columns x, Tensor weight) {
  const int rows = int(x.tensor.rows()), stride = x.tensor.width(), d = weight.width(), width = int(weight.rows());
  const Tensor y = ctx.make({rows, width});
  const auto map = [=](int column) { return Matrix{weight.data + std::int64_t(column) * d, d, d, d}; };
  for (int column = 0; column < width; column += d) {
    const Matrix in{x.tensor.data + x.first + column, rows, d, stride};
    const MutableMatrix out{y.data + column, rows, d, width};
    if (ctx.recording()) {
      gemm(in, map(column), out, {.precision = ctx.precision});
    } else {
      row_gemm(in, map(column), out);
    }
  }
  const Precision precision = ctx.precision;
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    float* dx = x.tensor.summed_gradient() + x.first;
    float* dweight = weight.summed_gradient();
    for (int column = 0; column < width; column += d) {
      const Matrix dy{y.gradient->data + column, rows, d, width};
      gemm(dy, map(column), {dx + column, rows, d, stride},
           {.transpose_b = true, .accumulate = true, .precision = precision});
      gemm({x.tensor.data + x.first + column, rows, d, stride}, dy, {dweight + std::int64_t(column) * d, d, d, d},
           {.transpose_a = true, .accumulate = true, .precision = precision});
    }
  });
  return y;
}

}  // namespace dragoman
