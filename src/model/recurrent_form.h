#pragma once
// The recurrent equations that rnn-form names.

#include <string>

#include "dragoman/model_options.h"
#include "nn/recurrent/recurrent_layer.h"

namespace dragoman {

/// Whether a recurrent model has our own equations: attention as wide as dim-rnn with a map of its own for values, and
/// layer norms of what layers give. Else they are Marian's: keys as wide as the encoder's vectors, which themselves are
/// the values, and layer norms of each product inside cells, attention, start and output.
bool has_own_form(const ModelOptions& options);

/// The norm of maps outside of cells.
MapNorm norm_of_maps(const ModelOptions& options);

enum class CellPlace { usual, after_attention };

/// A layer of the cells that `cell` names, which is the value of the setting. Throws Error that names the setting.
RecurrentLayerOptions layer_options(const ModelOptions& options, const std::string& cell, const std::string& setting,
                                    int in, int width, CellPlace place = CellPlace::usual);

/// Throws Error for settings of a recurrent model that rnn-form does not go with.
void check_recurrent_form(const ModelOptions& options);

}  // namespace dragoman
