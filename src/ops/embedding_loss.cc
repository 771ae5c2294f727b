#include "ops/embedding_loss.h"

#include <cassert>

namespace dragoman {

double embedding_error(const Context& ctx, Tensor hidden, Tensor table, std::span<const int> targets,
                       float gradient_scale) {
  assert(hidden.width() == table.width() && targets.size() == std::size_t(hidden.rows()));
  const int width = hidden.width();
  float* gradient =
      ctx.recording() && gradient_scale != 0 && hidden.needs_gradient() ? hidden.summed_gradient() : nullptr;
  double total = 0;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const float *h = hidden.row(std::int64_t(t)), *e = table.row(targets[t]);
    float sum = 0;
    for (int i = 0; i < width; ++i) sum += (h[i] - e[i]) * (h[i] - e[i]);
    total += double(sum);
    if (gradient == nullptr) continue;
    float* g = gradient + t * std::size_t(width);
    for (int i = 0; i < width; ++i) g[i] += 2 * gradient_scale * (h[i] - e[i]);
  }
  return total;
}

}  // namespace dragoman
