#pragma once
// Affine maps. Weights may be kept in eight bits (Tensor::int8) where nothing is recorded.

#include "autograd/context.h"

namespace dragoman {

/// y = x W + b for each row: x [rows, in], W [in, out], b [out] or an empty tensor; y [rows, out].
Tensor linear(const Context& ctx, Tensor x, Tensor weight, Tensor bias = {});

/// max(0, x W + b). Not while recording.
Tensor linear_relu(const Context& ctx, Tensor x, Tensor weight, Tensor bias = {});

/// y = x W^T + b with W [out, in], as when the output layer is an embedding table.
Tensor linear_transposed(const Context& ctx, Tensor x, Tensor weight, Tensor bias = {});

}  // namespace dragoman
