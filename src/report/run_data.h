#pragma once
// The numbers of runs as the script of their page reads them.

#include <cstddef>
#include <string>
#include <vector>

#include "report/run_history.h"

namespace dragoman {

/// A screen shows no more points of a curve than this, and a person reads no more validations of a sample.
struct RunDataLimits {
  std::size_t points = 4000;       ///< of training; neighbours are averaged
  std::size_t sample_times = 200;  ///< validations, the last among them
};

/// JSON that may stand inside a <script> element: {"runs": [{name, train, valid, samples, resumes}]}, where train, each
/// of valid and each of samples have columns of the same length, and null is a number that is not known.
std::string run_data_json(const std::vector<RunHistory>& runs, const RunDataLimits& limits = {});

/// True if run_data_json leaves points out or joins them.
bool is_thinned(const std::vector<RunHistory>& runs, const RunDataLimits& limits = {});

}  // namespace dragoman
