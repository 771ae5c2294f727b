#pragma once
// How `dragoman evaluate` prints scores: lines and JSON in sacreBLEU's form.

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "text/metrics/metric.h"

namespace dragoman {

struct EvaluateFormat {
  int width = 2;  ///< decimals
  bool json = false;
  bool score_only = false;
};

/// The scores of one system in a paired comparison.
struct SystemScores {
  std::string name = {};
  std::vector<MetricScore> scores = {};  ///< by metric
  std::vector<double> p_values = {};     ///< by metric; none for the baseline
};

/// The scores of a corpus: a line each; as JSON an object for one metric, an array for more.
void print_scores(std::ostream& out, std::span<const MetricScore> scores, const EvaluateFormat& format);

/// The scores of one sentence on one line; as JSON one object per line: {"line":1,"BLEU":38.0,"chrF2":60.0}.
void print_sentence(std::ostream& out, std::size_t line, std::span<const MetricScore> scores,
                    const EvaluateFormat& format);

/// A table of systems, the baseline first.
void print_systems(std::ostream& out, std::span<const SystemScores> systems, const EvaluateFormat& format);

}  // namespace dragoman
