#pragma once
// HTTP/1.1 over sockets, by Boost.Beast: one thread serves all connections; what takes time is done elsewhere.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/http.h"
#include "server/reply.h"

namespace dragoman {

struct HttpOptions {
  std::string address = "127.0.0.1";
  int port = 5000;                 ///< 0: any that is free
  int most_connections = 1'000;    ///< beyond, only requests of `always` are answered
  std::string always = "/health";  ///< a path that is answered also beyond that
  std::size_t most_header_bytes = 16 << 10;
  std::size_t most_body_bytes = 4 << 20;
  double head_seconds = 10;    ///< for the head of a request to come whole
  double idle_seconds = 75;    ///< that a connection may wait for the next request
  double client_seconds = 30;  ///< for a body to come whole; for an answer, or a part of it, to be taken
  double beat_seconds = 2;     ///< a stream has a comment at least so often
};

/// What is served. All calls come from the thread of run().
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// An answer by the head alone, after which the body is not read; or nothing.
  virtual std::optional<Response> refuse(const Request& head, RequestRecord& record) = 0;
  virtual void answer(const Request& request, const std::shared_ptr<Reply>& reply) = 0;
  /// A request that came to refuse() or was refused before it has come to its end: status, bytes and time are known.
  virtual void ended(const RequestRecord& record) = 0;
  virtual void begins(const RequestRecord& record) = 0;
  virtual void connections(int open, bool is_refused) = 0;
  /// SIGTERM or SIGINT came: no new connections are taken, and requests under way go on to their end.
  virtual void stopping(int signal, int open_connections) = 0;
};

class HttpServer {
 public:
  /// Begins to listen. Throws Error if that is not possible.
  explicit HttpServer(HttpOptions options);
  ~HttpServer();

  int port() const;

  /// Serves until stop() or SIGTERM or SIGINT, and then until all requests under way have been answered. A second
  /// signal ends the process at once, with status 128 + signal.
  void run(HttpHandler& handler);

  /// May be called from any thread.
  void stop();

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace dragoman
