#include "markup/numbers.h"

#include <utf8proc.h>

#include <algorithm>
#include <unordered_map>

#include "text/metrics/characters.h"

namespace dragoman {
namespace {

constexpr int largest_word = 12;  // numbers that languages like to write as words

bool is_digit(char32_t c) { return utf8proc_category(utf8proc_int32_t(c)) == UTF8PROC_CATEGORY_ND; }

/// Unicode gives each script's digits ten places in order; those of one block that follow another's are even with it.
char ascii_digit(char32_t c) {
  char32_t first = c;
  while (is_digit(first - 1)) --first;
  return char('0' + (c - first) % 10);
}

bool is_space(char32_t c) { return c == ' ' || c == 0xA0 || c == 0x2009 || c == 0x202F; }
bool is_separator(char32_t c) {
  return c == '.' || c == ',' || c == '\'' || c == 0x2019 || c == 0x66B || c == 0x66C || is_space(c);
}

/// A number as it may be meant: with the last separator before decimals, or none.
struct Number {
  std::string written;
  std::vector<std::string> values = {};

  bool is_small() const { return values.size() == 1 && values[0].size() <= 2 && std::stoi(values[0]) <= largest_word; }
};

struct Groups {
  std::vector<std::string> digits;
  std::vector<char32_t> separators;  ///< between them
};

/// "1,234" can be 1234 and 1.234; "12.5" only 12.5; "1.234.567,8" only 1234567.8.
Number number_of(const Groups& groups, std::string written) {
  Number number = {std::move(written)};
  const auto join = [&](std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t i = from; i < to; ++i) text += groups.digits[i];
    text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
    return text;
  };
  const auto& digits = groups.digits;
  const std::size_t n = digits.size();
  const bool last_is_thousands = n > 1 && digits[n - 1].size() == 3;
  const bool same_separators = std::all_of(groups.separators.begin(), groups.separators.end(),
                                           [&](char32_t c) { return c == groups.separators[0]; });
  if (n == 1 || (last_is_thousands && same_separators)) number.values.push_back(join(0, n));
  const bool decimal =
      n > 1 && !is_space(groups.separators.back()) && (n == 2 || groups.separators[n - 2] != groups.separators[n - 3]);
  if (decimal) {
    std::string fraction = digits[n - 1];
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    number.values.push_back(join(0, n - 1) + (fraction.empty() ? "" : "." + fraction));
  }
  if (number.values.empty()) number.values.push_back(join(0, n));
  return number;
}

/// Whether groups can be one number: all but the first and the decimals have three digits.
bool is_one_number(const Groups& groups) {
  const std::size_t n = groups.digits.size();
  if (n == 1) return true;
  for (std::size_t i = 1; i + 1 < n; ++i) {
    if (groups.digits[i].size() != 3) return false;
  }
  if (n > 2 && groups.digits[0].size() > 3) return false;
  if (is_space(groups.separators.back())) return groups.digits[n - 1].size() == 3 && groups.digits[0].size() <= 3;
  if (n > 2 && groups.separators[n - 2] == groups.separators[n - 3]) return groups.digits[n - 1].size() == 3;
  return true;
}

std::vector<Number> numbers_of(std::string_view text) {
  std::vector<Number> numbers;
  Groups groups;
  std::size_t begin = 0, end = 0;
  const auto finish = [&] {
    if (groups.digits.empty()) return;
    if (is_one_number(groups)) {
      numbers.push_back(number_of(groups, std::string(text.substr(begin, end - begin))));
    } else {
      for (const std::string& digits : groups.digits) numbers.push_back(number_of({{digits}, {}}, digits));
    }
    groups = {};
  };
  char32_t separator = 0;
  std::size_t separator_end = text.size() + 1;
  bool within = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    const char32_t c = python::next_character(text, at);
    if (is_digit(c)) {
      if (within) {
        groups.digits.back() += ascii_digit(c);
      } else {
        const bool continues = !groups.digits.empty() && separator_end == here;
        if (continues) {
          groups.separators.push_back(separator);
        } else {
          finish();
          begin = here;
        }
        groups.digits.emplace_back(1, ascii_digit(c));
      }
      within = true;
      end = at;
      continue;
    }
    if (within && is_separator(c)) {
      separator = c;
      separator_end = at;
    }
    within = false;
  }
  finish();
  return numbers;
}

}  // namespace

NumberDifferences compare_numbers(std::string_view source, std::string_view translation) {
  const std::vector<Number> expected = numbers_of(source), found = numbers_of(translation);
  std::unordered_map<std::string, std::vector<std::size_t>> with_value;  // the first of them last
  for (std::size_t i = found.size(); i > 0; --i) {
    for (const std::string& value : found[i - 1].values) with_value[value].push_back(i - 1);
  }
  std::vector<bool> matched(found.size(), false);
  const auto match = [&](const Number& number) {
    for (const std::string& value : number.values) {
      std::vector<std::size_t>& candidates = with_value[value];
      while (!candidates.empty()) {
        const std::size_t candidate = candidates.back();
        candidates.pop_back();
        if (matched[candidate]) continue;
        matched[candidate] = true;
        return true;
      }
    }
    return false;
  };
  NumberDifferences differences;
  for (const Number& number : expected) {
    if (!match(number) && !number.is_small()) differences.missing.push_back(number.written);
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!matched[i] && !found[i].is_small()) differences.invented.push_back(found[i].written);
  }
  return differences;
}

}  // namespace dragoman
