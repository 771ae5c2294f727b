#pragma once
// The position-wise feed-forward layer of a Transformer.

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
    if (kind_ == Activation::relu && !ctx.recording()) return outer_.forward(ctx, inner_.forward_relu(ctx, x));
    return outer_.forward(ctx, activation(ctx, kind_, inner_.forward(ctx, x), dropout));
  }

 private:
  Linear inner_, outer_;
  Activation kind_ = Activation::relu;
};

}  // namespace dragoman
