#pragma once
// A learned affine map.

#include "nn/parameters.h"
#include "ops/linear.h"
#include "ops/linear_pass.h"

namespace dragoman {

/// y = x W + b: parameters "weight" [in, out] and "bias" [out].
class Linear {
 public:
  Linear() = default;

  /// `parts`: the map is several of equal width side by side (queries, keys and values), each drawn as if alone.
  /// `size` is a factor of the first part's initial weights.
  Linear(const Scope& scope, int in, int out, int parts = 1, float size = 1)
      : weight_(scope.parameter("weight", {in, out}, Initial::glorot(in, out / parts).times(size, out / parts, out),
                                ParameterUse::map)),
        bias_(scope.parameter("bias", {out}, Initial::constant(0))) {}

  Tensor forward(const Context& ctx, Tensor x) const { return linear(ctx, x, weight_.in(ctx), bias_.in(ctx)); }

  /// max(0, y). Not while recording.
  Tensor forward_relu(const Context& ctx, Tensor x) const {
    return linear_relu(ctx, x, weight_.in(ctx), bias_.in(ctx));
  }

  /// For `rows` rows that come one after another.
  LinearPass begin(const Context& ctx, int rows) const { return {ctx, weight_.in(ctx), bias_.in(ctx), rows}; }

 private:
  Weight weight_, bias_;
};

}  // namespace dragoman
