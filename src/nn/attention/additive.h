#pragma once

#include "nn/attention/score.h"

namespace dragoman {

/// score(q, k) = v.tanh(W_q x + W_k y) (Bahdanau, Cho and Bengio 2015): the projections of queries and keys are W_q and
/// W_k. Parameter "additive.weight" [width], each head's v in its part.
class AdditiveScore : public Score {
 public:
  AdditiveScore(const Scope& scope, int width, int heads)
      : v_((scope / "additive").parameter("weight", {width}, Initial::glorot(width / heads, 1))) {}

  Tensor additive(const Context& ctx) const override { return v_.in(ctx); }

 private:
  Weight v_;
};

}  // namespace dragoman
