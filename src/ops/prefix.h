#pragma once
// What a sentence was so far: sums over the tokens up to each one.

#include <span>

#include "autograd/context.h"

namespace dragoman {

/// c_t = s(gate_t) c_{t-1} + (1 - s(gate_t)) x_t within each sentence, element by element; c before the first is 0. x
/// and gate [tokens, width]. `states`, only without a tape: [sentences, width], c before these tokens, which becomes
/// that after them.
Tensor gated_sum(const Context& ctx, Tensor x, Tensor gate, std::span<const int> offsets, float* states = nullptr);

/// y_t = the mean of x up to t within each sentence. `sums` and `counts`, only without a tape: [sentences, width] and
/// [sentences], the sum over earlier tokens, which becomes that over these too, and how many they were.
Tensor prefix_mean(const Context& ctx, Tensor x, std::span<const int> offsets, float* sums = nullptr,
                   const int* counts = nullptr);

}  // namespace dragoman
