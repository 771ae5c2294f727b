#pragma once
// Layer normalisation with its learned scale and bias.

#include "nn/parameters.h"
#include "ops/normalize.h"

namespace dragoman {

/// Parameters "scale" and "bias" [width].
class LayerNorm {
 public:
  LayerNorm() = default;
  LayerNorm(const Scope& scope, int width, float epsilon = usual_epsilon)
      : scale_(scope.parameter("scale", {width}, Initial::constant(1))),
        bias_(scope.parameter("bias", {width}, Initial::constant(0))),
        epsilon_(epsilon) {}

  Tensor forward(const Context& ctx, Tensor x) const {
    return layer_norm(ctx, x, scale_.in(ctx), bias_.in(ctx), epsilon_);
  }

  static constexpr float usual_epsilon = 1e-6f;

 private:
  Weight scale_, bias_;
  float epsilon_ = usual_epsilon;
};

}  // namespace dragoman
