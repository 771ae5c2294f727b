#include "train/progress.h"

#include <algorithm>
#include <cmath>

namespace dragoman {

void Progress::next_epoch() {
  ++epoch;
  epoch_sentences = sentences;
  sentences = 0;
  batches = 0;
}

double Progress::epochs() const {
  const double part = epoch_sentences > 0 ? std::min(1.0, double(sentences) / double(epoch_sentences)) : 0.0;
  return double(epoch - 1) + part;
}

double Progress::in(Period::Unit unit) const {
  switch (unit) {
    case Period::Unit::updates:
      return double(updates);
    case Period::Unit::tokens:
      return double(tokens);
    case Period::Unit::epochs:
      return epochs();
  }
  return 0;
}

void save(const Progress& progress, SavedFields& fields) {
  fields.set_integer("epoch", progress.epoch);
  fields.set_integer("updates", progress.updates);
  fields.set_integer("batches", progress.batches);
  fields.set_integer("sentences", progress.sentences);
  fields.set_integer("epoch-sentences", progress.epoch_sentences);
  fields.set_integer("tokens", progress.tokens);
  fields.set_number("seconds", progress.seconds);
}

Progress restore_progress(const SavedFields& fields) {
  return {.epoch = std::max<std::uint64_t>(1, fields.integer("epoch")),
          .updates = fields.integer("updates"),
          .batches = fields.integer("batches"),
          .sentences = fields.integer("sentences"),
          .epoch_sentences = fields.integer("epoch-sentences"),
          .tokens = fields.integer("tokens"),
          .seconds = fields.number("seconds")};
}

bool period_passed(const Period& period, const Progress& before, const Progress& now) {
  if (period.count <= 0) return false;
  if (period.unit == Period::Unit::epochs) {
    return std::floor(double(before.epoch - 1) / period.count) != std::floor(double(now.epoch - 1) / period.count);
  }
  return std::floor(before.in(period.unit) / period.count) != std::floor(now.in(period.unit) / period.count);
}

}  // namespace dragoman
