#include "server/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "server/form.h"
#include "text/cleaning.h"

namespace dragoman {
namespace {

Json object_of_form(const FormFields& fields) {
  Json object = Json::object();
  for (auto [name, value] : fields) {
    // JSON's reader makes sure of that itself.
    if (repair_utf8(name) || repair_utf8(value)) throw HttpError{400, "Invalid form: it is not UTF-8"};
    if (!object.contains(name)) {
      object[name] = value;
    } else if (object[name].is_array()) {  // given again: a list
      object[name].push_back(value);
    } else {
      object[name] = Json::array({object[name], value});
    }
  }
  return object;
}

Json read_object(const Request& request) {
  const std::string* encoding = request.header("Content-Encoding");
  if (encoding != nullptr && *encoding != "identity") throw HttpError{415, "compressed bodies are not read here"};
  const std::string* type = request.header("Content-Type");
  const HeaderValue content = parse_header_value(type == nullptr ? "" : *type, "boundary");
  if (content.value == "application/json") {
    Json object = Json::parse(request.body, nullptr, false);
    if (object.is_discarded()) throw HttpError{400, "Invalid JSON format"};
    if (!object.is_object()) throw HttpError{400, "Invalid JSON format: expected an object"};
    return object;
  }
  if (content.value == "application/x-www-form-urlencoded") return object_of_form(parse_urlencoded(request.body));
  if (content.value == "multipart/form-data") return object_of_form(parse_multipart(request.body, content.parameter));
  throw HttpError{415,
                  "expected Content-Type application/json, application/x-www-form-urlencoded or multipart/form-data"};
}

[[noreturn]] void refuse(const char* name, const std::string& expected) {
  throw HttpError{400, fmt::format("Invalid request: {}: expected {}", name, expected)};
}

}  // namespace

Parameters::Parameters(const Request& request) : object_(read_object(request)) {}

std::string Parameters::text(const char* name) const {
  if (!has(name)) throw HttpError{400, fmt::format("Invalid request: missing {} parameter", name)};
  if (!object_[name].is_string()) refuse(name, "a text");
  return object_[name].get<std::string>();
}

std::string Parameters::text(const char* name, const std::string& when_missing) const {
  return has(name) ? text(name) : when_missing;
}

std::optional<int> Parameters::number(const char* name, int min, int max) const {
  if (!has(name)) return std::nullopt;
  const Json& value = object_[name];
  std::optional<std::int64_t> number;
  if (value.is_number_unsigned()) {
    number = std::int64_t(std::min<std::uint64_t>(value.get<std::uint64_t>(), INT64_MAX));
  } else if (value.is_number_integer()) {
    number = value.get<std::int64_t>();
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    int read = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (error == std::errc() && end == text.data() + text.size()) number = read;
  }
  if (!number || *number < min || *number > max) refuse(name, fmt::format("a whole number from {} to {}", min, max));
  return int(*number);
}

std::vector<std::string> Parameters::texts(const char* name) const {
  if (!has(name)) throw HttpError{400, fmt::format("Invalid request: missing {} parameter", name)};
  const Json& value = object_[name];
  if (value.is_string()) return {value.get<std::string>()};
  const auto is_text = [](const Json& element) { return element.is_string(); };
  if (!value.is_array() || !std::all_of(value.begin(), value.end(), is_text)) refuse(name, "a text or a list of texts");
  return value.get<std::vector<std::string>>();
}

std::int64_t count_characters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace dragoman
