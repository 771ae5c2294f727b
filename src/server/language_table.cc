#include "server/language_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/language_names.h"
#include "base/words.h"
#include "server/http.h"

namespace dragoman {
namespace {

constexpr std::size_t longest_code = 35;

/// What a message may repeat of a code: it came from a client and could be anything.
std::string shown(const std::string& code) {
  const bool is_code =
      !code.empty() && code.size() <= longest_code && std::all_of(code.begin(), code.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      });
  return is_code ? code : "this language";
}

std::string find(const std::string& code, const std::vector<std::string>& codes, const char* side) {
  const auto find_if = [&](auto&& is_same) { return std::find_if(codes.begin(), codes.end(), is_same); };
  auto found = find_if([&](const std::string& other) { return other == code; });
  if (found == codes.end()) found = find_if([&](const std::string& other) { return equal_ignoring_case(other, code); });
  if (found == codes.end() && code.size() <= longest_code) {
    const std::string primary = primary_language(code);
    const auto is_same = [&](const std::string& other) { return primary_language(other) == primary; };
    const auto first = find_if(is_same);
    const bool is_general = code.size() == primary.size();  // never one country's for another's
    if (first != codes.end() && (is_general || *first == primary) &&
        std::find_if(first + 1, codes.end(), is_same) == codes.end()) {
      found = first;
    }
  }
  if (found != codes.end()) return *found;
  throw HttpError{400, fmt::format("{} is not supported as {} language: there are models for {}", shown(code), side,
                                   join_words(codes))};
}

}  // namespace

LanguageTable::LanguageTable(std::vector<TranslationDirection> directions) : directions_(std::move(directions)) {
  std::set<std::string> sources, targets;
  for (const TranslationDirection& direction : directions_) {
    sources.insert(direction.source);
    targets.insert(direction.target);
  }
  sources_.assign(sources.begin(), sources.end());
  targets_.assign(targets.begin(), targets.end());
}

std::string LanguageTable::find_source(const std::string& code) const { return find(code, sources_, "source"); }
std::string LanguageTable::find_target(const std::string& code) const { return find(code, targets_, "target"); }

void LanguageTable::check_known(const std::string& code) const {
  if (std::find(sources_.begin(), sources_.end(), code) == sources_.end()) find_target(code);
}

bool LanguageTable::has(const std::string& source, const std::string& target) const {
  return std::any_of(directions_.begin(), directions_.end(),
                     [&](const TranslationDirection& d) { return d.source == source && d.target == target; });
}

void LanguageTable::check(const std::string& source, const std::string& target) const {
  if (has(source, target)) return;
  std::vector<std::string> reached;
  for (const TranslationDirection& direction : directions_) {
    if (direction.source == source) reached.push_back(direction.target);
  }
  throw HttpError{400, fmt::format("{} ({}) is not available as a target language from {} ({}): there is {}",
                                   language_name(target), target, language_name(source), source, join_words(reached))};
}

Json LanguageTable::json() const {
  std::set<std::string> codes(sources_.begin(), sources_.end());
  codes.insert(targets_.begin(), targets_.end());
  Json list = Json::array();
  for (const auto& code : codes) {
    Json language{{"code", code}, {"name", language_name(code)}, {"targets", Json::array()}};
    for (const TranslationDirection& direction : directions_) {
      if (direction.source != code) continue;
      language["targets"].push_back(direction.target);
      if (!direction.pivot.empty()) language["pivots"][direction.target] = direction.pivot;
    }
    list.push_back(std::move(language));
  }
  return list;
}

}  // namespace dragoman
