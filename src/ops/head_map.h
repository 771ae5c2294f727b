#pragma once
// A linear map for each head.

#include "autograd/context.h"
#include "ops/attention.h"

namespace dragoman {

/// Columns h * d .. of the result are those of x times rows h * d .. of the weight: x [tokens, stride] with heads * d
/// columns that count, weight [heads * d, d]; [tokens, heads * d].
Tensor head_map(const Context& ctx, Columns x, Tensor weight);

}  // namespace dragoman
