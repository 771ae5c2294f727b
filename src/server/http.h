#pragma once
// An HTTP request and its answer as the handlers see them, without sockets.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

struct HeaderField {
  std::string name, value;
};

/// A request. Handlers may see it before its body has been read.
struct Request {
  std::string method = {};  ///< "GET"
  std::string path = {};    ///< up to the question mark, not decoded
  std::vector<HeaderField> headers = {};
  std::string body = {};
  std::string client = {};         ///< its address
  std::string local_address = {};  ///< at which it reached us
  std::string id = {};             ///< for logs and messages

  /// The first header field of this name, in whatever case; null: there is none.
  const std::string* header(std::string_view name) const;
  int count(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<HeaderField> headers = {};  ///< besides Content-Type, Content-Length, X-Request-Id
};

/// What is wrong with a request, or why it cannot be served now: thrown by handlers, told as JSON.
struct HttpError {
  int status = 400;
  std::string message = {};             ///< for people; holds no text of users
  std::optional<int> retry_after = {};  ///< seconds
  std::vector<HeaderField> headers = {};
};

/// {"error": message, "id": id} with its status and headers.
Response error_response(const HttpError& error, const std::string& id);

/// The error itself, as an event of a stream tells it: {"error", "status", "retry_after"?, "id"}.
std::string error_event(const HttpError& error, const std::string& id);

/// Same letters, whatever their case (ASCII).
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Compares without telling by its time where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace dragoman
