#pragma once
// What a training run came to.

#include <optional>
#include <string>
#include <vector>

#include "report/run_history.h"

namespace dragoman {

/// One validation metric over a run.
struct MetricSummary {
  std::string metric;
  std::optional<ValidPoint> best;  ///< none if no value was a number
  ValidPoint last;
};

struct RunSummary {
  RunPosition end;                     ///< the last that is recorded
  double epochs = 0;                   ///< done, with the part of the present one; NaN if not known
  double tokens_per_second = 0;        ///< mean over the run; NaN if nothing was recorded
  double last_loss = 0;                ///< of training; NaN if nothing was recorded
  double skipped = 0;                  ///< batches; NaN if not recorded
  std::vector<MetricSummary> metrics;  ///< in the order in which they were recorded
  std::string began, ended;            ///< by the clock; empty: not known
  std::string state;                   ///< "finished", "stopped by SIGTERM", "running, or killed"; empty: not known
  std::vector<std::string> resumes;    ///< "at update 500, after SIGTERM"
};

RunSummary summarize(const RunHistory& run);

/// Target tokens in an epoch, as far as the records tell: each says in which epoch a number of tokens was reached.
/// None if the run did not come past its first epoch.
std::optional<double> tokens_per_epoch(const RunHistory& run);

/// Epochs done at a position, with the part of the present one. NaN if it is not known.
double epochs_at(const RunPosition& at, std::optional<double> tokens_per_epoch);

/// The points where the program went on with the run, for marks on the charts.
std::vector<RunPosition> resumes_of(const RunHistory& run);

}  // namespace dragoman
