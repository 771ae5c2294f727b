#pragma once
// Layer normalisation (Ba, Kiros and Hinton 2016).

#include "autograd/context.h"

namespace dragoman {

/// y = scale (x - mean) / sqrt(variance + epsilon) + bias over the last axis, with the biased variance.
/// x [rows, width]; scale and bias [width]. While recording, all three must have gradients.
Tensor layer_norm(const Context& ctx, Tensor x, Tensor scale, Tensor bias, float epsilon = 1e-6f);

}  // namespace dragoman
