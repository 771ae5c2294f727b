#pragma once
// The history of a training run in memory, as a report shows it.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dragoman {

/// How far the run had come.
struct RunPosition {
  std::uint64_t epoch = 1;  ///< the one under way, from 1
  std::uint64_t update = 0;
  double tokens = 0;   ///< target tokens
  double seconds = 0;  ///< of training
};

/// What happened since the point before. Numbers that are not known are NaN.
struct TrainPoint {
  RunPosition at;
  double loss, learning_rate, gradient_norm, tokens_per_second;
  double skipped;  ///< batches so far
};

struct ValidPoint {
  RunPosition at;
  std::string metric;
  double value;
  bool is_best;  ///< no earlier one was better
};

struct SamplePoint {
  RunPosition at;
  std::uint64_t line;  ///< of the validation set
  std::string source, reference, output;
};

/// The program began or ended training the run, or records went back in time without saying so.
struct RunEvent {
  enum class Kind { start, end, rewind };
  Kind kind;
  RunPosition at;
  std::string time;    ///< by the clock; empty: not known
  std::string reason;  ///< of an end
};

struct RunHistory {
  std::string name;  ///< for people; differs between the runs of a report
  std::string path;  ///< of the metrics file
  std::vector<TrainPoint> train;
  std::vector<ValidPoint> valid;
  std::vector<SamplePoint> samples;
  std::vector<RunEvent> events;
  std::vector<std::pair<std::string, std::string>> settings;  ///< by name, in YAML; empty: not known
  std::vector<std::string> warnings;                          ///< what was wrong with its files
};

}  // namespace dragoman
