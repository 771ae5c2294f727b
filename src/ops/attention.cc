#include "ops/attention.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "kernels/kernels.h"
#include "ops/dropout.h"

namespace dragoman {
namespace {

/// What forward and backward share: the walk over all sentences and heads.
struct Walk {
  Columns queries, keys, values;
  std::span<const int> query_offsets, key_offsets;
  AttentionOptions options;
  DropoutMask mask;
  float* weights;   ///< of all blocks one after another while recording, else room for one
  float* gradient;  ///< of weights; null if no loss looks at them
  float* scratch;
  bool keep_weights;

  /// Calls run(block, first query, first key, head).
  template <class Run>
  void for_each_block(Run run) const {
    const int head_width = options.width / options.heads, lanes = kernels().vector_width;
    const std::int64_t q_stride = queries.tensor.width(), k_stride = keys.tensor.width();
    const std::int64_t v_stride = values.tensor.width();
    float* place = weights;
    for (std::size_t s = 0; s + 1 < query_offsets.size(); ++s) {
      const int q0 = query_offsets[s], nq = query_offsets[s + 1] - q0;
      const int k0 = key_offsets[s], nk = key_offsets[s + 1] - k0;
      const std::int64_t weights_stride = (nk + lanes - 1) / lanes * lanes;
      for (int head = 0; head < options.heads; ++head) {
        const int column = head * head_width;
        const AttentionBlock block{
            .queries = nq,
            .keys = nk,
            .head_width = head_width,
            .q = queries.tensor.row(q0) + queries.first + column,
            .k = keys.tensor.row(k0) + keys.first + column,
            .v = values.tensor.row(k0) + values.first + column,
            .q_stride = q_stride,
            .k_stride = k_stride,
            .v_stride = v_stride,
            .scale = options.scaled ? 1.0f / std::sqrt(float(head_width)) : 1.0f,
            .causal = options.causal,
            .weights = place,
            .weights_stride = weights_stride,
            .dropout = mask,
            .first_element = std::uint32_t(place - weights),
            .scratch = scratch,
            .additive = options.additive.data == nullptr ? nullptr : options.additive.data + column,
            .additive_gradient = nullptr,
            .weights_gradient = gradient == nullptr ? nullptr : gradient + (place - weights)};
        run(block, q0, k0, head);
        if (keep_weights) place += nq * weights_stride;
      }
    }
  }
};

}  // namespace

Tensor attention(const Context& ctx, Columns queries, Columns keys, Columns values, std::span<const int> query_offsets,
                 std::span<const int> key_offsets, const AttentionOptions& options) {
  assert(query_offsets.size() == key_offsets.size() && options.width % options.heads == 0);
  const int lanes = kernels().vector_width, head_width = options.width / options.heads;
  std::int64_t all_weights = 0, most_weights = 0, most_scratch = 0;
  for (std::size_t s = 0; s + 1 < query_offsets.size(); ++s) {
    const int nq = query_offsets[s + 1] - query_offsets[s], nk = key_offsets[s + 1] - key_offsets[s];
    assert(nk > 0 || nq == 0);
    const std::int64_t one = std::int64_t(nq) * ((nk + lanes - 1) / lanes * lanes);
    all_weights += one * options.heads;
    most_weights = std::max(most_weights, one);
    most_scratch = std::max(most_scratch, kernels().attention_scratch(nq, nk, head_width));
  }
  Tensor y = ctx.make({query_offsets.back(), options.width});
  Walk walk{queries,
            keys,
            values,
            query_offsets,
            key_offsets,
            options,
            dropout_mask(ctx, options.dropout),
            ctx.arena.array<float>(std::size_t(ctx.recording() ? all_weights : most_weights)).data(),
            nullptr,
            ctx.arena.array<float>(std::size_t(most_scratch)).data(),
            ctx.recording()};
  if (ctx.recording() && ctx.observer != nullptr && ctx.observer->trains(options.place)) {
    const std::span<float> gradient = ctx.arena.array<float>(std::size_t(all_weights));
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    walk.gradient = gradient.data();
  }
  walk.for_each_block([&](const AttentionBlock& block, int q0, int, int head) {
    kernels().attention(block, y.row(q0) + head * head_width, y.width());
    if (ctx.observer == nullptr) return;
    float* gradient = walk.gradient == nullptr ? nullptr : walk.gradient + (block.weights - walk.weights);
    ctx.observer->observe(
        {options.place, head, q0, block.queries, block.keys, block.weights, block.weights_stride, gradient});
  });
  assert(!ctx.recording() ||
         (queries.tensor.needs_gradient() && keys.tensor.needs_gradient() && values.tensor.needs_gradient()));
  ctx.on_backward([=] {
    if (!y.has_gradient() && walk.gradient == nullptr) return;
    const float* dy = y.summed_gradient();
    float* dq = queries.tensor.summed_gradient() + queries.first;
    float* dk = keys.tensor.summed_gradient() + keys.first;
    float* dv = values.tensor.summed_gradient() + values.first;
    const std::int64_t q_stride = queries.tensor.width(), k_stride = keys.tensor.width();
    const std::int64_t v_stride = values.tensor.width();
    const Tensor additive = walk.options.additive;
    float* dadditive = additive.data == nullptr ? nullptr : additive.summed_gradient();
    walk.for_each_block([&](AttentionBlock block, int q0, int k0, int head) {
      const int column = head * head_width;
      if (dadditive != nullptr) block.additive_gradient = dadditive + column;
      kernels().attention_gradient(block, dy + q0 * std::int64_t(y.width()) + column, y.width(),
                                   dq + q0 * q_stride + column, q_stride, dk + k0 * k_stride + column, k_stride,
                                   dv + k0 * v_stride + column, v_stride);
    });
  });
  return y;
}

}  // namespace dragoman
