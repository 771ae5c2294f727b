#pragma once
// Training that goes wrong: costs and gradients that are not finite, and a cost that runs away.

#include <cstdint>
#include <optional>
#include <string>

#include "train/saved_fields.h"

namespace dragoman {

/// Finds batches whose cost or gradient is not finite. Such a batch must be skipped; too many in a row mean that the
/// parameters themselves are spoilt.
class FiniteGuard {
 public:
  /// `longest`: so many bad batches in a row may be skipped.
  explicit FiniteGuard(std::uint64_t longest = 10) : longest_(longest) {}

  /// True if the batch may be used; false if it must be skipped. Throws Error with the reason when it is one too many.
  bool accepts(double cost, double gradient_norm);

  std::uint64_t skipped() const { return skipped_; }  ///< in all
  void save(SavedFields& fields) const;
  void restore(const SavedFields& fields);

 private:
  std::uint64_t longest_;
  std::uint64_t in_a_row_ = 0;
  std::uint64_t skipped_ = 0;
};

/// Finds a cost that runs away: as Marian does for throw-on-divergence, a fast moving average is compared with a slow
/// one, in standard deviations of single updates. Here all are of the logarithm of the cost, whose spread hardly
/// changes over a run.
class DivergenceDetector {
 public:
  struct Settings {
    double fast_window = 10;       ///< updates
    double slow_window = 500;      ///< updates; nothing is reported before so many
    double sigmas = 5;             ///< above the slow average
    double smallest_sigma = 0.05;  ///< of the log-cost, so that noise about a constant cost is no divergence
  };
  DivergenceDetector() : DivergenceDetector(Settings{}) {}
  explicit DivergenceDetector(const Settings& settings) : settings_(settings) {}

  /// The cost per target token of an update. Gives the reason if training diverges.
  std::optional<std::string> update(double cost);

  void save(SavedFields& fields) const;
  void restore(const SavedFields& fields);

 private:
  Settings settings_;
  std::uint64_t count_ = 0;
  double fast_ = 0, slow_ = 0, variance_ = 0;
};

}  // namespace dragoman
