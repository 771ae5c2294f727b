#pragma once
// What Marian calls the parameters of our models.

#include <string>
#include <vector>

#include "dragoman/model_options.h"
#include "nn/parameters.h"

namespace dragoman {

/// Columns of one of Marian's parameters, and where they are in one of ours. Both are matrices, or vectors as one row.
struct MarianBlock {
  std::string name;
  int rows = 1, columns = 0;  ///< the shape of Marian's
  int first = 0, width = 0;   ///< the columns that are meant
  int row = 0, column = 0;    ///< where they begin in ours
  bool is_added = false;      ///< summed with what an earlier block put there; what we write has zeros
};

/// All blocks that are one of our parameters.
struct MarianSources {
  std::vector<MarianBlock> blocks;  ///< empty: Marian has no such parameter
  std::string legacy = {};          ///< an older name of the only one, stored transposed
  bool is_column = false;           ///< the only one is a column in Marian, [n, 1]
};

/// For a parameter of a model with these settings.
MarianSources marian_sources(const Parameter& parameter, const ModelOptions& options);

/// The same for what only recurrent models have (rnn-form marian or nematus).
MarianSources marian_recurrent_sources(const Parameter& parameter, const ModelOptions& options);

/// A whole parameter that is Marian's `name`.
MarianSources whole_source(const Parameter& parameter, std::string name);

/// Our name in parts: "encoder.upper.0" as "encoder", "upper", "0".
std::vector<std::string> parts_of_name(const std::string& name);

/// What Nematus, Amun and Marian's types of these names call a parameter of its type s2s; the same name where they have
/// no other.
std::string older_marian_name(const std::string& name);

/// The first setting of a model that Marian has not, as "attention: dot"; empty if there is none.
std::string foreign_to_marian(const ModelOptions& options);

}  // namespace dragoman
