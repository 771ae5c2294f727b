#pragma once
// Training a model: what `dragoman train` does.

#include "dragoman/train_settings.h"
#include "train/progress_bar.h"

namespace dragoman {

/// How a run ended.
struct TrainingEnd {
  int signal = 0;  ///< SIGINT or SIGTERM if it asked for the end; 0: a limit was reached or nothing improved any more
};

/// Trains the model of `settings.model_path`, or continues where an earlier run stopped. Learns vocabularies that do
/// not exist yet. Logs as it goes; the progress bar goes to `bar` (if given). Throws Error for wrong settings and data,
/// and when training diverges.
TrainingEnd train(const TrainSettings& settings, TextSink bar = {});

}  // namespace dragoman
