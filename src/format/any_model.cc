#include "format/any_model.h"

#include <algorithm>

#include "base/error.h"
#include "format/ctranslate2_import.h"
#include "format/model_parameters.h"

namespace dragoman {

LoadedModel load_any_model(const std::string& path, StoredWeights weights, const ConfigKnown& known) {
  if (is_ctranslate2_directory(path)) return load_ctranslate2_model(path, weights);
  return load_model(path, weights, {}, known);
}

void load_any_parameters(const std::string& path, Parameters& parameters) {
  if (!is_marian_model(path) && !is_ctranslate2_directory(path)) {
    return load_parameters(parameters_path(path), parameters);
  }
  const LoadedModel loaded = load_any_model(path, StoredWeights::floats);
  const Parameters& from = loaded.model->parameters();
  for (const Parameter& p : from.list()) {
    require(parameters.find(p.name) != nullptr, "{}: it has '{}' {}, which a model with these settings has not", path,
            p.name, to_string(p.shape));
  }
  for (const Parameter& p : parameters.list()) {
    const Parameter* found = from.find(p.name);
    require(found != nullptr, "{}: it has no '{}' {}, which a model with these settings has", path, p.name,
            to_string(p.shape));
    require(found->shape == p.shape, "{}: '{}' has the shape {}, expected {}", path, p.name, to_string(found->shape),
            to_string(p.shape));
  }
  for (const Parameter& p : parameters.list()) {
    const std::span<const float> values = from.floats_of(*from.find(p.name));
    std::copy(values.begin(), values.end(), parameters.values_of(p).begin());
  }
}

}  // namespace dragoman
