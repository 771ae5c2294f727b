#pragma once
// The mean of a sentence's vectors.

#include <span>

#include "autograd/context.h"

namespace dragoman {

/// Row s of the result is the mean of the rows offsets[s] .. offsets[s + 1] - 1 of x (zero if there are none). The
/// offsets must live until the backward pass.
Tensor sentence_mean(const Context& ctx, Tensor x, std::span<const int> offsets);

}  // namespace dragoman
