#include "train/limits.h"

#include <algorithm>

#include "base/error.h"

namespace dragoman {

bool Limits::reached(const Progress& progress) const {
  return std::any_of(periods_.begin(), periods_.end(), [&](const Period& period) {
    // An epoch is over when the next one begins, not when its last sentence has been read.
    const double done = period.unit == Period::Unit::epochs ? double(progress.epoch - 1) : progress.in(period.unit);
    return done >= period.count;
  });
}

double Limits::share_done(const Progress& progress) const {
  double share = 0;
  for (const Period& period : periods_) share = std::max(share, progress.in(period.unit) / period.count);
  return std::min(share, 1.0);
}

Limits limits_of(const TrainingOptions& options) {
  require(options.after_epochs >= 0, "after-epochs: {}, expected 0 or more", options.after_epochs);
  require(options.after_batches >= 0, "after-batches: {}, expected 0 or more", options.after_batches);
  std::vector<Period> periods{{double(options.after_epochs), Period::Unit::epochs},
                              {double(options.after_batches), Period::Unit::updates}};
  for (const std::string& text : options.after) periods.push_back(parse_period(text, "after"));
  std::erase_if(periods, [](const Period& period) { return period.count <= 0; });
  return Limits(std::move(periods));
}

}  // namespace dragoman
