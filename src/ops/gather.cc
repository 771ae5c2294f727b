#include "ops/gather.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "kernels/kernels.h"

namespace dragoman {

Tensor gather(const Context& ctx, std::span<const GatheredPart> parts) {
  int width = 0;
  for (const GatheredPart& part : parts) {
    assert(part.rows.size() == parts[0].rows.size());
    width += part.tensor.width();
  }
  const int rows = int(parts[0].rows.size());
  Tensor y = ctx.make({rows, width});
  int first = 0;
  for (const GatheredPart& part : parts) {
    const int columns = part.tensor.width();
    for (int i = 0; i < rows; ++i) std::copy_n(part.tensor.row(part.rows[i]), columns, y.row(i) + first);
    first += columns;
  }
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    int column = 0;
    for (const GatheredPart& part : parts) {
      const int columns = part.tensor.width();
      if (part.tensor.needs_gradient()) {
        float* sum = part.tensor.summed_gradient();
        for (int i = 0; i < rows; ++i) {
          kernels().scale_add(columns, 1, y.gradient->data + i * std::int64_t(width) + column, 1,
                              sum + part.rows[i] * std::int64_t(columns));
        }
      }
      column += columns;
    }
  });
  return y;
}

Tensor gather_rows(const Context& ctx, Tensor x, std::span<const int> rows) {
  const std::span<GatheredPart> part = ctx.arena.array<GatheredPart>(1);
  part[0] = {x, rows};
  return gather(ctx, part);
}

Tensor join_columns(const Context& ctx, std::span<const Tensor> parts) {
  const std::span<int> rows = ctx.arena.array<int>(std::size_t(parts[0].rows()));
  std::iota(rows.begin(), rows.end(), 0);
  const std::span<GatheredPart> all = ctx.arena.array<GatheredPart>(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) all[i] = {parts[i], rows};
  return gather(ctx, all);
}

Tensor slice_rows(const Context& ctx, Tensor x, int first, int count) {
  const std::span<int> rows = ctx.arena.array<int>(std::size_t(count));
  std::iota(rows.begin(), rows.end(), first);
  return gather_rows(ctx, x, rows);
}

Tensor stack_rows(const Context& ctx, std::span<const Tensor> parts) {
  std::int64_t rows = 0;
  for (const Tensor& part : parts) rows += part.rows();
  const Tensor y = ctx.make({int(rows), parts[0].width()});
  float* to = y.data;
  for (const Tensor& part : parts) to = std::copy_n(part.data, part.size(), to);
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    const float* from = y.gradient->data;
    for (const Tensor& part : parts) {
      if (part.needs_gradient()) {
        kernels().scale_add(part.size(), 1, from, part.gradient->take_beta(), part.gradient->data);
      }
      from += part.size();
    }
  });
  return y;
}

}  // namespace dragoman
