#pragma once
// A learned affine map whose result may be normalised, as inside the cells of recurrent models.

#include "nn/layer_norm.h"
#include "nn/linear.h"

namespace dragoman {

/// Where a norm stands in an affine map. `marian`: its bias is what the map has as bias, y = norm(x W; scale, b);
/// `nematus`: it has one of its own, y = norm(x W + b; scale, bias).
enum class MapNorm { none, marian, nematus };

struct NormedLinearOptions {
  int in = 0, out = 0;
  int parts = 1;  ///< as in Linear, like the next
  float size = 1;
  bool has_bias = true;  ///< b
  MapNorm norm = MapNorm::none;
  int first = 0;                         ///< as in Norm, where it is nematus
  ParameterUse use = ParameterUse::map;  ///< of W
};

/// Parameters "weight" [in, out], "bias" [out] unless that is the norm's, "norm.scale" and "norm.bias".
class NormedLinear {
 public:
  NormedLinear() = default;
  NormedLinear(const Scope& scope, const NormedLinearOptions& o)
      : weight_(scope.parameter("weight", {o.in, o.out},
                                Initial::glorot(o.in, o.out / o.parts).times(o.size, o.out / o.parts, o.out), o.use)) {
    const bool nematus = o.norm == MapNorm::nematus;
    if (o.has_bias && o.norm != MapNorm::marian) bias_ = scope.parameter("bias", {o.out}, Initial::constant(0));
    if (o.norm == MapNorm::none) return;
    norm_ = LayerNorm(
        scope / "norm", o.out,
        {.epsilon = nematus ? 1e-5f : 1e-9f, .has_bias = nematus || o.has_bias, .first = nematus ? o.first : 0});
  }

  Tensor weight(const Context& ctx) const { return weight_.in(ctx); }
  Tensor bias(const Context& ctx) const { return bias_.in(ctx); }
  Norm norm(const Context& ctx) const { return norm_.in(ctx); }

  Tensor forward(const Context& ctx, Tensor x) const {
    return normalized(ctx, linear(ctx, x, weight_.in(ctx), bias_.in(ctx)));
  }

  /// A way through some rows that come one after another.
  class Pass {
   public:
    Pass(const Context& ctx, const NormedLinear& map, int rows)
        : map_(&map), product_(ctx, map.weight(ctx), map.bias(ctx), rows) {}
    Tensor forward(const Context& ctx, Tensor x) { return map_->normalized(ctx, product_.forward(ctx, x)); }

   private:
    const NormedLinear* map_;
    LinearPass product_;
  };
  Pass begin(const Context& ctx, int rows) const { return {ctx, *this, rows}; }

 private:
  Tensor normalized(const Context& ctx, Tensor y) const { return norm_ ? norm_.forward(ctx, y) : y; }

  Weight weight_, bias_;
  LayerNorm norm_;
};

}  // namespace dragoman
