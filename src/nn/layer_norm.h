#pragma once
// Layer normalisation with its learned scale and bias.

#include "nn/parameters.h"
#include "ops/normalize.h"

namespace dragoman {

/// Parameters "scale" and "bias" [width].
class LayerNorm {
 public:
  LayerNorm() = default;
  LayerNorm(const Scope& scope, int width)
      : scale_(scope.parameter("scale", {width}, Initial::constant(1))),
        bias_(scope.parameter("bias", {width}, Initial::constant(0))) {}

  Tensor forward(const Context& ctx, Tensor x) const { return layer_norm(ctx, x, scale_.in(ctx), bias_.in(ctx)); }

 private:
  Weight scale_, bias_;
};

}  // namespace dragoman
