#include "ops/linear_pass.h"

#include <algorithm>

#include "kernels/gemm.h"
#include "kernels/kernels.h"
#include "ops/linear.h"

namespace dragoman {

LinearPass::LinearPass(const Context& ctx, Tensor weight, Tensor bias, int rows) : weight_(weight), bias_(bias) {
  if (!ctx.recording()) return;
  const int in = int(weight.rows()), out = weight.width();
  const auto zeros = [&](int width) {  // uses that nothing depends on leave theirs
    const std::span<float> all = ctx.arena.array<float>(std::size_t(rows) * width);
    std::fill(all.begin(), all.end(), 0.0f);
    return all.data();
  };
  const float* inputs = inputs_ = zeros(in);
  const float* gradients = gradients_ = zeros(out);
  const Precision precision = ctx.precision;
  ctx.on_backward([=] {
    if (weight.needs_gradient()) {
      gemm({inputs, rows, in, in}, {gradients, rows, out, out}, {weight.gradient->data, in, out, out},
           {.transpose_a = true, .accumulate = weight.gradient->take_beta() != 0, .precision = precision});
    }
    if (bias.needs_gradient()) kernels().column_sums(rows, out, gradients, bias.summed_gradient());
  });
}

Tensor LinearPass::forward(const Context& ctx, Tensor x) {
  if (!ctx.recording()) return linear(ctx, x, weight_, bias_);
  const int rows = int(x.rows()), in = int(weight_.rows()), out = weight_.width();
  std::copy_n(x.data, x.size(), inputs_ + std::size_t(done_) * in);
  Tensor y{{rows, out}, ctx.arena.array<float>(std::size_t(rows) * out).data(), nullptr};
  y.gradient = new (ctx.arena.allocate(sizeof(Gradient))) Gradient{gradients_ + std::size_t(done_) * out, false};
  done_ += rows;
  const Matrix w{weight_.data, in, out, out};
  const Precision precision = ctx.precision;
  gemm({x.data, rows, in, in}, w, {y.data, rows, out, out}, {.bias = bias_.data, .precision = precision});
  ctx.on_backward([=] {
    if (!y.has_gradient() || !x.needs_gradient()) return;
    gemm({y.gradient->data, rows, out, out}, w, {x.gradient->data, rows, in, in},
         {.transpose_b = true, .accumulate = x.gradient->take_beta() != 0, .precision = precision});
  });
  return y;
}

}  // namespace dragoman
