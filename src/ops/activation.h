#pragma once
// Activation functions of feed-forward layers: relu (Nair and Hinton 2010), gelu with the exact normal distribution
// (Hendrycks and Gimpel 2016) and their two approximations 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) and
// x * sigmoid(1.702 x), swish x * sigmoid(x) (Ramachandran et al. 2017), tanh, sigmoid.

#include <string>

#include "autograd/context.h"
#include "kernels/kernels.h"

namespace dragoman {

/// The activation that a setting names: relu, gelu, gelu-tanh, gelu-sigmoid, swish, tanh or sigmoid. Throws Error for
/// others.
Activation parse_activation(const std::string& name, const std::string& setting);

/// y = dropout(a(x)) with dropout probability p.
Tensor activation(const Context& ctx, Activation kind, Tensor x, double p = 0);

}  // namespace dragoman
