#pragma once
// The learning rate over a run: warm-up, decay by schedule, and decay by what happens (epochs, stalled validations).

#include <cstdint>
#include <optional>
#include <string>

#include "train/limits.h"
#include "train/progress.h"

namespace dragoman {

/// The rate for an update is a function of the progress (warm-up and schedule, stateless) times a factor that lr-decay
/// makes smaller now and then.
///
/// With p the progress in a setting's own unit, the update itself counted in:
///   warm-up    lr-warmup-start-rate + (learn-rate - lr-warmup-start-rate) * min(1, p / lr-warmup)
///   inverse square root (lr-decay-inv-sqrt N [S], S = N if not given): times sqrt(N / (p - S + N)) where p > S;
///              with warm-up over N this is Vaswani et al. 2017, equation 3
///   linear     from the rate to lr-final, from the end of warm-up to the end of training
///   cosine     lr-final + (rate - lr-final) * (1 + cos(pi * x)) / 2, x from 0 to 1 likewise (Loshchilov and Hutter
///   2017)
/// These are Marian's definitions where Marian has the setting. Epochs are fractional once their length is known; in
/// the first epoch p is 1.
class LearningRate {
 public:
  /// Throws Error naming the setting, also where linear or cosine decay does not know the end of training.
  LearningRate(const TrainingOptions& options, const Limits& limits);

  /// The rate of the update that `progress` counts as its last.
  double at(const Progress& progress) const;

  /// To be told what happens; each returns true if it made the rate smaller.
  bool after_update(const Progress& progress);   ///< strategy batches
  bool after_epoch(const Progress& progress);    ///< strategies epoch...; `progress` is in the next epoch
  bool after_validation(std::uint64_t stalled);  ///< validations since the first metric's best

  double factor() const { return factor_; }  ///< of lr-decay so far
  void save(SavedFields& fields) const;
  void restore(const SavedFields& fields);

 private:
  enum class Shape { constant, linear, cosine };

  double amount(const Progress& progress, Period::Unit unit) const;
  double decay_share(const Progress& progress) const;
  bool decays_by(const std::string& word) const;

  double rate_, start_rate_, final_rate_;
  Period warmup_;
  std::optional<Period> inv_sqrt_;
  double inv_sqrt_start_ = 0;
  Shape shape_ = Shape::constant;
  Limits limits_;
  double decay_;
  std::string strategy_;
  std::uint64_t decay_start_ = 0, decay_start_second_ = 0, decay_freq_ = 0;

  double factor_ = 1;
  std::uint64_t most_stalled_ = 0;
};

}  // namespace dragoman
