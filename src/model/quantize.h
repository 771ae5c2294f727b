#pragma once
// Models in eight bits.

#include <memory>

#include "model/seq2seq.h"

namespace dragoman {

/// The same model with its maps and tables of words in eight bits: for each output (or word) the scale at which its
/// largest weight becomes 127. What goes into a product is rounded at each row's own scale. For inference only.
std::unique_ptr<Seq2Seq> quantized(const Seq2Seq& model);

/// Rows of numbers [outputs, inputs] in eight bits with a scale for each.
std::shared_ptr<const Int8Weights> quantize_rows(std::span<const float> values, int outputs, int inputs);

}  // namespace dragoman
