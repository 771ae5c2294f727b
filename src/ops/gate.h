#pragma once
// Gated sums of two vectors.

#include "autograd/context.h"

namespace dragoman {

/// s(x_gate) x + s(y_gate) y, element by element; all of one shape.
Tensor gated_pair(const Context& ctx, Tensor x, Tensor x_gate, Tensor y, Tensor y_gate);

}  // namespace dragoman
