#pragma once
// When a training run is over by its length.

#include <vector>

#include "train/progress.h"

namespace dragoman {

/// The periods after any of which training stops.
class Limits {
 public:
  Limits() = default;  ///< none: training goes on
  explicit Limits(std::vector<Period> periods) : periods_(std::move(periods)) {}

  const std::vector<Period>& periods() const { return periods_; }
  bool reached(const Progress& progress) const;

  /// The share of the run that is done, 0 to 1, by the limit that is nearest; 0 without limits.
  double share_done(const Progress& progress) const;

 private:
  std::vector<Period> periods_;  // each above 0
};

/// From `after`, `after-epochs` and `after-batches`. Throws Error naming the setting.
Limits limits_of(const TrainingOptions& options);

}  // namespace dragoman
