#pragma once
// What Marian calls the parameters of our models.

#include <string>
#include <vector>

#include "dragoman/model_options.h"

namespace dragoman {

/// Marian's parameters side by side (their columns) that are one of ours.
struct MarianSources {
  std::vector<std::string> names;     ///< empty: Marian has no such parameter
  std::string legacy = {};            ///< an older name of the only one, stored transposed
  std::string activation_scale = {};  ///< an item that has the activation scale, if it is not called after the name
};

/// For one of our names, in a model with these settings.
MarianSources marian_sources(const std::string& name, const ModelOptions& options);

/// The first setting of a model that Marian has not, as "transformer-norm-keys: true"; empty if there is none.
std::string foreign_to_marian(const ModelOptions& options);

}  // namespace dragoman
