#include "base/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace dragoman {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return result;
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest = 64;  // no setting has a longer name, and the table below grows with the square
  std::string a = lower(name);
  if (a.empty() || a.size() > longest) return "";
  std::replace(a.begin(), a.end(), '_', '-');
  // Costs are twice the number of errors, so that the beginning of a longer name can count as half an error.
  const std::size_t tolerated = 2 * std::max<std::size_t>(1, (a.size() + 1) / 3) + 1;
  std::string best;
  std::size_t best_cost = tolerated + 1;
  for (const auto& candidate : candidates) {
    const std::string b = lower(candidate);
    if (b.empty() || b.size() > longest) continue;
    // Optimal string alignment (Damerau 1964, Levenshtein 1966): errors[i][j] turn a[:i] into b[:j].
    std::vector<std::vector<std::size_t>> errors(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
      for (std::size_t j = 0; j <= b.size(); ++j) {
        auto& e = errors[i][j];
        e = i + j;
        if (i == 0 || j == 0) continue;
        e = std::min({errors[i - 1][j] + 1, errors[i][j - 1] + 1, errors[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) e = std::min(e, errors[i - 2][j - 2] + 1);
      }
    }
    std::size_t cost = 2 * errors[a.size()][b.size()];
    if (cost >= 2 * std::min(a.size(), b.size())) cost = best_cost;  // nothing is common
    if (a.size() >= 3 && b.size() > a.size()) cost = std::min(cost, 2 * errors[a.size()][a.size()] + 1);
    if (cost < best_cost) {
      best_cost = cost;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string best = nearest_name(name, candidates);
  return best.empty() ? "" : "; did you mean '" + best + "'?";
}

std::string yaml_quoted(const std::string& text) {
  const auto is_plain = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '/' || c == '-' || c == '+' || c >= 0x80;
  };
  const std::string word = lower(text);
  if (!text.empty() && text[0] != '-' && std::all_of(text.begin(), text.end(), is_plain) && word != "null" &&
      word != "true" && word != "false") {
    return text;
  }
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::vector<std::string> split_words(std::string_view text, char separator) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool splits = c == ' ' || c == '\t' || c == '\n' || c == '\r' || (separator != 0 && c == separator);
    if (!splits) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string> lines_of(std::string_view content) {
  std::vector<std::string> lines;
  while (!content.empty()) {
    const std::size_t end = content.find('\n');
    lines.emplace_back(content.substr(0, end));
    content = end == std::string_view::npos ? std::string_view() : content.substr(end + 1);
  }
  const bool all_end_in_cr = std::all_of(lines.begin(), lines.end(),
                                         [](const std::string& line) { return !line.empty() && line.back() == '\r'; });
  if (all_end_in_cr) {
    for (std::string& line : lines) line.pop_back();
  }
  return lines;
}

std::string join_words(const std::vector<std::string>& words, std::string_view last) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? std::string(last) : ", ";
    result += words[i].empty() ? "\"\"" : words[i];
  }
  return result;
}

}  // namespace dragoman
