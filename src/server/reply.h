#pragma once
// Where an answer goes: whole, or event by event.

#include <chrono>
#include <functional>
#include <string>

#include "server/http.h"

namespace dragoman {

/// What is told of a request in logs and metrics. It never holds text of users.
struct RequestRecord {
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  std::string id = {}, method = {}, client = {};
  std::string route = "(other)";  ///< a path of ours: what clients ask for besides could be anything
  std::string key = {};           ///< the name of the API key
  std::string source = {}, target = {};
  std::int64_t characters = 0, bytes_in = 0, bytes_out = 0;
  int status = 0;  ///< 499: the client went away
};

/// The answer to one request: either send(), or begin_stream(), event()... and end(). Safe to call from all threads;
/// once the client has gone nothing happens.
class Reply {
 public:
  virtual ~Reply() = default;

  virtual void send(Response response) = 0;

  /// Begins server-sent events (text/event-stream). The header fields are besides those that every stream has.
  virtual void begin_stream(std::vector<HeaderField> headers) = 0;
  /// One event. What still waits to be sent under the same key, unless it is empty, is replaced: nobody needs it now.
  virtual void event(std::string_view name, std::string data, std::string_view key = {}) = 0;
  /// Nothing follows; status is for the log.
  virtual void end(int status) = 0;

  /// What to do if the client goes before the answer is complete; at once if it has gone. To be called where the
  /// request is handled.
  virtual void on_gone(std::function<void()> action) = 0;

  RequestRecord record;  ///< to be changed only where the request is handled
};

}  // namespace dragoman
