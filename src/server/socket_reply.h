#pragma once
// What handlers, in whatever thread, answer a request of a connection with.

#include <boost/asio/dispatch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "server/http_connection.h"

namespace dragoman {

/// The reply that handlers see: passes everything on to the server's thread. It may outlive connection and server, as a
/// service that is slow to give up may still answer: then nobody is there to be told.
class SocketReply : public Reply {
 public:
  SocketReply(std::weak_ptr<HttpServer::State> server, std::weak_ptr<Connection> connection, std::uint64_t number)
      : server_(std::move(server)), connection_(std::move(connection)), number_(number) {}

  void send(Response response) override {
    pass_on([n = number_, r = std::move(response)](Connection& c) mutable { c.send(n, std::move(r)); });
  }
  void begin_stream(std::vector<HeaderField> headers) override {
    if (const auto connection = connection_.lock()) connection->begin_stream(number_, headers);
  }
  void event(std::string_view name, std::string data, std::string_view key) override {
    pass_on([n = number_, k = std::string(key), text = fmt::format("event: {}\ndata: {}\n\n", name, data)](
                Connection& c) mutable { c.event(n, std::move(text), std::move(k)); });
  }
  void end(int status) override {
    pass_on([n = number_, status](Connection& c) { c.end(n, status); });
  }
  void on_gone(std::function<void()> action) override {
    if (const auto connection = connection_.lock()) {
      connection->on_gone(number_, std::move(action));
    } else {
      action();
    }
  }

 private:
  /// At once in the server's thread: what waited there would come after what other threads say later.
  template <class Action>
  void pass_on(Action action) {
    const auto server = server_.lock();  // to be let go of after the connection, which needs it
    if (server == nullptr) return;
    auto connection = connection_.lock();
    if (connection == nullptr) return;
    boost::asio::dispatch(server->io, [c = std::move(connection), a = std::move(action)]() mutable { a(*c); });
  }

  std::weak_ptr<HttpServer::State> server_;
  std::weak_ptr<Connection> connection_;
  std::uint64_t number_;
};

}  // namespace dragoman
