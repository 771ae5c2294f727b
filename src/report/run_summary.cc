#include "report/run_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace dragoman {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

/// All positions of a run, in no order.
std::vector<RunPosition> positions_of(const RunHistory& run) {
  std::vector<RunPosition> all;
  for (const auto& point : run.train) all.push_back(point.at);
  for (const auto& point : run.valid) all.push_back(point.at);
  for (const auto& event : run.events) all.push_back(event.at);
  return all;
}

void add_to(std::vector<MetricSummary>& metrics, const ValidPoint& point) {
  auto found = std::find_if(metrics.begin(), metrics.end(), [&](const auto& m) { return m.metric == point.metric; });
  if (found == metrics.end()) found = metrics.insert(metrics.end(), {point.metric, {}, point});
  found->last = point;
  if (point.is_best && std::isfinite(point.value)) found->best = point;
}

std::string end_in_words(const std::string& reason) {
  return reason == "finished" ? "finished" : "stopped by " + (reason.empty() ? "something unknown" : reason);
}

/// States and resumes from what the program recorded of its starts and ends.
void follow_events(const RunHistory& run, RunSummary& summary) {
  const RunEvent* before = nullptr;
  for (const RunEvent& event : run.events) {
    if (event.kind == RunEvent::Kind::start && summary.began.empty()) summary.began = event.time;
    if (event.kind != RunEvent::Kind::end && (before != nullptr || event.kind == RunEvent::Kind::rewind)) {
      const bool was_ended = before != nullptr && before->kind == RunEvent::Kind::end;
      const std::string why = was_ended
                                  ? (before->reason == "finished" ? "with a later end" : "after " + before->reason)
                                  : "after it was killed";
      summary.resumes.push_back(
          fmt::format("at update {}{}", event.at.update, event.kind == RunEvent::Kind::start ? ", " + why : ""));
    }
    if (event.kind != RunEvent::Kind::rewind) before = &event;
  }
  if (before == nullptr) return;
  if (before->kind == RunEvent::Kind::end) {
    summary.state = end_in_words(before->reason);
    summary.ended = before->time;
  } else {
    summary.state = "running, or killed";
  }
}

}  // namespace

std::optional<double> tokens_per_epoch(const RunHistory& run) {
  // With T tokens in an epoch, a record of epoch e has tokens between (e - 1) T and e T.
  double least = 0, most = std::numeric_limits<double>::infinity();
  for (const RunPosition& at : positions_of(run)) {
    if (!(at.tokens > 0) || at.epoch == 0) continue;
    least = std::max(least, at.tokens / double(at.epoch));
    if (at.epoch > 1) most = std::min(most, at.tokens / double(at.epoch - 1));
  }
  if (!std::isfinite(most)) return {};
  return (least + most) / 2;
}

double epochs_at(const RunPosition& at, std::optional<double> tokens_per_epoch) {
  if (!tokens_per_epoch || at.epoch == 0 || !std::isfinite(at.tokens)) return not_known;
  // Segmentations that are sampled make epochs differ a little in length.
  return std::clamp(at.tokens / *tokens_per_epoch, double(at.epoch - 1), double(at.epoch));
}

std::vector<RunPosition> resumes_of(const RunHistory& run) {
  std::vector<RunPosition> result;
  for (const RunEvent& event : run.events) {
    if (event.kind != RunEvent::Kind::end && event.at.update > 0) result.push_back(event.at);
  }
  return result;
}

RunSummary summarize(const RunHistory& run) {
  RunSummary summary;
  for (const RunPosition& at : positions_of(run)) {
    if (at.update >= summary.end.update) summary.end = at;
  }
  summary.epochs = epochs_at(summary.end, tokens_per_epoch(run));
  const bool has_time = summary.end.seconds > 0 && summary.end.tokens > 0;
  summary.tokens_per_second = has_time ? summary.end.tokens / summary.end.seconds : not_known;
  summary.last_loss = run.train.empty() ? not_known : run.train.back().loss;
  summary.skipped = run.train.empty() ? not_known : run.train.back().skipped;
  for (const ValidPoint& point : run.valid) add_to(summary.metrics, point);
  follow_events(run, summary);
  return summary;
}

}  // namespace dragoman
