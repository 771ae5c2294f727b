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
  if (found == fields_.end()) fail("{}: there is no setting {}{}", where, shown(name), suggestion(name, names()));
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

}  // namespace dragoman
