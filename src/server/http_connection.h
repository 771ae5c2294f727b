#pragma once
// One connection of a client: reads its requests one after another, and writes the answers.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "server/http_server.h"

namespace dragoman {

class Connection;

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  explicit State(HttpOptions o) : options(std::move(o)) {}

  HttpOptions options;
  boost::asio::io_context io{1};
  boost::asio::ip::tcp::acceptor acceptor{io};
  boost::asio::signal_set signals{io};
  boost::asio::steady_timer pause{io};
  HttpHandler* handler = nullptr;
  std::set<std::shared_ptr<Connection>> connections;
  bool is_stopping = false;

  void accept();
  void stop(int signal);
  void await_signal();
  void closed(const std::shared_ptr<Connection>& connection);
};

/// Lives as long as something is going on with it. All is done by the server's thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `is_surplus`: beyond the limit of connections.
  Connection(boost::asio::ip::tcp::socket socket, HttpServer::State& server, bool is_surplus);

  void start();
  /// Closes at once if no request is under way, else after it.
  void stop();

  // What a Reply asks for, for the request of that number; nothing if that has ended.
  void send(std::uint64_t number, Response response);
  void begin_stream(std::uint64_t number, const std::vector<HeaderField>& headers);
  void event(std::uint64_t number, std::string text, std::string key);
  void end(std::uint64_t number, int status);
  void on_gone(std::uint64_t number, std::function<void()> action);

 private:
  using Error = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  struct Event {
    std::string key, text;
  };

  void wait_for_request(double seconds);
  void silence_is_over();
  void read_head();
  void on_head(Error error);
  void take_head();
  std::optional<HttpError> flaw_of_head() const;
  void greet_and_read_body();
  void read_body();
  void on_body(Error error);
  void refuse(const HttpError& error);
  void write_whole(Response response);
  void pump();
  void beat();
  void watch();
  void look_whether_gone();
  void finish();
  void linger();
  void discard();
  void close();
  void set_timer(double seconds, void (Connection::*action)());
  void stop_timer();
  void time_is_over();

  HttpServer::State& server_;
  boost::asio::ip::tcp::socket socket_;
  bool is_surplus_;
  boost::asio::steady_timer timer_, watch_timer_;
  std::uint64_t timer_number_ = 0;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;

  Request request_;
  std::shared_ptr<Reply> reply_;  // set from a request's head to the end of its answer
  std::uint64_t number_ = 0;      // of the request
  bool is_open_ = true, is_idle_ = true, is_late_ = false, is_answering_ = false;
  bool keeps_alive_ = false, has_unread_body_ = false, is_last_ = false;
  std::function<void()> gone_;

  std::string out_;  // being written
  bool is_stream_ = false, is_chunked_ = false, is_writing_ = false, has_ended_ = false;
  std::deque<Event> events_;  // that wait
  std::size_t waiting_bytes_ = 0;
};

}  // namespace dragoman
