#pragma once
// The history of a run for programs: one JSON object a line (JSON Lines), to be plotted; `dragoman report` shows it.
//
// Every line has
//   type            "train", "valid", "sample", "start" or "end"
//   epoch           the one under way, from 1
//   update          updates so far
//   tokens          target tokens trained on so far
//   seconds         spent in training so far, over all interruptions
// train lines, one for each log line, of what happened since the one before:
//   loss              the cost that is minimised, per target token, in nats (with label smoothing if that is on)
//   learning_rate     of the last update
//   gradient_norm     mean over the updates, before clipping
//   tokens_per_second target tokens
//   skipped           batches so far whose cost or gradient was not finite
// valid lines, one for each metric:
//   metric          as in valid-metrics
//   value           in the metric's own unit
//   best            the best value so far, this one included
//   stalled         validations since that best
// sample lines, after the valid lines of each validation, one for each of valid-samples sentences:
//   line            of the validation set, from 1
//   source, reference, output
// start and end lines, one each time that the program begins and ends training this run; a run that was killed wrote no
// end. All other lines are the same whether a run was interrupted or not.
//   time            by the clock, as 2026-11-23T22:18:22Z
//   settings        (start) all in force, by name, in YAML
//   reason          (end) finished, SIGINT or SIGTERM
// Numbers that are not finite are null.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "train/early_stop.h"
#include "train/log_lines.h"
#include "train/progress.h"
#include "train/valid_samples.h"

namespace dragoman {

/// Appends to such a file. A line is written as a whole with one call; a run that was killed leaves at most one broken
/// line at the end, which the next run takes away.
class MetricsFile {
 public:
  /// Opens `path` for a run that goes on after `resumed_update` (0: a new run, whose file is empty). Lines of later
  /// updates are what an interrupted run did after its last checkpoint: they are dropped, so that the file reads as if
  /// nothing had happened. Throws Error if the file cannot be written.
  MetricsFile(const std::string& path, std::uint64_t resumed_update);
  ~MetricsFile();
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;

  /// Throw Error if the disk is full.
  void train(const Progress& progress, const Tally& tally, double learning_rate, std::uint64_t skipped);
  void valid(const Progress& progress, const std::string& metric, double value, const Verdict& verdict);
  void sample(const Progress& progress, const TranslationSample& sample);
  void start(const Progress& progress, const std::vector<std::pair<std::string, std::string>>& settings);
  void end(const Progress& progress, const std::string& reason);

  /// Waits until all is on the disk: to be called before a checkpoint that relies on it is written.
  void sync();

 private:
  void append(const std::string& line);

  std::string path_;
  int file_ = -1;
};

}  // namespace dragoman
