#pragma once
// The position-wise feed-forward layer of a Transformer.

#include <algorithm>

#include "nn/linear.h"
#include "ops/activation.h"

namespace dragoman {

/// y = dropout(a(x W1 + b1)) W2 + b2: parameters "inner" [width, inner] and "outer" [inner, width].
class FeedForward {
 public:
  FeedForward() = default;
  FeedForward(const Scope& scope, int width, int inner, Activation kind)
      : inner_(scope / "inner", width, inner), outer_(scope / "outer", inner, width), kind_(kind) {}

  Tensor forward(const Context& ctx, Tensor x, double dropout) const {
    if (!ctx.recording()) return infer(ctx, x);
    return outer_.forward(ctx, activation(ctx, kind_, inner_.forward(ctx, x), dropout));
  }

 private:
  /// A few rows at a time, so that the wide layer between stays in the cache.
  Tensor infer(const Context& ctx, Tensor x) const {
    constexpr int block = 96;
    const int rows = int(x.rows()), width = x.width();
    const Tensor y = ctx.make(x.shape);
    const Arena::Mark mark = ctx.arena.mark();
    for (int first = 0; first < rows; first += block) {
      const Tensor some{{std::min(block, rows - first), width}, x.row(first), nullptr};
      const Tensor inside = kind_ == Activation::relu ? inner_.forward_relu(ctx, some)
                                                      : activation(ctx, kind_, inner_.forward(ctx, some), 0);
      const Tensor result = outer_.forward(ctx, inside);
      std::copy_n(result.data, result.size(), y.row(first));
      ctx.arena.rewind(mark);
    }
    return y;
  }

  Linear inner_, outer_;
  Activation kind_ = Activation::relu;
};

}  // namespace dragoman
