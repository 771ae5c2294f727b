#include "ops/dropout.h"

#include <cassert>

namespace dragoman {

DropoutMask dropout_mask(const Context& ctx, double p) {
  assert(p >= 0 && p < 1);
  DropoutMask mask;
  if (!ctx.recording() || p == 0) return mask;
  const std::uint64_t seed = ctx.random->next();
  mask.seed[0] = std::uint32_t(seed);
  mask.seed[1] = std::uint32_t(seed >> 32);
  mask.threshold = std::uint32_t(p * double(1 << 24));
  mask.scale = float(1 / (1 - double(mask.threshold) / double(1 << 24)));
  return mask;
}

Tensor dropout(const Context& ctx, Tensor x, double p) {
  const DropoutMask mask = dropout_mask(ctx, p);
  if (mask.threshold == 0) return x;
  Tensor y = ctx.make(x.shape);
  kernels().dropout(x.size(), x.data, 0, y.data, mask);
  ctx.on_backward([=] {
    if (!y.has_gradient() || !x.needs_gradient()) return;
    kernels().dropout(x.size(), y.gradient->data, x.gradient->take_beta(), x.gradient->data, mask);
  });
  return y;
}

Tensor sequence_dropout(const Context& ctx, Tensor x, std::span<const int> active, const DropoutMask& mask) {
  if (mask.threshold == 0) return x;
  const int width = x.width();
  Tensor y = ctx.make(x.shape);
  std::int64_t row = 0;
  for (const int n : active) {
    kernels().dropout(std::int64_t(n) * width, x.row(row), 0, y.row(row), mask);
    row += n;
  }
  ctx.on_backward([=] {
    if (!y.has_gradient() || !x.needs_gradient()) return;
    const float beta = x.gradient->take_beta();
    std::int64_t at = 0;
    for (const int n : active) {
      kernels().dropout(std::int64_t(n) * width, y.gradient->data + at, beta, x.gradient->data + at, mask);
      at += std::int64_t(n) * width;
    }
  });
  return y;
}

Tensor residual(const Context& ctx, Tensor x, Tensor f, double p) {
  assert(x.shape == f.shape);
  const DropoutMask mask = dropout_mask(ctx, p);
  Tensor y = ctx.make(x.shape);
  kernels().residual_dropout(x.size(), x.data, f.data, y.data, mask);
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    const float* dy = y.gradient->data;
    if (x.needs_gradient()) kernels().scale_add(x.size(), 1, dy, x.gradient->take_beta(), x.gradient->data);
    if (f.needs_gradient()) kernels().dropout(f.size(), dy, f.gradient->take_beta(), f.gradient->data, mask);
  });
  return y;
}

}  // namespace dragoman
