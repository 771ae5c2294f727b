#pragma once
// Bootstrap resampling (Koehn 2004): how much a score would vary with the choice of test sentences, and whether one
// system is better than another by more than that. Draws the same samples as sacreBLEU 2, so that intervals and
// p-values are the same numbers.

#include <cstdint>
#include <span>
#include <vector>

#include "text/metrics/metric.h"

namespace dragoman {

struct BootstrapOptions {
  int samples = 1000;  ///< at least 2
  std::uint64_t seed = 12345;
};

/// The score of each sample: as many sentences as the corpus has, drawn with replacement. Tables of equal length and
/// the same options draw the same sentences. Throws Error if the table is empty or samples are below 2.
std::vector<double> bootstrap_scores(const Metric& metric, const StatisticsTable& table,
                                     const BootstrapOptions& options = {});

/// Mean and half width of the central 95% of bootstrap_scores().
ConfidenceInterval confidence_interval(std::vector<double> scores, const BootstrapOptions& options = {});

/// Two-sided p-value of the hypothesis that two systems are equally good: how often resampling alone moves their
/// difference by more than `difference`, the one measured. Arguments are bootstrap_scores() of both on one test set.
/// REQUIRES: equal sizes.
double paired_p_value(std::span<const double> baseline, std::span<const double> system, double difference);

}  // namespace dragoman
