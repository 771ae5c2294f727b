#pragma once
// Attention of single queries while decoding; nothing is recorded.

#include <span>

#include "autograd/context.h"
#include "ops/attention.h"

namespace dragoman {

/// Where one query's keys and values lie: `count` rows of `stride` floats, at the numbered slots or (no slots) one
/// after another.
struct StepKeys {
  const float* keys;
  const float* values;
  std::int64_t stride;
  const int* slots;
  int count;
};

/// Row i of the result is softmax(q_i k^T / sqrt(head width)) v over keys[i]; [queries, width].
Tensor attention_step(const Context& ctx, Columns queries, std::span<const StepKeys> keys,
                      const AttentionOptions& options);

}  // namespace dragoman
