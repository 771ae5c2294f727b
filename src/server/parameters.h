#pragma once
// The parameters of a request, from JSON or a form, with the checks that all handlers need.

#include <optional>
#include <string>
#include <vector>

#include "server/http.h"
#include "server/json.h"

namespace dragoman {

/// One object of parameters. In a form everything is text, so numbers may also be texts of digits.
class Parameters {
 public:
  /// Throws HttpError: 415 for a type that is neither JSON nor a form, 400 for what cannot be read as that.
  explicit Parameters(const Request& request);

  bool has(const char* name) const { return object_.contains(name) && !object_[name].is_null(); }
  const Json& value(const char* name) const { return object_[name]; }

  // Each throws HttpError 400 that names the parameter if it is missing (and has no default) or of the wrong type.
  std::string text(const char* name) const;
  std::string text(const char* name, const std::string& when_missing) const;
  std::optional<int> number(const char* name, int min, int max) const;
  /// One text, or a list of them.
  std::vector<std::string> texts(const char* name) const;

 private:
  Json object_;
};

/// How many Unicode characters UTF-8 has.
std::int64_t count_characters(std::string_view utf8);

}  // namespace dragoman
