#pragma once
// Average attention, a decoder layer that costs the same at every step.

#include "nn/autoregression/autoregression.h"
#include "nn/feed_forward.h"
#include "ops/gate.h"
#include "ops/prefix.h"

namespace dragoman {

/// Zhang, Xiong and Su 2018, as Marian has it: y = FFN(mean of x so far), output s(x W_i + b_i) x + s(y W_f + b_f) y.
/// Parameters "feed_forward" (width to inner to width), "input_gate" and "forget_gate". Marian's
/// transformer-decoder-autoreg: average-attention.
class AverageAttention : public Autoregression {
 public:
  AverageAttention(const Scope& scope, int width, int inner, Activation kind, bool gated)
      : feed_forward_(scope / "feed_forward", width, inner, kind), gated_(gated) {
    if (!gated) return;
    input_gate_ = Linear(scope / "input_gate", width, width);
    forget_gate_ = Linear(scope / "forget_gate", width, width);
  }

  Tensor forward(const Context& ctx, Tensor x, Tensor, std::span<const int> offsets, double dropout) const override {
    return run(ctx, x, prefix_mean(ctx, x, offsets), dropout);
  }

  Tensor step(const Context& ctx, Tensor x, Tensor, StepMemory& past, int layer) const override {
    const std::span<const int> offsets = past.cache.newest_offsets();
    std::vector<int> before;
    for (int row = 0; row < past.cache.rows(); ++row) before.push_back(past.cache.length(row) - past.cache.fresh(row));
    float* sums = past.carried[std::size_t(layer)].values.data();
    return run(ctx, x, prefix_mean(ctx, x, offsets, sums, before.data()), 0);
  }

 private:
  Tensor run(const Context& ctx, Tensor x, Tensor mean, double dropout) const {
    const Tensor y = feed_forward_.forward(ctx, mean, dropout);
    return gated_ ? gated_pair(ctx, x, input_gate_.forward(ctx, x), y, forget_gate_.forward(ctx, y)) : y;
  }

  FeedForward feed_forward_;
  Linear input_gate_, forget_gate_;
  bool gated_;
};

}  // namespace dragoman
