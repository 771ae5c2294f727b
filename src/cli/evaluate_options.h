#pragma once
// The command line of `dragoman evaluate`. Options carry sacreBLEU's names wherever they exist there.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/evaluate_output.h"
#include "text/metrics/metrics.h"

namespace dragoman {

struct EvaluateOptions {
  std::string hypotheses = "-";
  bool hypotheses_by_default = true;  ///< none was named: standard input
  std::vector<std::string> references;
  std::vector<std::string> paired;  ///< further systems, to be compared with `hypotheses`
  std::vector<std::string> metrics{"bleu", "chrf"};
  MetricOptions metric_options;
  bool sentence_level = false;
  std::optional<int> confidence;  ///< samples of the bootstrap, if there shall be one
  std::uint64_t seed = 12345;
  EvaluateFormat output;
  bool help = false;
};

/// Throws UsageError saying what is wrong with the options.
EvaluateOptions parse_evaluate_options(const std::vector<std::string>& arguments);

std::string evaluate_help();

}  // namespace dragoman
