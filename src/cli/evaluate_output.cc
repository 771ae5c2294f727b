#include "cli/evaluate_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace dragoman {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value, int width) { return std::strtod(fmt::format("{:.{}f}", value, width).c_str(), nullptr); }

Json to_json(const MetricScore& score, int width) {
  Json json{{"name", score.name}, {"score", rounded(score.value, width)}, {"signature", score.signature}};
  if (score.confidence) {
    const auto& [mean, half_width, samples, seed] = *score.confidence;
    json["confidence_mean"] = rounded(mean, width);
    json["confidence_var"] = rounded(half_width, width);
    json["confidence"] = fmt::format("μ = {:.{}f} ± {:.{}f}", mean, width, half_width, width);
  }
  if (!score.details.empty()) json["verbose_score"] = score.details;
  for (std::size_t start = 0; start < score.signature.size();) {
    const std::size_t end = std::min(score.signature.find('|', start), score.signature.size());
    const std::string field = score.signature.substr(start, end - start);
    const std::size_t colon = field.find(':');
    json[field.substr(0, colon)] = field.substr(colon + 1);
    start = end + 1;
  }
  return json;
}

/// Columns of a terminal that `text` takes; here only "μ" and "±" are more bytes than columns.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

void print_scores(std::ostream& out, std::span<const MetricScore> scores, const EvaluateFormat& format) {
  if (format.json) {
    Json all = Json::array();
    for (const MetricScore& score : scores) all.push_back(to_json(score, format.width));
    out << (scores.size() == 1 ? all[0] : all).dump(1) << '\n';
    return;
  }
  // The signs of equality stand below one another.
  std::vector<std::string> lines;
  std::size_t longest = 0;
  for (const MetricScore& score : scores) {
    lines.push_back(format.score_only ? score.format_value(format.width) : score.format(format.width));
    longest = std::max(longest, format.score_only ? 0 : lines.back().find(" = "));
  }
  for (const std::string& line : lines) {
    out << std::string(format.score_only ? 0 : longest - line.find(" = "), ' ') << line << '\n';
  }
}

void print_sentence(std::ostream& out, std::size_t line, std::span<const MetricScore> scores,
                    const EvaluateFormat& format) {
  if (format.json) {
    Json json{{"line", line}};
    for (const MetricScore& score : scores) json[score.name] = rounded(score.value, format.width);
    out << json.dump() << '\n';
    return;
  }
  std::string text;
  for (const MetricScore& score : scores) {
    if (!text.empty()) text += '\t';
    text += format.score_only ? score.format_value(format.width) : score.format(format.width);
  }
  out << text << '\n';
}

void print_systems(std::ostream& out, std::span<const SystemScores> systems, const EvaluateFormat& format) {
  if (format.json) {
    Json all = Json::array();
    for (const SystemScores& system : systems) {
      Json json{{"system", system.name}};
      for (std::size_t m = 0; m < system.scores.size(); ++m) {
        const MetricScore& score = system.scores[m];
        Json& entry = json[score.name];
        entry["score"] = rounded(score.value, format.width);
        entry["p_value"] = system.p_values.empty() ? Json() : Json(system.p_values[m]);
        entry["mean"] = rounded(score.confidence->mean, format.width);
        entry["ci"] = rounded(score.confidence->half_width, format.width);
        entry["signature"] = score.signature;
      }
      all.push_back(json);
    }
    out << all.dump(1) << '\n';
    return;
  }
  std::vector<std::vector<std::string>> table;
  if (!format.score_only) {
    table.push_back({"System"});
    for (const MetricScore& score : systems[0].scores) table.back().push_back(score.name + " (μ ± 95% CI)");
  }
  for (const SystemScores& system : systems) {
    table.push_back({system.p_values.empty() ? "Baseline: " + system.name : system.name});
    for (std::size_t m = 0; m < system.scores.size(); ++m) {
      const MetricScore& score = system.scores[m];
      std::string cell = fmt::format("{:.{}f} ({:.{}f} ± {:.{}f})", score.value, format.width, score.confidence->mean,
                                     format.width, score.confidence->half_width, format.width);
      if (!system.p_values.empty()) {
        cell += fmt::format(" (p = {:.4f}){}", system.p_values[m], system.p_values[m] < 0.05 ? "*" : "");
      }
      table.back().push_back(cell);
    }
  }
  for (const auto& row : table) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      std::size_t widest = 0;
      for (const auto& other : table) widest = std::max(widest, columns(other[c]));
      line += row[c];
      if (c + 1 < row.size()) line += std::string(widest - columns(row[c]) + 2, ' ');
    }
    out << line << '\n';
  }
  if (format.score_only) return;
  out << "\n* different from the baseline with p < 0.05, by paired bootstrap resampling of "
      << systems[0].scores[0].confidence->samples << " samples\n";
  for (const MetricScore& score : systems[0].scores) out << score.name << '|' << score.signature << '\n';
}

}  // namespace dragoman
