#pragma once
// Reading the metrics file of a training run.

#include <string>
#include <vector>

#include "report/run_history.h"

namespace dragoman {

/// Reads a run from a model directory (its metrics.jsonl) or a metrics file; what its lines hold is described in
/// train/metrics_file.h. Settings are those that the run recorded when it began last, else the model's own from the
/// config.yml beside the file.
///
/// Where records go back to an earlier update, as when a run was continued from a checkpoint, the later ones win. Lines
/// that are cut off or hold something else are left out with a warning that names file, line and field. Throws Error if
/// the file cannot be read, or is no metrics file; a run that has recorded nothing yet is empty.
RunHistory read_run(const std::string& path);

/// Short names of runs for people: the last parts of the paths, as many as it takes to tell them apart; numbered if
/// nothing else does.
std::vector<std::string> run_names(const std::vector<std::string>& paths);

}  // namespace dragoman
