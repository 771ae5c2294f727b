#pragma once
// From the settings of a run to the losses that it minimises.

#include "dragoman/train_settings.h"
#include "model/loss_options.h"

namespace dragoman {

/// The weights that settings ask for; guided alignment has none without a file. Throws Error naming the setting for
/// weights that are negative or leave parameters without anything to learn from.
LossWeights loss_weights(const TrainSettings& settings);

}  // namespace dragoman
