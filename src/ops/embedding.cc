#include "ops/embedding.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "kernels/int8_weights.h"
#include "kernels/kernels.h"
#include "ops/dropout.h"

namespace dragoman {

Tensor embed(const Context& ctx, Tensor table, std::span<const int> ids, Tensor positions, std::span<const int> places,
             const EmbeddingOptions& options) {
  const bool placed = positions.data != nullptr;
  assert(!placed || (ids.size() == places.size() && positions.width() == table.width()));
  const int width = table.width(), tokens = int(ids.size());
  const DropoutMask mask = dropout_mask(ctx, options.dropout);
  Tensor y = ctx.make({tokens, width});
  float* converted = table.data == nullptr ? ctx.arena.array<float>(std::size_t(width)).data() : nullptr;
  float* factors = ctx.arena.array<float>(ids.size()).data();  // of each word's vector
  for (int i = 0; i < tokens; ++i) {
    assert(ids[i] < table.shape[0] && (!placed || places[i] < positions.shape[0]));
    factors[i] = ids[i] < 0 ? 0 : options.scale;
    if (ctx.recording() && options.word_dropout > 0) {
      factors[i] = ctx.random->uniform() < options.word_dropout ? 0 : factors[i] / float(1 - options.word_dropout);
    }
    if (placed) {
      std::copy_n(positions.row(places[i]), width, y.row(i));
    } else {
      std::fill_n(y.row(i), width, 0.0f);
    }
    if (factors[i] == 0) continue;
    if (table.int8 != nullptr) {
      table.int8->row_values(ids[i], factors[i], converted);
      kernels().scale_add(width, 1, converted, 1, y.row(i));
    } else if (table.bfloat16 != nullptr) {
      const std::uint16_t* row = table.bfloat16 + std::int64_t(ids[i]) * width;
      for (int k = 0; k < width; ++k) converted[k] = std::bit_cast<float>(std::uint32_t(row[k]) << 16);
      kernels().scale_add(width, factors[i], converted, 1, y.row(i));
    } else {
      kernels().scale_add(width, factors[i], table.row(ids[i]), 1, y.row(i));
    }
  }
  if (mask.threshold != 0) kernels().dropout(y.size(), y.data, 0, y.data, mask);
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    float* dy = y.gradient->data;
    if (mask.threshold != 0) kernels().dropout(y.size(), dy, 0, dy, mask);
    float* dtable = table.needs_gradient() ? table.summed_gradient() : nullptr;
    float* dpositions = positions.needs_gradient() ? positions.summed_gradient() : nullptr;
    for (int i = 0; i < tokens; ++i, dy += width) {
      if (dtable && factors[i] != 0) {
        kernels().scale_add(width, factors[i], dy, 1, dtable + std::int64_t(ids[i]) * width);
      }
      if (dpositions) kernels().scale_add(width, 1, dy, 1, dpositions + std::int64_t(places[i]) * width);
    }
  });
  return y;
}

}  // namespace dragoman
