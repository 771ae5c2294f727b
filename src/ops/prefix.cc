#include "ops/prefix.h"

#include <algorithm>
#include <cassert>

#include "kernels/kernels.h"

namespace dragoman {

Tensor gated_sum(const Context& ctx, Tensor x, Tensor gate, std::span<const int> offsets, float* states) {
  assert(x.shape == gate.shape && (states == nullptr || !ctx.recording()));
  const int width = x.width();
  const Tensor y = ctx.make(x.shape);
  float* kept = ctx.recording() ? ctx.arena.array<float>(std::size_t(x.size())).data() : nullptr;
  float* carried = ctx.arena.array<float>(std::size_t(width)).data();
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
    const int first = offsets[s], rows = offsets[s + 1] - first;
    float* state = states == nullptr ? carried : states + s * std::size_t(width);
    if (states == nullptr) std::fill_n(state, width, 0.0f);
    kernels().gated_sum(rows, width, x.row(first), gate.row(first), state, y.row(first),
                        kept == nullptr ? nullptr : kept + std::size_t(first) * width);
  }
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    float* dx = x.summed_gradient();
    float* dgate = gate.summed_gradient();
    for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
      const std::size_t at = std::size_t(offsets[s]) * width;
      std::fill_n(carried, width, 0.0f);
      kernels().gated_sum_gradient(offsets[s + 1] - offsets[s], width, x.data + at, kept + at, y.data + at,
                                   y.gradient->data + at, carried, dx + at, dgate + at);
    }
  });
  return y;
}

Tensor prefix_mean(const Context& ctx, Tensor x, std::span<const int> offsets, float* sums, const int* counts) {
  assert(sums == nullptr || !ctx.recording());
  const int width = x.width();
  const Tensor y = ctx.make(x.shape);
  float* sum = ctx.arena.array<float>(std::size_t(width)).data();
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
    float* total = sums == nullptr ? sum : sums + s * std::size_t(width);
    if (sums == nullptr) std::fill_n(total, width, 0.0f);
    int count = counts == nullptr ? 0 : counts[s];
    for (int i = offsets[s]; i < offsets[s + 1]; ++i) {
      kernels().scale_add(width, 1, x.row(i), 1, total);
      kernels().scale_add(width, 1.0f / float(++count), total, 0, y.row(i));
    }
  }
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    float* dx = x.summed_gradient();
    for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
      std::fill_n(sum, width, 0.0f);
      for (int i = offsets[s + 1] - 1; i >= offsets[s]; --i) {
        kernels().scale_add(width, 1.0f / float(i - offsets[s] + 1), y.gradient->data + i * std::int64_t(width), 1,
                            sum);
        kernels().scale_add(width, 1, sum, 1, dx + i * std::int64_t(width));
      }
    }
  });
  return y;
}

}  // namespace dragoman
