#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace dragoman {

LearningRate::LearningRate(const TrainingOptions& options, const Limits& limits)
    : rate_(options.learn_rate),
      start_rate_(options.lr_warmup_start_rate),
      final_rate_(options.lr_final),
      warmup_(options.lr_warmup),
      limits_(limits),
      decay_(options.lr_decay),
      strategy_(options.lr_decay_strategy) {
  const auto is_rate = [](double value) { return std::isfinite(value) && value >= 0; };
  require(is_rate(rate_) && rate_ > 0, "learn-rate: {}, expected a number above 0", rate_);
  require(is_rate(start_rate_), "lr-warmup-start-rate: {}, expected 0 or more", start_rate_);
  require(is_rate(final_rate_), "lr-final: {}, expected 0 or more", final_rate_);

  const auto& inv_sqrt = options.lr_decay_inv_sqrt;
  require(inv_sqrt.size() <= 2, "lr-decay-inv-sqrt: {} values, expected a period and possibly where it starts",
          inv_sqrt.size());
  if (!inv_sqrt.empty()) {
    const Period period = parse_period(inv_sqrt[0], "lr-decay-inv-sqrt");
    const Period start = inv_sqrt.size() > 1 ? parse_period(inv_sqrt[1], "lr-decay-inv-sqrt") : period;
    require(start.count == 0 || start.unit == period.unit, "lr-decay-inv-sqrt: '{}' and '{}' have different units",
            inv_sqrt[0], inv_sqrt[1]);
    if (period.count > 0) inv_sqrt_ = period;
    inv_sqrt_start_ = start.count;
  }

  if (options.lr_schedule == "linear" || options.lr_schedule == "cosine") {
    shape_ = options.lr_schedule == "linear" ? Shape::linear : Shape::cosine;
    require(!inv_sqrt_, "lr-schedule: {} and lr-decay-inv-sqrt exclude each other", options.lr_schedule);
    require(!limits_.periods().empty(),
            "lr-schedule: {} must know the end of training: set after-batches, after-epochs or after",
            options.lr_schedule);
  } else {
    require(options.lr_schedule.empty(), "lr-schedule: '{}', expected linear or cosine", options.lr_schedule);
  }

  require(decay_ >= 0 && decay_ <= 1, "lr-decay: {}, expected 0 (off) to 1", decay_);
  if (decay_ > 0) {
    constexpr const char* strategies[] = {"epoch", "batches", "stalled", "epoch+batches", "epoch+stalled"};
    require(std::count(std::begin(strategies), std::end(strategies), strategy_) > 0,
            "lr-decay-strategy: '{}', expected epoch, batches, stalled, epoch+batches or epoch+stalled", strategy_);
    const std::size_t needed = strategy_.find('+') == std::string::npos ? 1 : 2;
    require(options.lr_decay_start.size() >= needed, "lr-decay-start: {} values, but lr-decay-strategy {} needs {}",
            options.lr_decay_start.size(), strategy_, needed);
    for (const int start : options.lr_decay_start) require(start >= 0, "lr-decay-start: {}, expected 0 or more", start);
    require(options.lr_decay_freq >= 0, "lr-decay-freq: {}, expected 0 or more", options.lr_decay_freq);
    decay_start_ = std::uint64_t(options.lr_decay_start[0]);
    if (needed > 1) decay_start_second_ = std::uint64_t(options.lr_decay_start[1]);
    decay_freq_ = std::uint64_t(options.lr_decay_freq);
  }
}

double LearningRate::amount(const Progress& progress, Period::Unit unit) const {
  // Whole epochs count from 1 while their length is unknown, so that the rate of the first is not 0.
  if (unit == Period::Unit::epochs && progress.epoch_sentences == 0) return double(progress.epoch);
  return progress.in(unit);
}

double LearningRate::decay_share(const Progress& progress) const {
  double share = 0;
  for (const Period& limit : limits_.periods()) {
    // The decay begins where warm-up ends; if the two have different units, that point is not known.
    const double skipped = limit.unit == warmup_.unit ? std::min(warmup_.count, limit.count) : 0;
    const double left = limit.count - skipped;
    share = std::max(share, left > 0 ? (progress.in(limit.unit) - skipped) / left : 0.0);
  }
  return std::clamp(share, 0.0, 1.0);
}

double LearningRate::at(const Progress& progress) const {
  double rate = rate_;
  if (shape_ != Shape::constant) {
    const double share = decay_share(progress);
    const double weight = shape_ == Shape::linear ? 1 - share : (1 + std::cos(std::numbers::pi * share)) / 2;
    rate = final_rate_ + (rate_ - final_rate_) * weight;
  }
  if (warmup_.count > 0) {
    rate = start_rate_ + (rate - start_rate_) * std::min(1.0, amount(progress, warmup_.unit) / warmup_.count);
  }
  if (inv_sqrt_) {
    const double done = amount(progress, inv_sqrt_->unit);
    if (done > inv_sqrt_start_) rate *= std::sqrt(inv_sqrt_->count / (done - inv_sqrt_start_ + inv_sqrt_->count));
  }
  return rate * factor_;
}

bool LearningRate::decays_by(const std::string& word) const { return decay_ > 0 && strategy_ == word; }

bool LearningRate::after_update(const Progress& progress) {
  if (!decays_by("batches") || decay_start_ == 0 || decay_freq_ == 0 || progress.updates < decay_start_ ||
      (progress.updates - decay_start_) % decay_freq_ != 0) {
    return false;
  }
  factor_ *= decay_;
  return true;
}

bool LearningRate::after_epoch(const Progress& progress) {
  const bool by_batches = decays_by("epoch+batches"), by_stalled = decays_by("epoch+stalled");
  const auto reached = [](std::uint64_t count, std::uint64_t start) { return start > 0 && count >= start; };
  const bool decays = ((decays_by("epoch") || by_batches || by_stalled) && reached(progress.epoch, decay_start_)) ||
                      (by_batches && reached(progress.updates, decay_start_second_)) ||
                      (by_stalled && reached(most_stalled_, decay_start_second_));
  if (decays) factor_ *= decay_;
  return decays;
}

bool LearningRate::after_validation(std::uint64_t stalled) {
  most_stalled_ = std::max(most_stalled_, stalled);
  if (!decays_by("stalled") || decay_start_ == 0 || stalled == 0 || stalled % decay_start_ != 0) return false;
  factor_ *= decay_;
  return true;
}

void LearningRate::save(SavedFields& fields) const {
  fields.set_number("rate.factor", factor_);
  fields.set_integer("rate.most-stalled", most_stalled_);
}

void LearningRate::restore(const SavedFields& fields) {
  factor_ = fields.number("rate.factor");
  most_stalled_ = fields.integer("rate.most-stalled");
}

}  // namespace dragoman
