#include "ops/gate.h"

#include <cassert>

#include "ops/activation.h"
#include "ops/dropout.h"

namespace dragoman {
namespace {

/// y = a b, element by element.
Tensor product(const Context& ctx, Tensor a, Tensor b) {
  assert(a.shape == b.shape);
  const Tensor y = ctx.make(a.shape);
  for (std::int64_t i = 0; i < y.size(); ++i) y.data[i] = a.data[i] * b.data[i];
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    const float* dy = y.gradient->data;
    float* da = a.summed_gradient();
    float* db = b.summed_gradient();
    for (std::int64_t i = 0; i < y.size(); ++i) {
      da[i] += dy[i] * b.data[i];
      db[i] += dy[i] * a.data[i];
    }
  });
  return y;
}

}  // namespace

Tensor gated_pair(const Context& ctx, Tensor x, Tensor x_gate, Tensor y, Tensor y_gate) {
  const Tensor a = product(ctx, activation(ctx, Activation::sigmoid, x_gate, 0), x);
  const Tensor b = product(ctx, activation(ctx, Activation::sigmoid, y_gate, 0), y);
  return residual(ctx, a, b, 0);
}

}  // namespace dragoman
