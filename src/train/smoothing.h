#pragma once
// Exponential smoothing of parameters: a moving average over updates, which translates better than the last update
// (Polyak and Juditsky 1992; with Marian's growing window at the start).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

/// The average of a flat block of parameters. After update t = 0, 1, ...:
/// average = keep * average + (1 - keep) * current, with keep = min(1 - rate, (t + 1) / (t + 10)).
class ExponentialSmoothing {
 public:
  /// `rate` is exponential-smoothing, usually 1e-4; the average begins at `initial`, the parameters before any update.
  ExponentialSmoothing(double rate, std::span<const float> initial);

  void update(std::span<const float> current);

  /// The same in shares: begin_update() once, then update_range() for ranges that cover the block, in any threads.
  void begin_update();
  void update_range(std::span<const float> current, std::size_t begin, std::size_t end);

  /// The averaged parameters, and what a checkpoint must hold: these and the number of updates.
  std::span<const float> values() const { return values_; }
  std::span<float> values() { return values_; }
  std::uint64_t updates() const { return updates_; }
  void set_updates(std::uint64_t updates) { updates_ = updates; }

 private:
  double rate_;
  std::vector<float> values_;
  std::uint64_t updates_ = 0;
  float keep_ = 0;  // of the update under way
};

}  // namespace dragoman
