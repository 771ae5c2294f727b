#pragma once
// The simpler simple recurrent unit, a decoder layer that costs the same at every step.

#include "nn/autoregression/autoregression.h"
#include "nn/linear.h"
#include "ops/activation.h"
#include "ops/prefix.h"

namespace dragoman {

/// SSRU (Kim et al. 2019): f = s(x W_f + b_f), c_t = f c_{t-1} + (1 - f) x W, output relu(c). Parameters
/// "value.weight", "gate.weight" and "gate.bias", all of the layer's width. Marian's transformer-decoder-autoreg: rnn
/// with dec-cell: ssru.
class SimpleRecurrentUnit : public Autoregression {
 public:
  SimpleRecurrentUnit(const Scope& scope, int width)
      : value_((scope / "value").parameter("weight", {width, width}, Initial::glorot(width, width), ParameterUse::map)),
        gate_(scope / "gate", width, width) {}

  Tensor forward(const Context& ctx, Tensor x, Tensor, std::span<const int> offsets, double) const override {
    return run(ctx, x, offsets, nullptr);
  }

  Tensor step(const Context& ctx, Tensor x, Tensor, StepMemory& past, int layer) const override {
    return run(ctx, x, past.cache.newest_offsets(), past.carried[std::size_t(layer)].values.data());
  }

 private:
  Tensor run(const Context& ctx, Tensor x, std::span<const int> offsets, float* states) const {
    const Tensor sum = gated_sum(ctx, linear(ctx, x, value_.in(ctx)), gate_.forward(ctx, x), offsets, states);
    return activation(ctx, Activation::relu, sum, 0);
  }

  Weight value_;
  Linear gate_;
};

}  // namespace dragoman
