#pragma once
// Models in eight and in sixteen bits.

#include <memory>

#include "model/seq2seq.h"

namespace dragoman {

/// The same model with its maps and tables of words in eight bits: for each output (or word) the scale at which its
/// largest weight becomes 127. What goes into a product is rounded at each row's own scale. For inference only.
std::unique_ptr<Seq2Seq> quantized(const Seq2Seq& model);

/// The same model with its maps and tables of words in bfloat16 (as they are, where they are already), and products of
/// bfloat16. For inference only, on processors that has_operations_in(Precision::bfloat16) says it of.
std::unique_ptr<Seq2Seq> in_bfloat16(const Seq2Seq& model);

/// Makes a model out of quantized() note what goes into its products: translate something typical with it then.
void watch_inputs(const Seq2Seq& model);

/// The same model with fixed scales of what goes into products: 127 / (mean + 1.1 standard deviations) of the largest
/// magnitudes that were noted, as Marian's scripts have it (larger ones are cut off). Maps that nothing went into keep
/// each row's own scale.
std::unique_ptr<Seq2Seq> with_fixed_scales(const Seq2Seq& model);

/// Puts the integers of maps in the order in which products read them, as the first products would otherwise.
void prepare_products(const Seq2Seq& model);

/// Rows of numbers [outputs, inputs] in eight bits with a scale for each.
std::shared_ptr<const Int8Weights> quantize_rows(std::span<const float> values, int outputs, int inputs);

}  // namespace dragoman
