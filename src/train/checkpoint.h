#pragma once
// The state of a training run on disk: all that is needed to go on as if it had never stopped.

#include <span>
#include <string>

#include "nn/parameters.h"
#include "train/optimizer.h"
#include "train/saved_fields.h"

namespace dragoman {

/// The file of a model directory that holds it: one safetensors file with the flat blocks (parameters, the optimiser's
/// moments, smoothed parameters) as tensors and the small facts as metadata, so that after a crash or a full disk it is
/// whole, of the last save that succeeded.
std::string training_state_path(const std::string& directory);

/// A text that names all parameters and their shapes in order; equal for two models only if their blocks mean the same.
std::string layout_of(const Parameters& parameters);

/// Writes blocks and facts, whole or not at all.
void save_training_state(const std::string& path, std::span<const NamedBlock> blocks, const SavedFields& fields);

/// Fills the blocks from a file and returns its facts. Throws Error naming the file if a block is missing or has
/// another size, and for everything that Safetensors::open rejects; the blocks may then be partly overwritten.
SavedFields load_training_state(const std::string& path, std::span<const NamedBlock> blocks);

/// Only the facts.
SavedFields load_training_facts(const std::string& path);

}  // namespace dragoman
