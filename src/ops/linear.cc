#include "ops/linear.h"

#include <cassert>

#include "kernels/gemm.h"
#include "kernels/int8_weights.h"
#include "kernels/kernels.h"
#include "kernels/row_gemm.h"

namespace dragoman {
namespace {

Tensor affine(const Context& ctx, Tensor x, Tensor weight, Tensor bias, bool transposed, bool relu = false) {
  const int rows = int(x.rows()), in = x.width(), out = weight.shape[transposed ? 0 : 1];
  const Matrix w{weight.data, weight.shape[0], weight.shape[1], weight.shape[1]};
  Tensor y = ctx.make({rows, out});
  const Precision precision = ctx.precision;
  assert(!ctx.recording() || (!relu && weight.data != nullptr));
  if (weight.int8 != nullptr) {
    weight.int8->packed().multiply({x.data, rows, in, in}, bias.data, relu, {y.data, rows, out, out});
    return y;
  }
  if (weight.bfloat16 != nullptr) {
    row_gemm({x.data, rows, in, in}, Bfloat16Matrix{weight.bfloat16, w.rows, w.columns, w.stride},
             {y.data, rows, out, out}, {.transpose_b = transposed, .bias = bias.data, .relu = relu});
    return y;
  }
  if (ctx.recording()) {
    gemm({x.data, rows, in, in}, w, {y.data, rows, out, out},
         {.transpose_b = transposed, .bias = bias.data, .precision = precision});
  } else {
    row_gemm({x.data, rows, in, in}, w, {y.data, rows, out, out},
             {.transpose_b = transposed, .bias = bias.data, .relu = relu});
  }
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    const Matrix dy{y.gradient->data, rows, out, out};
    if (x.needs_gradient()) {
      gemm(dy, w, {x.gradient->data, rows, in, in},
           {.transpose_b = !transposed, .accumulate = x.gradient->take_beta() != 0, .precision = precision});
    }
    if (weight.needs_gradient()) {
      const MutableMatrix dw{weight.gradient->data, w.rows, w.columns, w.stride};
      const GemmOptions options{
          .transpose_a = true, .accumulate = weight.gradient->take_beta() != 0, .precision = precision};
      if (transposed) {
        gemm(dy, {x.data, rows, in, in}, dw, options);
      } else {
        gemm({x.data, rows, in, in}, dy, dw, options);
      }
    }
    if (bias.needs_gradient()) kernels().column_sums(rows, out, dy.data, bias.summed_gradient());
  });
  return y;
}

}  // namespace

Tensor linear(const Context& ctx, Tensor x, Tensor weight, Tensor bias) { return affine(ctx, x, weight, bias, false); }

Tensor linear_relu(const Context& ctx, Tensor x, Tensor weight, Tensor bias) {
  return affine(ctx, x, weight, bias, false, true);
}

Tensor linear_transposed(const Context& ctx, Tensor x, Tensor weight, Tensor bias) {
  return affine(ctx, x, weight, bias, true);
}

}  // namespace dragoman
