#pragma once
// Models whatever their format: ours, Marian's, CTranslate2's.

#include <string>

#include "format/model_directory.h"

namespace dragoman {

/// Reads a model directory of ours or of CTranslate2, or a file of Marian's (.npz, .bin). `known`: see load_model.
/// Throws Error as the reader of its format does.
LoadedModel load_any_model(const std::string& path, StoredWeights weights = StoredWeights::as_stored,
                           const ConfigKnown& known = {});

/// Gives `parameters` the numbers of the model at `path`, which must have the same tensors. Throws Error naming the
/// path and the tensor that is missing, superfluous or of another shape.
void load_any_parameters(const std::string& path, Parameters& parameters);

}  // namespace dragoman
