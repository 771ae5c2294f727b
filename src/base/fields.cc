#include "base/fields.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <optional>
#include <type_traits>

#include "base/error.h"

namespace dragoman {
namespace {

constexpr std::size_t longest_shown = 60;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return result;
}

/// A text as an error message shows it: quoted and not too long.
std::string shown(const std::string& text) {
  return "'" + (text.size() <= longest_shown ? text : text.substr(0, longest_shown) + "...") + "'";
}

std::optional<bool> parse_bool(const std::string& text) {
  const std::string word = lower(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return std::nullopt;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  return value;
}

template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;

/// Reads single texts of one field, with its limits.
struct Reader {
  const Field& field;
  const std::string& where;

  [[noreturn]] void refuse(const std::string& found) const {
    fail("{}: {}: expected {}, found {}", where, field.name, field.expected(), found);
  }

  void check(const std::string& text) const {
    const FieldLimits& limits = field.limits;
    if (!limits.values.empty() && std::find(limits.values.begin(), limits.values.end(), text) == limits.values.end()) {
      fail("{}: {}: expected {}, found {}{}", where, field.name, field.expected(), shown(text),
           suggestion(text, limits.values));
    }
    if (!limits.check) return;
    try {
      limits.check(text);
    } catch (const Error& e) {
      fail("{}: {}: {}", where, field.name, e.what());
    }
  }

  template <class T>
  T read(const std::string& text) const {
    std::optional<T> value;
    if constexpr (std::is_same_v<T, std::string>) {
      if (text.find('\0') != std::string::npos) refuse("a NUL character");
      value = text;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = parse_bool(text);
    } else if constexpr (std::is_same_v<T, Period>) {
      value = parse_period(text, where + ": " + field.name);
    } else {
      value = parse_number<T>(text);
      if (value && (double(*value) < field.limits.min || double(*value) > field.limits.max)) value.reset();
    }
    if (!value) refuse(shown(text));
    check(text);
    return *value;
  }
};

/// The texts of a value, cut into elements if the field is a list.
std::vector<std::string> elements(const Field& field, const SettingText& value) {
  if (!field.is_list()) return value.texts;
  const bool holds_texts = std::holds_alternative<std::vector<std::string>*>(field.target);
  std::vector<std::string> result;
  for (const auto& text : value.texts) {
    if (!holds_texts || (value.plain && value.texts.size() == 1)) {
      const auto parts = split_words(text, field.limits.separator);
      result.insert(result.end(), parts.begin(), parts.end());
    } else if (field.limits.separator != 0) {
      std::size_t begin = 0;
      for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] != field.limits.separator) continue;
        if (i > begin) result.push_back(text.substr(begin, i - begin));
        begin = i + 1;
      }
    } else {
      result.push_back(text);
    }
  }
  return result;
}

template <class T>
std::string yaml_of(const T& value) {
  if constexpr (is_vector<T>) {
    std::string result;
    for (const auto& element : value) result += (result.empty() ? "" : ", ") + yaml_of(element);
    return "[" + result + "]";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return yaml_quoted(value);
  } else if constexpr (std::is_same_v<T, Period>) {
    return to_string(value);
  } else {
    return fmt::format("{}", value);
  }
}

}  // namespace

bool Field::is_list() const {
  return std::visit([](auto* variable) { return is_vector<std::remove_pointer_t<decltype(variable)>>; }, target);
}

std::string Field::expected() const {
  if (!limits.values.empty()) return (is_list() ? "any of " : "") + join_words(limits.values, " or ");
  const bool has_min = std::isfinite(limits.min), has_max = std::isfinite(limits.max);
  std::string range;
  if (has_min && has_max) range = fmt::format(" from {} to {}", limits.min, limits.max);
  if (has_min && !has_max) range = fmt::format(" of at least {}", limits.min);
  if (!has_min && has_max) range = fmt::format(" of at most {}", limits.max);
  return std::visit(
      [&](auto* variable) -> std::string {
        using T = std::remove_pointer_t<decltype(variable)>;
        if constexpr (std::is_same_v<T, bool>) return "true or false";
        if constexpr (std::is_same_v<T, double>) return "a number" + range;
        if constexpr (std::is_integral_v<T>) return "a whole number" + range;
        if constexpr (std::is_same_v<T, std::string>) return "one text";
        if constexpr (std::is_same_v<T, Period>) return "a period like 1000u, 5Mt or 2e";
        if constexpr (std::is_same_v<T, std::vector<int>>) return "whole numbers" + range;
        if constexpr (std::is_same_v<T, std::vector<double>>) return "numbers" + range;
        return "a list of texts";
      },
      target);
}

std::string Field::yaml() const {
  return std::visit([](auto* variable) { return yaml_of(*variable); }, target);
}

void Fields::add(std::string name, Field::Target target, std::string help, FieldLimits limits) {
  assert(find(name) == nullptr);
  Field field{std::move(name), std::move(help), group_, std::move(limits), target, "", false};
  field.default_yaml = field.yaml();
  fields_.push_back(std::move(field));
}

void Fields::set(const std::string& name, const SettingText& value, const std::string& where) {
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == name; });
  require(found != fields_.end(), "{}: there is no setting {}{}", where, shown(name), suggestion(name, names()));
  Field& field = *found;
  const Reader reader{field, where};

  std::vector<std::string> texts = elements(field, value);
  bool is_off = false;
  if (!field.limits.implicit.empty() && !field.is_flag() && texts.size() == 1) {
    if (lower(texts[0]) == "true")
      texts = field.is_list() ? split_words(field.limits.implicit) : std::vector{field.limits.implicit};
    is_off = lower(texts[0]) == "false";
  }
  std::visit(
      [&](auto* variable) {
        using T = std::remove_pointer_t<decltype(variable)>;
        if constexpr (is_vector<T>) {
          T list;
          if (!is_off) {
            for (const auto& text : texts) list.push_back(reader.read<typename T::value_type>(text));
          }
          *variable = std::move(list);
        } else {
          if (is_off) {
            *variable = T{};
            return;
          }
          if (texts.empty() && std::is_same_v<T, std::string>) texts = {""};
          if (texts.empty()) reader.refuse("nothing");
          if (texts.size() > 1) reader.refuse(fmt::format("{} values", texts.size()));
          *variable = reader.read<T>(texts[0]);
        }
      },
      field.target);
  field.is_given = true;
}

const Field* Fields::find(std::string_view name) const {
  for (const auto& field : fields_) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool Fields::is_given(std::string_view name) const {
  const Field* field = find(name);
  return field != nullptr && field->is_given;
}

std::vector<std::string> Fields::names() const {
  std::vector<std::string> result;
  for (const auto& field : fields_) result.push_back(field.name);
  return result;
}

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

std::string join_words(const std::vector<std::string>& words, std::string_view last) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? std::string(last) : ", ";
    result += words[i].empty() ? "\"\"" : words[i];
  }
  return result;
}

}  // namespace dragoman
