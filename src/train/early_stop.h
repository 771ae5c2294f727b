#pragma once
// Validation results over a run: the best of each metric, and whether training has stopped to improve.

#include <cstdint>
#include <string>
#include <vector>

#include "train/saved_fields.h"

namespace dragoman {

/// True for metrics where more is better: bleu, chrf and other scores of translations. False for cross-entropy,
/// ce-mean-words, ce-sum and perplexity.
bool higher_is_better(const std::string& metric);

/// What a validation result means.
struct Verdict {
  bool is_best = false;       ///< the best so far
  std::uint64_t stalled = 0;  ///< validations since the best
  double best = 0;            ///< the best so far, this one included; NaN if there is none
};

/// Which metrics must have stalled for training to stop (early-stopping-on).
enum class StopOn { first, all, any };
StopOn parse_stop_on(const std::string& text);  ///< throws Error

/// Follows the metrics of valid-metrics.
class EarlyStop {
 public:
  /// `patience`: stop after this many validations without a new best; 0: never.
  EarlyStop(std::vector<std::string> metrics, std::uint64_t patience, StopOn on);

  /// A result. One that is not a number is never the best. REQUIRES: `metric` is one of the metrics.
  Verdict report(const std::string& metric, double value);

  bool should_stop() const;
  std::uint64_t stalled(const std::string& metric) const;
  /// Forgets how long metrics have stalled, not their best (valid-reset-stalled).
  void reset_stalled();

  void save(SavedFields& fields) const;
  /// Metrics that the saved run did not have begin anew.
  void restore(const SavedFields& fields);

 private:
  struct Record {
    std::string metric;
    bool has_best = false;
    double best = 0;
    std::uint64_t stalled = 0;
  };
  std::size_t index_of(const std::string& metric) const;

  std::vector<Record> records_;
  std::uint64_t patience_;
  StopOn on_;
};

}  // namespace dragoman
