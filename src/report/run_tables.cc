#include "report/run_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "format/option_fields.h"
#include "report/run_page.h"
#include "report/run_summary.h"

namespace dragoman {
namespace {

const char* const dash = "\u2013";

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (int place = int(text.size()) - 3; place > 0; place -= 3) text.insert(std::size_t(place), ",");
  return text;
}

/// The head of a table with a column for each run, in the colours of the curves.
std::string head_of(const std::vector<RunHistory>& runs) {
  std::string html = "<thead><tr><td></td>";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string swatch =
        runs.size() > 1 ? fmt::format("<span class=\"swatch c{} d{}\"></span>", i % 8, i / 8 % 4) : "";
    html += fmt::format("<th scope=\"col\">{}<bdi>{}</bdi></th>", swatch, html_escaped(runs[i].name));
  }
  return html + "</tr></thead>\n";
}

std::string table(const std::vector<RunHistory>& runs, const std::string& rows) {
  return "<div class=\"scroll\" tabindex=\"0\"><table>" + head_of(runs) + "<tbody>\n" + rows +
         "</tbody></table></div>\n";
}

/// A row whose cells are HTML; none if no run has anything to say.
std::string row(const std::string& name, const std::vector<std::string>& cells) {
  if (std::all_of(cells.begin(), cells.end(), [](const auto& cell) { return cell.empty(); })) return "";
  std::string html = "<tr><th scope=\"row\">" + html_escaped(name) + "</th>";
  for (const std::string& cell : cells) html += "<td>" + (cell.empty() ? dash : cell) + "</td>";
  return html + "</tr>\n";
}

std::string small(const std::string& text) { return "<small>" + html_escaped(text) + "</small>"; }

std::string place_text(const RunPosition& at, bool has_epoch) {
  std::string text = "update " + with_commas(at.update);
  if (has_epoch && at.epoch > 0) text += fmt::format(", epoch {}", at.epoch);
  if (std::isfinite(at.seconds)) text += ", " + time_text(at.seconds);
  return text;
}

std::string metric_cell(const RunSummary& summary, const std::string& name) {
  for (const MetricSummary& metric : summary.metrics) {
    if (metric.metric != name) continue;
    if (!metric.best) return number_text(metric.last.value) + small("no best recorded; this is the last");
    std::string cell = "<b>" + number_text(metric.best->value) + "</b>" + small(place_text(metric.best->at, true));
    if (metric.last.at.update != metric.best->at.update) cell += small("last " + number_text(metric.last.value));
    return cell;
  }
  return "";
}

std::string clock_text(const std::string& time) {
  std::string text = html_escaped(time);
  if (const auto t = text.find('T'); t == 10) text[t] = ' ';
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, " UTC");
  return text;
}

/// A value in YAML as it is shown: texts without quotes that say nothing.
const std::string* find(const RunHistory& run, const std::string& name) {
  for (const auto& [key, value] : run.settings) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string setting_row(const std::vector<RunHistory>& runs, const std::string& name, const std::string& help) {
  const std::string* first = nullptr;
  bool differs = false;
  for (const RunHistory& run : runs) {
    const std::string* value = find(run, name);
    if (value == nullptr) continue;
    differs |= first != nullptr && *first != *value;
    if (first == nullptr) first = value;
  }
  std::string html = fmt::format("<tr><th scope=\"row\" title=\"{}\">{}</th>", html_escaped(help), html_escaped(name));
  for (const RunHistory& run : runs) {
    const std::string* value = find(run, name);
    html += fmt::format("<td class=\"value{}\" dir=\"auto\">{}</td>", differs ? " differs" : "",
                        value != nullptr ? html_escaped(*value) : dash);
  }
  return html + "</tr>\n";
}

}  // namespace

std::string number_text(double value) {
  if (!std::isfinite(value)) return dash;
  const double size = std::abs(value);
  if (size >= 1e6) return fmt::format("{:.4g}M", value / 1e6);
  if (size >= 1000) return (value < 0 ? "\u2212" : "") + with_commas(std::uint64_t(std::llround(size)));
  return fmt::format("{:.4g}", value);
}

std::string time_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return dash;
  if (seconds < 60) return fmt::format("{:.3g} s", seconds);
  const auto whole = std::uint64_t(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  const auto minutes = std::uint64_t(std::llround(seconds / 60));
  return fmt::format("{} h {} min", with_commas(minutes / 60), minutes % 60);
}

