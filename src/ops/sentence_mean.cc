#include "ops/sentence_mean.h"

#include <algorithm>

#include "kernels/kernels.h"

namespace dragoman {

Tensor sentence_mean(const Context& ctx, Tensor x, std::span<const int> offsets) {
  const int sentences = int(offsets.size()) - 1, width = x.width();
  const Tensor y = ctx.make({sentences, width});
  std::fill_n(y.data, y.size(), 0.0f);
  for (int s = 0; s < sentences; ++s) {
    const float share = 1.0f / float(std::max(1, offsets[s + 1] - offsets[s]));
    for (int i = offsets[s]; i < offsets[s + 1]; ++i) kernels().scale_add(width, share, x.row(i), 1, y.row(s));
  }
  ctx.on_backward([=] {
    if (!y.has_gradient() || !x.needs_gradient()) return;
    float* dx = x.summed_gradient();
    for (int s = 0; s < sentences; ++s) {
      const float share = 1.0f / float(std::max(1, offsets[s + 1] - offsets[s]));
      for (int i = offsets[s]; i < offsets[s + 1]; ++i) {
        kernels().scale_add(width, share, y.gradient->data + s * std::int64_t(width), 1, dx + i * std::int64_t(width));
      }
    }
  });
  return y;
}

}  // namespace dragoman
