#pragma once
// All metrics by name, for programs that let their user choose.

#include <memory>
#include <span>
#include <string_view>

#include "text/metrics/bleu.h"
#include "text/metrics/bootstrap.h"
#include "text/metrics/chrf.h"
#include "text/metrics/metric.h"
#include "text/metrics/ter.h"

namespace dragoman {

/// The settings of all metrics.
struct MetricOptions {
  BleuOptions bleu;
  ChrfOptions chrf;  ///< word_order counts for "chrf" only; "chrf++" has 2
  TerOptions ter;
};

/// bleu, chrf, chrf++, ter
std::span<const std::string_view> metric_names();

/// Makes a metric by name, in upper or lower case. Throws Error for an unknown name, suggesting the nearest.
std::unique_ptr<Metric> make_metric(std::string_view name, const MetricOptions& options = {});

}  // namespace dragoman
