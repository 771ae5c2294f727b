#pragma once
// Dropout (Srivastava et al. 2014) and the sum of a residual connection, which come together.

#include <span>

#include "autograd/context.h"
#include "kernels/kernels.h"

namespace dragoman {

/// The mask for one use of dropout with probability p: drawn from the context's random numbers while recording, and
/// one that keeps everything otherwise.
DropoutMask dropout_mask(const Context& ctx, double p);

/// y = x with each element zeroed with probability p, the others divided by 1 - p. Without a tape: x itself.
Tensor dropout(const Context& ctx, Tensor x, double p);

/// Variational dropout (Gal and Ghahramani 2016): in a sequence the same elements are zeroed at all times. x holds
/// sequences in the order of time (ops/recurrent.h), active[t] rows at time t; row r of each time has the mask's
/// elements from r * width on. Take the mask from dropout_mask. The span must live until the backward pass.
Tensor sequence_dropout(const Context& ctx, Tensor x, std::span<const int> active, const DropoutMask& mask);

/// y = x + dropout(f), shapes alike.
Tensor residual(const Context& ctx, Tensor x, Tensor f, double p);

}  // namespace dragoman
