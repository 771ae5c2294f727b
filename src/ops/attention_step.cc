#include "ops/attention_step.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "kernels/kernels.h"

namespace dragoman {

Tensor attention_step(const Context& ctx, Columns queries, std::span<const StepKeys> keys,
                      const AttentionOptions& options) {
  assert(!ctx.recording());
  const int head_width = options.width / options.heads;
  Tensor y = ctx.make({int(keys.size()), options.width});
  int most = 0;
  for (const StepKeys& one : keys) most = std::max(most, one.count);
  float* weights = ctx.arena.array<float>(std::size_t(options.heads) * most).data();
  const float scale = options.scaled ? 1.0f / std::sqrt(float(head_width)) : 1.0f;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const StepKeys& k = keys[i];
    kernels().attention_step(options.heads, head_width, queries.tensor.row(std::int64_t(i)) + queries.first, k.keys,
                             k.values, k.stride, k.slots, k.count, scale, options.additive.data, y.row(std::int64_t(i)),
                             weights);
    if (ctx.observer == nullptr) continue;
    for (int head = 0; head < options.heads; ++head) {
      ctx.observer->observe(
          {options.place, head, int(i), 1, k.count, weights + std::int64_t(head) * k.count, k.count, nullptr});
    }
  }
  return y;
}

}  // namespace dragoman
