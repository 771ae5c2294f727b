#pragma once
// A model's parameters in a safetensors file: model.safetensors of a model directory.
//
// F32 as a rule; maps and tables may be BF16 or F16 (all may be those and F64 when we read them), or of a quantised
// model I8 [outputs, inputs] beside NAME.scale [outputs or 1], what a unit stands for, and NAME.input_scale [outputs],
// at which inputs are rounded (0: each row's own).

#include <span>
#include <string>

#include "format/marian_model.h"
#include "format/safetensors.h"
#include "nn/parameters.h"

namespace dragoman {

/// Fills parameters that have been described but not allocated. What needs no conversion stays where it is in the file,
/// which is kept mapped, so that a model takes no memory twice. Throws Error naming the tensor
/// for one that is missing, superfluous, of another shape or type, or not finite.
void map_parameters(const Safetensors& file, Parameters& parameters, StoredWeights weights);

/// Copies a file's numbers into parameters that have memory, as floats, with the same checks. They are unchanged if it
/// throws.
void load_parameters(const std::string& path, Parameters& parameters);

/// Writes `values`, laid out as `layout` says, whole or not at all. Integers, and floats that lie elsewhere, are
/// layout's own. Maps and tables that are floats are rounded to `type`: F32, BF16 or F16. Throws Error naming a number
/// that is too large for it. REQUIRES: none is kept in bfloat16.
void save_parameters(const std::string& path, const Parameters& layout, std::span<const float> values,
                     ElementType type = ElementType::f32);

}  // namespace dragoman
