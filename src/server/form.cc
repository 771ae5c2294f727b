#include "server/form.h"

#include <algorithm>
#include <optional>

#include "server/http.h"

namespace dragoman {
namespace {

constexpr std::size_t most_fields = 10'000;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) throw HttpError{400, "Invalid form: % without two hexadecimal digits"};
      result += char(high * 16 + low);
      i += 2;
    }
  }
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void add_field(FormFields& fields, std::string name, std::string value) {
  if (fields.size() >= most_fields) throw HttpError{400, "Invalid form: too many fields"};
  fields.emplace_back(std::move(name), std::move(value));
}

/// The name of a part of a form, from its header lines.
std::string part_name(std::string_view head) {
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !equal_ignoring_case(line.substr(0, colon), "Content-Disposition")) continue;
    const HeaderValue name = parse_header_value(line.substr(colon + 1), "name");
    if (name.value != "form-data" || name.parameter.empty()) break;
    if (!parse_header_value(line.substr(colon + 1), "filename").parameter.empty()) {
      throw HttpError{400, "Invalid form: files are not taken here; send their text as q"};
    }
    return name.parameter;
  }
  throw HttpError{400, "Invalid form: a part without a name"};
}

}  // namespace

HeaderValue parse_header_value(std::string_view text, std::string_view parameter) {
  HeaderValue result;
  auto end = std::min(text.find(';'), text.size());
  result.value = trim(text.substr(0, end));
  for (char& c : result.value) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  while (end < text.size()) {
    text.remove_prefix(end + 1);
    const auto equals = std::min(text.find('='), text.size());
    const std::string_view name = trim(text.substr(0, equals));
    std::string value;
    if (equals + 1 < text.size() && text[equals + 1] == '"') {
      std::size_t i = equals + 2;
      for (; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        value += text[i];
      }
      end = std::min(text.find(';', std::min(i, text.size())), text.size());
    } else {
      end = std::min(text.find(';'), text.size());
      if (equals < end) value = trim(text.substr(equals + 1, end - equals - 1));
    }
    if (equal_ignoring_case(name, parameter)) {
      result.parameter = std::move(value);
      break;
    }
  }
  return result;
}

FormFields parse_urlencoded(std::string_view body) {
  FormFields fields;
  while (!body.empty()) {
    const auto end = std::min(body.find('&'), body.size());
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    add_field(fields, decode(pair.substr(0, equals)), decode(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return fields;
}

FormFields parse_multipart(std::string_view body, std::string_view boundary) {
  if (boundary.empty() || boundary.size() > 70) {
    throw HttpError{400, "Invalid form: expected a boundary of 1 to 70 characters in Content-Type"};
  }
  const std::string opening = "--" + std::string(boundary), separator = "\r\n" + opening;
  FormFields fields;
  auto begin = body.find(opening);
  if (begin != 0 &&
      (begin == std::string_view::npos || body.substr(begin - std::min<std::size_t>(begin, 2), 2) != "\r\n")) {
    throw HttpError{400, "Invalid form: its boundary does not occur"};
  }
  begin += opening.size();
  while (body.substr(begin, 2) != "--") {
    const auto line = body.find("\r\n", begin);
    if (line == std::string_view::npos || !trim(body.substr(begin, line - begin)).empty()) break;
    const auto head_end = body.find("\r\n\r\n", line);
    const auto end = head_end == std::string_view::npos ? head_end : body.find(separator, head_end + 2);
    if (end == std::string_view::npos) break;
    const std::string_view head = body.substr(line + 2, head_end - std::min(line + 2, head_end));
    const auto content = head_end + 4;
    add_field(fields, part_name(head), std::string(body.substr(content, end - std::min(content, end))));
    begin = end + separator.size();
  }
  if (body.substr(begin, 2) != "--") throw HttpError{400, "Invalid form: it has no end"};
  return fields;
}

}  // namespace dragoman
