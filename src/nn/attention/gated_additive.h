#pragma once

#include "nn/attention/score.h"
#include "ops/activation.h"

namespace dragoman {

/// score(q, k) = s(g).tanh(W_q x + W_k y): the additive score (Bahdanau, Cho and Bengio 2015) whose v is a normalising
/// factor, the logistic function of learned numbers, so that its components lie between 0 and 1. Parameter
/// "gate.weight" [width], each head's g in its part.
class GatedAdditiveScore : public Score {
 public:
  GatedAdditiveScore(const Scope& scope, int width)
      : gate_((scope / "gate").parameter("weight", {width}, Initial::constant(0))) {}

  Tensor additive(const Context& ctx) const override { return activation(ctx, Activation::sigmoid, gate_.in(ctx), 0); }

 private:
  Weight gate_;
};

}  // namespace dragoman
