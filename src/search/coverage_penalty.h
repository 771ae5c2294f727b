#pragma once
// What a translation loses that left parts of its source unattended.

#include <span>

namespace dragoman {

/// The coverage penalty of Wu et al. (2016), added to the score of a finished hypothesis after length normalisation:
///     beta * sum over source tokens i of log(min(1, covered_i))
/// where covered_i is the attention that the target's tokens, </s> included, gave to i together (the mean of the heads
/// of the model's alignment layer; the source's </s> counts as a token). It is never above 0. What nothing looked at
/// counts as 1e-10.
double coverage_penalty(std::span<const float> covered, double beta);

}  // namespace dragoman
