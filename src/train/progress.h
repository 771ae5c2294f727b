#pragma once
// How far a training run has come, and when it is time for something.

#include <cstdint>

#include "dragoman/training_options.h"
#include "train/saved_fields.h"

namespace dragoman {

/// Counts since the start of the run, over all interruptions.
struct Progress {
  std::uint64_t epoch = 1;            ///< the one under way, from 1
  std::uint64_t updates = 0;          ///< of the parameters
  std::uint64_t batches = 0;          ///< read in this epoch
  std::uint64_t sentences = 0;        ///< read in this epoch
  std::uint64_t epoch_sentences = 0;  ///< in a whole epoch; 0: not known yet
  std::uint64_t tokens = 0;           ///< target tokens (with </s>)
  double seconds = 0;                 ///< spent in training

  /// After an epoch's last batch: the next one begins, and the length of an epoch is known.
  void next_epoch();

  /// Epochs that are done, with the part of the present one if the length of an epoch is known.
  double epochs() const;

  /// The count in a period's unit.
  double in(Period::Unit unit) const;

  bool operator==(const Progress&) const = default;
};

void save(const Progress& progress, SavedFields& fields);
Progress restore_progress(const SavedFields& fields);

/// True if a multiple of `period` was reached on the way from `before` to `now`; never for a period of 0. Epochs are
/// whole ones here: a period of 1e is reached where an epoch ends.
bool period_passed(const Period& period, const Progress& before, const Progress& now);

}  // namespace dragoman
