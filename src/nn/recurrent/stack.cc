#include "nn/recurrent/stack.h"

#include "ops/dropout.h"
#include "ops/gather.h"

namespace dragoman {

RecurrentStack::RecurrentStack(const Scope& scope, const RecurrentStackOptions& options) : options_(options) {
  RecurrentLayerOptions layer = options.layer;
  for (int i = 0; i < int(options.directions.size()); ++i) {
    layers_.emplace_back(scope / i, layer, options.layer_depth);
    if (options.layer_norm) norms_.emplace_back(scope / i / "norm", layer.width);
    layer.in = layer.width;
  }
}

Tensor RecurrentStack::forward(const Context& ctx, Tensor x, std::span<const int> offsets, double dropout) const {
  if (layers_.empty()) return x;
  TimeOrder order;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (i == 0 || options_.directions[i] != options_.directions[i - 1]) {
      if (i > 0) x = gather_rows(ctx, x, order.places);
      order = time_order(ctx, offsets, options_.directions[i]);
      x = gather_rows(ctx, x, order.tokens);
    }
    const Tensor dropped = sequence_dropout(ctx, x, order.active, dropout_mask(ctx, dropout));
    Tensor y = layers_[i].forward(ctx, dropped, order, {}, dropout).output;
    if (options_.layer_norm) y = norms_[i].forward(ctx, y);
    x = options_.skip && i > 0 ? residual(ctx, x, y, 0) : y;
  }
  return gather_rows(ctx, x, order.places);
}

}  // namespace dragoman
