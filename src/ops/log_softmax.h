#pragma once
// From logits to log-probabilities, while decoding.

#include "autograd/context.h"

namespace dragoman {

/// Each row of x becomes x - log(sum of e^x), in place. REQUIRES: nothing is being recorded.
Tensor log_softmax(const Context& ctx, Tensor x);

}  // namespace dragoman
