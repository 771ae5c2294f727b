#include "ops/normalize.h"

#include <cassert>

#include "kernels/kernels.h"

namespace dragoman {
namespace {

/// Calls run(first column, width, moments) for the columns that are normalised together.
template <class T, class Run>
void for_each_group(const Norm& norm, std::int64_t rows, T* moments, Run run) {
  const int width = int(norm.scale.size());
  if (norm.first > 0) run(0, norm.first, moments);
  run(norm.first, width - norm.first, norm.first > 0 ? moments + 2 * rows : moments);
}

}  // namespace

std::size_t norm_moments(const Norm& norm, std::int64_t rows) { return std::size_t(rows) * (norm.first > 0 ? 4 : 2); }

void norm_rows(const Norm& norm, std::int64_t rows, const float* x, float* y, float* moments) {
  for_each_group(norm, rows, moments, [&](int from, int width, float* of_group) {
    kernels().layer_norm(rows, width, norm.scale.size(), x + from, norm.scale.data + from,
                         norm.bias.data == nullptr ? nullptr : norm.bias.data + from, norm.epsilon, y + from, of_group,
                         of_group + rows);
  });
}

void norm_rows_gradient(const Norm& norm, std::int64_t rows, const float* x, const float* moments, const float* dy,
                        float beta, float* dx) {
  float* dscale = norm.scale.summed_gradient();
  float* dbias = norm.bias.data == nullptr ? nullptr : norm.bias.summed_gradient();
  for_each_group(norm, rows, moments, [&](int from, int width, const float* of_group) {
    kernels().layer_norm_gradient(rows, width, norm.scale.size(), x + from, norm.scale.data + from, of_group,
                                  of_group + rows, dy + from, beta, dx + from, dscale + from,
                                  dbias == nullptr ? nullptr : dbias + from);
  });
}

Tensor layer_norm(const Context& ctx, Tensor x, const Norm& norm) {
  assert(norm.scale.size() == x.width() && (norm.bias.data == nullptr || norm.bias.size() == x.width()));
  assert(!ctx.recording() || (x.needs_gradient() && norm.scale.needs_gradient()));
  assert(!ctx.recording() || norm.bias.data == nullptr || norm.bias.needs_gradient());
  const std::int64_t rows = x.rows();
  const Tensor y = ctx.make(x.shape);
  float* moments = ctx.arena.array<float>(norm_moments(norm, rows)).data();
  norm_rows(norm, rows, x.data, y.data, moments);
  ctx.on_backward([=] {
    if (!y.has_gradient()) return;
    norm_rows_gradient(norm, rows, x.data, moments, y.gradient->data, x.gradient->take_beta(), x.gradient->data);
  });
  return y;
}

}  // namespace dragoman
