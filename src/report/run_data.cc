#include "report/run_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/run_summary.h"

namespace dragoman {
namespace {

using Json = nlohmann::ordered_json;

/// A number with the digits that a curve needs; null if it is not known.
Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  const double rounded = std::strtod(fmt::format("{:.7g}", value).c_str(), nullptr);
  if (std::abs(rounded) < 1e15 && rounded == std::floor(rounded)) return std::int64_t(rounded);
  return rounded;
}

/// Columns that tell where records are.
Json columns(const std::vector<RunPosition>& positions, std::optional<double> epoch_tokens) {
  Json result = {{"update", Json::array()},
                 {"epoch", Json::array()},
                 {"tokens", Json::array()},
                 {"seconds", Json::array()},
                 {"epochs", Json::array()}};
  for (const RunPosition& at : positions) {
    result["update"].push_back(at.update);
    result["epoch"].push_back(at.epoch);
    result["tokens"].push_back(number(at.tokens));
    result["seconds"].push_back(number(at.seconds));
    result["epochs"].push_back(number(epochs_at(at, epoch_tokens)));
  }
  return result;
}

template <class Point>
std::vector<RunPosition> positions_of(const std::vector<Point>& points) {
  std::vector<RunPosition> result;
  for (const Point& point : points) result.push_back(point.at);
  return result;
}

/// The mean of the numbers that are known.
struct Mean {
  double sum = 0;
  int count = 0;
  void add(double value) {
    if (!std::isfinite(value)) return;
    sum += value;
    ++count;
  }
  double value() const { return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN(); }
};

/// Groups of neighbours averaged, at the place of the last of each.
std::vector<TrainPoint> thinned(const std::vector<TrainPoint>& points, std::size_t most) {
  if (points.size() <= most) return points;
  std::vector<TrainPoint> result;
  for (std::size_t group = 0; group < most; ++group) {
    const std::size_t begin = group * points.size() / most, end = (group + 1) * points.size() / most;
    Mean loss, norm, speed;
    for (std::size_t i = begin; i < end; ++i) {
      loss.add(points[i].loss);
      norm.add(points[i].gradient_norm);
      speed.add(points[i].tokens_per_second);
    }
    TrainPoint& point = result.emplace_back(points[end - 1]);
    point.loss = loss.value();
    point.gradient_norm = norm.value();
    point.tokens_per_second = speed.value();
  }
  return result;
}

Json train_of(const RunHistory& run, std::optional<double> epoch_tokens, std::size_t most) {
  const std::vector<TrainPoint> points = thinned(run.train, most);
  Json result = columns(positions_of(points), epoch_tokens);
  const std::pair<const char*, double TrainPoint::*> values[] = {{"loss", &TrainPoint::loss},
                                                                 {"learning_rate", &TrainPoint::learning_rate},
                                                                 {"gradient_norm", &TrainPoint::gradient_norm},
                                                                 {"tokens_per_second", &TrainPoint::tokens_per_second}};
  for (const auto& [name, member] : values) {
    result[name] = Json::array();
    for (const TrainPoint& point : points) result[name].push_back(number(point.*member));
  }
  return result;
}

Json valid_of(const RunHistory& run, std::optional<double> epoch_tokens) {
  Json result = Json::array();
  for (const MetricSummary& metric : summarize(run).metrics) {
    std::vector<ValidPoint> points;
    for (const ValidPoint& point : run.valid) {
      if (point.metric == metric.metric) points.push_back(point);
    }
    Json one = columns(positions_of(points), epoch_tokens);
    one["metric"] = metric.metric;
    one["value"] = Json::array();
    one["best"] = -1;
    for (std::size_t i = 0; i < points.size(); ++i) {
      one["value"].push_back(number(points[i].value));
      if (metric.best && points[i].at.update == metric.best->at.update) one["best"] = i;
    }
    result.push_back(std::move(one));
  }
  return result;
}

std::set<std::uint64_t> sample_updates(const RunHistory& run) {
  std::set<std::uint64_t> updates;
  for (const SamplePoint& sample : run.samples) updates.insert(sample.at.update);
  return updates;
}

Json samples_of(const RunHistory& run, std::size_t most) {
  const std::set<std::uint64_t> all = sample_updates(run);
  const std::vector<std::uint64_t> updates(all.begin(), all.end());
  std::set<std::uint64_t> kept;
  const std::size_t times = std::min(most, updates.size());
  for (std::size_t i = 0; i < times; ++i) kept.insert(updates[(i + 1) * updates.size() / times - 1]);
  Json result = Json::array();
  std::map<std::tuple<std::uint64_t, std::string, std::string>, std::size_t> places;
  for (const SamplePoint& sample : run.samples) {
    if (!kept.contains(sample.at.update)) continue;
    const auto [found, is_new] =
        places.emplace(std::tuple(sample.line, sample.source, sample.reference), result.size());
    if (is_new) {
      result.push_back({{"line", sample.line},
                        {"source", sample.source},
                        {"reference", sample.reference},
                        {"update", Json::array()},
                        {"epoch", Json::array()},
                        {"output", Json::array()}});
    }
    Json& one = result[found->second];
    one["update"].push_back(sample.at.update);
    one["epoch"].push_back(sample.at.epoch);
    one["output"].push_back(sample.output);
  }
  return result;
}

}  // namespace

std::string run_data_json(const std::vector<RunHistory>& runs, const RunDataLimits& limits) {
  Json all = Json::array();
  for (const RunHistory& run : runs) {
    const std::optional<double> epoch_tokens = tokens_per_epoch(run);
    all.push_back({{"name", run.name},
                   {"train", train_of(run, epoch_tokens, limits.points)},
                   {"valid", valid_of(run, epoch_tokens)},
                   {"samples", samples_of(run, limits.sample_times)},
                   {"resumes", columns(resumes_of(run), epoch_tokens)}});
  }
  const std::string text = Json{{"runs", all}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string result;
  for (const char c : text) {  // neither </script> nor <!-- may stand in a script
    if (c == '<')
      result += "\\u003c";
    else
      result += c;
  }
  return result;
}

bool is_thinned(const std::vector<RunHistory>& runs, const RunDataLimits& limits) {
  return std::any_of(runs.begin(), runs.end(), [&](const RunHistory& run) {
    return run.train.size() > limits.points || sample_updates(run).size() > limits.sample_times;
  });
}

}  // namespace dragoman
