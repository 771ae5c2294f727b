#include "server/http_server.h"

#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdlib>

#include "base/error.h"
#include "base/log.h"
#include "server/http_connection.h"

namespace dragoman {
namespace {

namespace net = boost::asio;

constexpr std::size_t most_surplus = 64;  // connections beyond the limit that are told so

}  // namespace

HttpServer::HttpServer(HttpOptions options) : state_(std::make_shared<State>(std::move(options))) {
  const HttpOptions& o = state_->options;
  try {
    const net::ip::tcp::endpoint endpoint(net::ip::make_address(o.address), static_cast<unsigned short>(o.port));
    state_->acceptor.open(endpoint.protocol());
    state_->acceptor.set_option(net::ip::tcp::acceptor::reuse_address(true));
    state_->acceptor.bind(endpoint);
    state_->acceptor.listen();
  } catch (const boost::system::system_error& error) {
    fail("cannot listen at {} port {}: {}", o.address, o.port, error.code().message());
  }
}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return state_->acceptor.local_endpoint().port(); }

void HttpServer::run(HttpHandler& handler) {
  state_->handler = &handler;
  state_->signals.add(SIGINT);
  state_->signals.add(SIGTERM);
  state_->await_signal();
  state_->accept();
  state_->io.run();
}

void HttpServer::stop() {
  net::post(state_->io, [state = state_] { state->stop(0); });
}

void HttpServer::State::accept() {
  acceptor.async_accept([this](boost::system::error_code error, net::ip::tcp::socket socket) {
    if (is_stopping) return;
    if (error) {
      // Out of file descriptors, most likely: those who wait are taken when there are some.
      log::warn("cannot take a connection: {}", error.message());
      pause.expires_after(std::chrono::milliseconds(100));
      pause.async_wait([this](boost::system::error_code stopped) {
        if (!stopped && !is_stopping) accept();
      });
      return;
    }
    const auto limit = std::size_t(options.most_connections);
    const bool is_surplus = connections.size() >= limit;
    if (connections.size() < limit + most_surplus) {
      const auto connection = std::make_shared<Connection>(std::move(socket), *this, is_surplus);
      connections.insert(connection);
      connection->start();
    }
    handler->connections(int(connections.size()), is_surplus);
    accept();
  });
}

void HttpServer::State::closed(const std::shared_ptr<Connection>& connection) {
  connections.erase(connection);
  handler->connections(int(connections.size()), false);
  if (is_stopping && connections.empty()) signals.cancel();
}

void HttpServer::State::await_signal() {
  signals.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (is_stopping) std::_Exit(128 + signal);
    stop(signal);
    if (!connections.empty()) await_signal();
  });
}

void HttpServer::State::stop(int signal) {
  if (std::exchange(is_stopping, true)) return;
  handler->stopping(signal, int(connections.size()));
  boost::system::error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  const auto copy = connections;  // closing takes them out
  for (const auto& connection : copy) connection->stop();
  if (connections.empty()) signals.cancel();
}

}  // namespace dragoman
