#include "text/metrics/bootstrap.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "text/metrics/pcg64.h"

namespace dragoman {

std::vector<double> bootstrap_scores(const Metric& metric, const StatisticsTable& table,
                                     const BootstrapOptions& options) {
  require(options.samples >= 2, "confidence: expected at least 2 samples, found {}", options.samples);
  require(table.rows() > 0, "confidence: there are no sentences to draw from");
  require(table.rows() <= std::numeric_limits<std::uint32_t>::max(), "confidence: {} sentences are too many",
          table.rows());
  Pcg64 random(options.seed);
  const auto rows = static_cast<std::uint32_t>(table.rows());
  std::vector<double> scores;
  std::vector<double> sums(table.width());
  for (int sample = 0; sample < options.samples; ++sample) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::uint32_t draw = 0; draw < rows; ++draw) {
      const std::span<const double> row = table.row(random.below(rows));
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += row[k];
    }
    scores.push_back(metric.value(sums));
  }
  return scores;
}

ConfidenceInterval confidence_interval(std::vector<double> scores, const BootstrapOptions& options) {
  assert(!scores.empty());
  std::sort(scores.begin(), scores.end());
  const std::size_t cut = scores.size() / 40;  // 2.5% at either end
  const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
  return {.mean = mean,
          .half_width = (scores[scores.size() - 1 - cut] - scores[cut]) / 2,
          .samples = static_cast<int>(scores.size()),
          .seed = options.seed};
}

double paired_p_value(std::span<const double> baseline, std::span<const double> system, double difference) {
  assert(baseline.size() == system.size() && !baseline.empty());
  std::vector<double> differences(baseline.size());
  for (std::size_t i = 0; i < differences.size(); ++i) differences[i] = std::abs(system[i] - baseline[i]);
  const auto count = static_cast<double>(differences.size());
  const double mean = std::accumulate(differences.begin(), differences.end(), 0.0) / count;
  const auto larger = std::count_if(differences.begin(), differences.end(),
                                    [&](double value) { return value - mean > std::abs(difference); });
  return (static_cast<double>(larger) + 1) / (count + 1);
}

}  // namespace dragoman
