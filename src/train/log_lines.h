#pragma once
// The lines that training logs, in Marian's form, so that the tools that read Marian's logs read ours.

#include <cstdint>
#include <string>

#include "train/early_stop.h"
#include "train/progress.h"

namespace dragoman {

/// What happened since the last line (or, in the metrics file, the last record).
struct Tally {
  double cost = 0;           ///< sum over target tokens of the cost that is minimised, in nats
  std::uint64_t tokens = 0;  ///< target tokens that it is summed over
  std::uint64_t sentences = 0;
  std::uint64_t updates = 0;
  double gradient_norm = 0;  ///< sum over updates, before clipping
  double seconds = 0;

  /// One update.
  void add(double update_cost, std::uint64_t update_tokens, std::uint64_t update_sentences, double norm,
           double update_seconds);
  double mean_norm() const { return updates > 0 ? gradient_norm / double(updates) : 0; }
  double words_per_second() const { return seconds > 0 ? double(tokens) / seconds : 0; }

  void save(SavedFields& fields) const;
  void restore(const SavedFields& fields);
};

/// The cost as cost-type shows it: per sentence (ce-mean), per token (ce-mean-words; ce-sum with label counts), per
/// update (ce-sum without), or e to the cost per token (perplexity). Throws Error for another type.
double displayed_cost(const Tally& tally, const std::string& cost_type, bool label_counts);

struct TrainLine {
  std::string cost_type = "ce-mean";
  bool label_counts = true;        ///< disp-label-counts
  std::uint64_t batch_tokens = 0;  ///< target tokens of the last update
  double learning_rate = 0;
  bool show_rate = false;  ///< lr-report
  Period logical_epoch = {1, Period::Unit::epochs};
};

/// "Ep. 1 : Up. 1000 : Sen. 64,000 : Cost 4.32000000 * 12,345 @ 1,024 after 123,456 : Time 201.87s : 5814.94 words/s :
/// gNorm 1.2300 : L.r. 1.0000e-04"
std::string train_line(const Progress& progress, const Tally& tally, const TrainLine& line);

/// "[valid] Ep. 1 : Up. 1000 : bleu : 35.1 : new best" or "... : stalled 2 times (last best: 35.2)".
std::string valid_line(const Progress& progress, const std::string& metric, double value, const Verdict& verdict,
                       const Period& logical_epoch = {1, Period::Unit::epochs});

/// The number of the epoch; with another logical-epoch than 1e, how many of them are done: "24.151".
std::string epoch_text(const Progress& progress, const Period& logical_epoch);

/// "1,234,567".
std::string with_commas(std::uint64_t number);

}  // namespace dragoman
