#include "train/early_stop.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace dragoman {

bool higher_is_better(const std::string& metric) {
  return metric != "cross-entropy" && metric != "ce-mean-words" && metric != "ce-mean" && metric != "ce-sum" &&
         metric != "perplexity";
}

StopOn parse_stop_on(const std::string& text) {
  if (text == "first") return StopOn::first;
  if (text == "all") return StopOn::all;
  require(text == "any", "early-stopping-on: '{}', expected first, all or any", text);
  return StopOn::any;
}

EarlyStop::EarlyStop(std::vector<std::string> metrics, std::uint64_t patience, StopOn on)
    : patience_(patience), on_(on) {
  for (std::string& metric : metrics) records_.emplace_back().metric = std::move(metric);
}

std::size_t EarlyStop::index_of(const std::string& metric) const {
  const auto found =
      std::find_if(records_.begin(), records_.end(), [&](const Record& r) { return r.metric == metric; });
  assert(found != records_.end());
  return std::size_t(found - records_.begin());
}

Verdict EarlyStop::report(const std::string& metric, double value) {
  Record& r = records_[index_of(metric)];
  const bool better = !r.has_best || (higher_is_better(metric) ? value > r.best : value < r.best);
  if (better && !std::isnan(value)) {
    r.has_best = true;
    r.best = value;
    r.stalled = 0;
    return {true, 0, value};
  }
  ++r.stalled;
  return {false, r.stalled, r.has_best ? r.best : std::numeric_limits<double>::quiet_NaN()};
}

bool EarlyStop::should_stop() const {
  if (patience_ == 0 || records_.empty()) return false;
  const auto is_over = [&](const Record& r) { return r.stalled >= patience_; };
  switch (on_) {
    case StopOn::first:
      return is_over(records_.front());
    case StopOn::all:
      return std::all_of(records_.begin(), records_.end(), is_over);
    case StopOn::any:
      return std::any_of(records_.begin(), records_.end(), is_over);
  }
  return false;
}

std::uint64_t EarlyStop::stalled(const std::string& metric) const { return records_[index_of(metric)].stalled; }

void EarlyStop::reset_stalled() {
  for (Record& r : records_) r.stalled = 0;
}

void EarlyStop::save(SavedFields& fields) const {
  for (const Record& r : records_) {
    if (r.has_best) fields.set_number("valid." + r.metric + ".best", r.best);
    fields.set_integer("valid." + r.metric + ".stalled", r.stalled);
  }
}

void EarlyStop::restore(const SavedFields& fields) {
  for (Record& r : records_) {
    const std::string prefix = "valid." + r.metric;
    if (!fields.contains(prefix + ".stalled")) continue;
    r.stalled = fields.integer(prefix + ".stalled");
    r.has_best = fields.contains(prefix + ".best");
    if (r.has_best) r.best = fields.number(prefix + ".best");
  }
}

}  // namespace dragoman