std::string summary_table(const std::vector<RunHistory>& runs) {
  std::vector<RunSummary> summaries;
  std::vector<std::string> metrics;
  for (const RunHistory& run : runs) {
    summaries.push_back(summarize(run));
    for (const MetricSummary& metric : summaries.back().metrics) {
      if (std::find(metrics.begin(), metrics.end(), metric.metric) == metrics.end()) metrics.push_back(metric.metric);
    }
  }
  std::string rows;
  const auto add = [&](const std::string& name, const std::function<std::string(const RunSummary&)>& cell) {
    std::vector<std::string> cells;
    for (const RunSummary& summary : summaries) cells.push_back(cell(summary));
    rows += row(name, cells);
  };
  const auto known = [](double value, const std::string& text) { return std::isfinite(value) ? text : std::string(); };
  for (const std::string& metric : metrics) {
    add("best " + metric, [&](const RunSummary& s) { return metric_cell(s, metric); });
  }
  add("last training loss", [&](const RunSummary& s) { return known(s.last_loss, number_text(s.last_loss)); });
  add("updates", [](const RunSummary& s) { return with_commas(s.end.update); });
  add("epochs", [&](const RunSummary& s) {
    if (std::isfinite(s.epochs)) return fmt::format("{:.2f}", s.epochs);
    return s.end.epoch > 0 ? fmt::format("in epoch {}", s.end.epoch) : std::string();
  });
  add("target tokens", [&](const RunSummary& s) { return known(s.end.tokens, number_text(s.end.tokens)); });
  add("training time", [&](const RunSummary& s) { return known(s.end.seconds, time_text(s.end.seconds)); });
  add("tokens per second",
      [&](const RunSummary& s) { return known(s.tokens_per_second, number_text(s.tokens_per_second)); });
  add("began", [](const RunSummary& s) { return clock_text(s.began); });
  add("ended", [](const RunSummary& s) { return clock_text(s.ended); });
  add("state", [](const RunSummary& s) { return html_escaped(s.state); });
  const bool has_story = std::any_of(summaries.begin(), summaries.end(),
                                     [](const RunSummary& s) { return !s.state.empty() || !s.resumes.empty(); });
  if (has_story) {
    add("continued", [](const RunSummary& s) {
      if (s.resumes.empty()) return std::string("never");
      std::string cell = s.resumes.size() > 1 ? fmt::format("{} times", s.resumes.size()) : "once";
      const std::size_t shown = std::min<std::size_t>(5, s.resumes.size());
      for (std::size_t i = 0; i < shown; ++i) cell += small(s.resumes[i]);
      if (shown < s.resumes.size()) cell += small("\u2026");
      return cell;
    });
  }
  add("skipped batches", [&](const RunSummary& s) { return known(s.skipped, number_text(s.skipped)); });
  return table(runs, rows);
}

std::string settings_tables(const std::vector<RunHistory>& runs) {
  TrainSettings defaults;
  const Fields fields = describe(defaults);
  std::map<std::string, std::string> texts_of;
  std::vector<std::string> names;  // ours in the order of the help, then those of other versions
  for (const Field& field : fields.all()) names.push_back(field.name);
  for (const RunHistory& run : runs) {
    for (const auto& [name, value] : run.settings) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::string told, folded;
  for (const std::string& name : names) {
    const Field* field = fields.find(name);
    bool is_known = false, is_default = true;
    for (const RunHistory& run : runs) {
      const std::string* value = find(run, name);
      is_known |= value != nullptr;
      is_default &= value == nullptr || (field != nullptr && *value == field->default_yaml);
    }
    if (is_known) (is_default ? folded : told) += setting_row(runs, name, field != nullptr ? field->help : "");
  }
  if (told.empty() && folded.empty()) return "<p class=\"note\">None are recorded.</p>\n";
  std::string html;
  if (!told.empty()) html += "<p class=\"note\">Those that are not the defaults.</p>\n" + table(runs, told);
  if (!folded.empty()) {
    html += "<details><summary>Defaults that were in force</summary>\n" + table(runs, folded) + "</details>\n";
  }
  return html;
}

}  // namespace dragoman
