#include "ops/normalize.h"

#include <cassert>

#include "kernels/kernels.h"

namespace dragoman {

Tensor layer_norm(const Context& ctx, Tensor x, Tensor scale, Tensor bias, float epsilon) {
  assert(scale.size() == x.width() && bias.size() == x.width());
  const std::int64_t rows = x.rows();
  Tensor y = ctx.make(x.shape);
  float* mean = ctx.arena.array<float>(std::size_t(rows)).data();
  float* inverse_deviation = ctx.arena.array<float>(std::size_t(rows)).data();
  kernels().layer_norm(rows, x.width(), x.data, scale.data, bias.data, epsilon, y.data, mean, inverse_deviation);
  assert(!ctx.recording() || (x.needs_gradient() && scale.needs_gradient() && bias.needs_gradient()));
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    kernels().layer_norm_gradient(rows, x.width(), x.data, scale.data, mean, inverse_deviation, y.gradient->data,
                                  x.gradient->take_beta(), x.gradient->data, scale.summed_gradient(),
                                  bias.summed_gradient());
  });
  return y;
}

}  // namespace dragoman
