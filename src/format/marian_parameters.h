#pragma once
// The numbers of Marian's models as parameters of ours, and ours as Marian's.

#include <vector>

#include "format/marian_file.h"
#include "format/marian_model.h"

namespace dragoman {

/// Gives `parameters`, which are not allocated yet, the numbers of a file. Throws Error naming the file and the item
/// for one that is missing, superfluous, of another shape or not finite.
void read_marian_parameters(const MarianFile& file, Parameters& parameters, const ModelOptions& options,
                            StoredWeights how);

/// The arrays of a model. Throws Error for a parameter that Marian has not.
std::vector<MarianArray> marian_arrays(const Parameters& parameters, const ModelOptions& options);

}  // namespace dragoman
