#include "server/http.h"

#include <algorithm>

#include "server/json.h"

namespace dragoman {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // Of a secret only its length may be learnt.
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && !b.empty(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i % b.size()]);
  }
  return difference == 0;
}

const std::string* Request::header(std::string_view name) const {
  for (const auto& field : headers) {
    if (equal_ignoring_case(field.name, name)) return &field.value;
  }
  return nullptr;
}

int Request::count(std::string_view name) const {
  return int(std::count_if(headers.begin(), headers.end(),
                           [&](const HeaderField& field) { return equal_ignoring_case(field.name, name); }));
}

Response error_response(const HttpError& error, const std::string& id) {
  Response response{
      .status = error.status, .body = to_text(Json{{"error", error.message}, {"id", id}}), .headers = error.headers};
  if (error.retry_after) response.headers.push_back({"Retry-After", std::to_string(*error.retry_after)});
  return response;
}

std::string error_event(const HttpError& error, const std::string& id) {
  Json event{{"error", error.message}, {"status", error.status}};
  if (error.retry_after) event["retry_after"] = *error.retry_after;
  event["id"] = id;
  return to_text(event);
}

}  // namespace dragoman
