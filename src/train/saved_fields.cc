#include "train/saved_fields.h"

#include <charconv>

#include "base/error.h"

namespace dragoman {
namespace {

template <class T>
T parsed(const std::string& text, const std::string& where, const std::string& name, const char* kind) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(error == std::errc() && end == text.data() + text.size(), "{}: '{}' is '{}', expected {}", where, name,
          text.substr(0, 60), kind);
  return value;
}

}  // namespace

void SavedFields::set_integer(const std::string& name, std::uint64_t value) { texts_[name] = std::to_string(value); }

void SavedFields::set_number(const std::string& name, double value) { texts_[name] = fmt::format("{}", value); }

const std::string& SavedFields::text(const std::string& name) const {
  const auto found = texts_.find(name);
  require(found != texts_.end(), "{}: '{}' is missing", where_, name);
  return found->second;
}

std::uint64_t SavedFields::integer(const std::string& name, std::uint64_t most) const {
  const auto value = parsed<std::uint64_t>(text(name), where_, name, "an integer from 0");
  require(value <= most, "{}: '{}' is {}, expected at most {}", where_, name, value, most);
  return value;
}

double SavedFields::number(const std::string& name) const {
  return parsed<double>(text(name), where_, name, "a number");
}

}  // namespace dragoman
