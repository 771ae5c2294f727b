#include "report/run_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace dragoman {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

/// What stands in a file, short and on one line.
std::string quoted(const nlohmann::ordered_json& value) {
  std::string text = value.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

}  // namespace

void LineWarnings::add(std::size_t line, const std::string& what) {
  Count& count = kinds_[what];
  if (count.lines++ == 0) count.first = line;
}

std::vector<std::string> LineWarnings::texts() const {
  std::vector<std::pair<std::size_t, std::string>> sorted;
  for (const auto& [what, count] : kinds_) {
    std::string text = fmt::format("{} line {}: {}", path_, count.first, what);
    if (count.lines > 1) text += fmt::format(" (and {} more line{})", count.lines - 1, count.lines > 2 ? "s" : "");
    sorted.emplace_back(count.first, std::move(text));
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> result;
  for (auto& [line, text] : sorted) result.push_back(std::move(text));
  return result;
}

void RecordFields::complain(const char* name, const char* expected) const {
  const auto found = record_.find(name);
  warnings_.add(line_, found == record_.end()
                           ? fmt::format("field '{}': expected {}, found none", name, expected)
                           : fmt::format("field '{}': expected {}, found {}", name, expected, quoted(*found)));
}

double RecordFields::number(const char* name) const {
  const auto found = record_.find(name);
  if (found == record_.end() || (!found->is_number() && !found->is_null())) complain(name, "a number");
  return found != record_.end() && found->is_number() ? found->get<double>() : not_known;
}

double RecordFields::optional_number(const char* name) const {
  return record_.contains(name) ? number(name) : not_known;
}

std::optional<std::string> RecordFields::text(const char* name) const {
  const auto found = record_.find(name);
  if (found != record_.end() && found->is_string()) return found->get<std::string>();
  complain(name, "a text");
  return {};
}

std::optional<std::uint64_t> RecordFields::count(const char* name) const {
  const auto found = record_.find(name);
  if (found != record_.end() && found->is_number_unsigned()) return found->get<std::uint64_t>();
  complain(name, "a whole number from 0");
  return {};
}

std::optional<RunPosition> RecordFields::position() const {
  const auto update = count("update");
  if (!update) return {};
  const auto epoch = record_.contains("epoch") ? count("epoch") : std::nullopt;
  return RunPosition{
      .epoch = epoch.value_or(0), .update = *update, .tokens = number("tokens"), .seconds = number("seconds")};
}

}  // namespace dragoman
