#pragma once
// Layer normalisation with its learned scale and bias.

#include "nn/parameters.h"
#include "ops/normalize.h"

namespace dragoman {

struct LayerNormOptions {
  float epsilon = 1e-6f;  ///< added to the variance
  bool has_bias = true;
  int first = 0;  ///< as in Norm
};

/// Parameters "scale" and "bias" [width].
class LayerNorm {
 public:
  LayerNorm() = default;
  LayerNorm(const Scope& scope, int width, const LayerNormOptions& options = {})
      : scale_(scope.parameter("scale", {width}, Initial::constant(1))), options_(options) {
    if (options.has_bias) bias_ = scope.parameter("bias", {width}, Initial::constant(0));
  }

  /// Whether there is any.
  explicit operator bool() const { return bool(scale_); }

  Norm in(const Context& ctx) const { return {scale_.in(ctx), bias_.in(ctx), options_.epsilon, options_.first}; }
  Tensor forward(const Context& ctx, Tensor x) const { return layer_norm(ctx, x, in(ctx)); }

 private:
  Weight scale_, bias_;
  LayerNormOptions options_;
};

}  // namespace dragoman
