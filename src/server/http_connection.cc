#include "server/http_connection.h"

#include <poll.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <random>

#include "base/error.h"
#include "server/socket_reply.h"

namespace dragoman {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t most_waiting_bytes = 4 << 20;  // of events that a client does not take
constexpr double linger_seconds = 1;

std::chrono::steady_clock::duration as_duration(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

std::string new_id() {
  static std::mt19937_64 random(std::random_device{}());
  return fmt::format("{:016x}", random());
}

/// An id that a proxy gave a request, if it can stand in a log.
bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

std::string head_of(int status, std::string_view type, const std::vector<HeaderField>& headers, const std::string& id) {
  const auto reason = http::obsolete_reason(http::int_to_status(unsigned(status)));
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\nX-Request-Id: {}\r\n", status, std::string_view(reason.data(), reason.size()), id);
  if (!type.empty()) head += fmt::format("Content-Type: {}\r\n", type);
  for (const auto& field : headers) head += field.name + ": " + field.value + "\r\n";
  return head;
}

HttpError error_of_reading(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return {413, "the body is longer than this server takes"};
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return {431, "the head of the request is longer than this server takes"};
  }
  return {400, "this is no valid HTTP/1.1: " + error.message()};
}

}  // namespace

Connection::Connection(net::ip::tcp::socket socket, HttpServer::State& server, bool is_surplus)
    : server_(server),
      socket_(std::move(socket)),
      is_surplus_(is_surplus),
      timer_(server.io),
      watch_timer_(server.io),
      buffer_(server.options.most_header_bytes + 4096) {}

void Connection::start() {
  Error ignored;
  socket_.set_option(net::ip::tcp::no_delay(true), ignored);
  wait_for_request(server_.options.head_seconds);
}

void Connection::stop() {
  is_last_ = true;
  if (is_idle_) close();
}

void Connection::set_timer(double seconds, void (Connection::*action)()) {
  timer_.expires_after(as_duration(seconds));
  timer_.async_wait([self = shared_from_this(), action, number = ++timer_number_](Error error) {
    if (!error && number == self->timer_number_ && self->is_open_) (self.get()->*action)();
  });
}

void Connection::stop_timer() {
  ++timer_number_;
  timer_.cancel();
}

/// Breaks off what is being read; its handler sees that time is why.
void Connection::time_is_over() {
  is_late_ = true;
  Error ignored;
  socket_.cancel(ignored);
}

void Connection::wait_for_request(double seconds) {
  ++number_;
  is_idle_ = true;
  if (is_last_) return close();
  if (buffer_.size() > 0) return read_head();
  set_timer(seconds, &Connection::silence_is_over);
  socket_.async_wait(net::ip::tcp::socket::wait_read, [self = shared_from_this()](Error error) {
    if (!self->is_open_) return;
    if (error) return self->close();
    self->read_head();
  });
}

/// Closes a connection on which nothing comes, unless a request has just arrived, whose reading is about to begin.
void Connection::silence_is_over() {
  Error ignored;
  if (socket_.available(ignored) == 0) close();
}

void Connection::read_head() {
  is_late_ = has_unread_body_ = keeps_alive_ = false;
  parser_.emplace();
  parser_->header_limit(std::uint32_t(server_.options.most_header_bytes));
  parser_->body_limit(server_.options.most_body_bytes);
  set_timer(server_.options.head_seconds, &Connection::time_is_over);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, std::size_t) { self->on_head(error); });
}

void Connection::on_head(Error error) {
  if (!is_open_) return;
  stop_timer();
  const bool has_begun = parser_->got_some() || buffer_.size() > 0;
  if (error == http::error::end_of_stream || error == net::error::eof || error == net::error::connection_reset ||
      (error == net::error::operation_aborted && (!is_late_ || !has_begun))) {
    return close();
  }
  is_idle_ = false;
  Error ignored;
  const auto client = socket_.remote_endpoint(ignored), local = socket_.local_endpoint(ignored);
  request_ = {.client = client.address().to_string(ignored),
              .local_address = local.address().to_string(ignored),
              .id = new_id()};
  reply_ = std::make_shared<SocketReply>(server_.weak_from_this(), weak_from_this(), number_);
  if (!error || error == http::error::body_limit) {
    take_head();
  }
  reply_->record.id = request_.id;
  reply_->record.client = request_.client;
  reply_->record.method = request_.method.empty() ? "(none)" : request_.method;
  std::optional<Response> refusal;
  std::optional<HttpError> flaw;
  if (error) {
    flaw = is_late_ ? HttpError{408, "the head of the request did not come in time"} : error_of_reading(error);
    has_unread_body_ = true;
  } else {
    keeps_alive_ = parser_->keep_alive();
    has_unread_body_ = !parser_->is_done();
    flaw = flaw_of_head();
    if (!flaw && is_surplus_ && request_.path != server_.options.always) {
      flaw = HttpError{503, "the server has too many connections; try again in a second", 1};
      keeps_alive_ = false;
    }
    if (!flaw) refusal = server_.handler->refuse(request_, reply_->record);
  }
  server_.handler->begins(reply_->record);
  if (flaw) {
    refuse(*flaw);
  } else if (refusal) {
    write_whole(std::move(*refusal));
  } else {
    greet_and_read_body();
  }
}

/// What handlers are to know of the head.
void Connection::take_head() {
  const auto& message = parser_->get();
  request_.method = std::string(message.method_string());
  const std::string target(message.target());
  request_.path = target.substr(0, target.find('?'));
  for (const auto& field : message) {
    request_.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  const std::string* id = request_.header("X-Request-Id");
  if (id != nullptr && is_id(*id)) request_.id = *id;
}

/// What the parser lets pass and we do not.
std::optional<HttpError> Connection::flaw_of_head() const {
  const auto& message = parser_->get();
  if (message.version() != 10 && message.version() != 11) return HttpError{400, "expected HTTP/1.1"};
  if (!request_.path.starts_with('/')) return HttpError{400, "expected a path that begins with /"};
  const int encodings = request_.count("Transfer-Encoding");
  if (encodings > 1 || (encodings == 1 && !equal_ignoring_case(*request_.header("Transfer-Encoding"), "chunked"))) {
    return HttpError{400, "expected no Transfer-Encoding but chunked"};
  }
  if (encodings == 1 && request_.count("Content-Length") > 0) {
    return HttpError{400, "expected either Transfer-Encoding or Content-Length"};
  }
  if (request_.method == "POST" && encodings == 0 && request_.count("Content-Length") == 0) {
    return HttpError{411, "expected a Content-Length"};
  }
  return std::nullopt;
}

void Connection::greet_and_read_body() {
  const std::string* expectation = request_.header("Expect");
  if (expectation == nullptr || !has_unread_body_ || !equal_ignoring_case(*expectation, "100-continue")) {
    return read_body();
  }
  out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  net::async_write(socket_, net::buffer(out_), [self = shared_from_this()](Error error, std::size_t) {
    if (!self->is_open_) return;
    if (error) return self->close();
    self->read_body();
  });
}

void Connection::read_body() {
  set_timer(server_.options.client_seconds, &Connection::time_is_over);
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(Error error) {
  if (!is_open_) return;
  stop_timer();
  if (error == net::error::operation_aborted && is_late_)
    return refuse({408, "the body of the request did not come in time"});
  if (error == http::error::partial_message || error == net::error::eof || error == net::error::connection_reset ||
      error == net::error::operation_aborted) {
    return close();
  }
  if (error) return refuse(error_of_reading(error));
  has_unread_body_ = false;
  request_.body = std::move(parser_->get().body());
  reply_->record.bytes_in = std::int64_t(request_.body.size());
  is_answering_ = true;
  const Request request = std::exchange(request_, {.method = request_.method, .id = request_.id});
  server_.handler->answer(request, reply_);
  watch();
}

void Connection::refuse(const HttpError& error) {
  Response response = error_response(error, request_.id);
  response.headers.push_back({"Cache-Control", "no-store"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  write_whole(std::move(response));
}

void Connection::send(std::uint64_t number, Response response) {
  if (number == number_ && is_open_ && is_answering_ && !is_stream_) write_whole(std::move(response));
}

void Connection::write_whole(Response response) {
  reply_->record.status = response.status;
  const bool has_body = response.status != 204 && response.status != 304;
  keeps_alive_ = keeps_alive_ && !has_unread_body_ && !is_last_;
  out_ = head_of(response.status, has_body ? response.content_type : "", response.headers, request_.id);
  if (has_body) out_ += fmt::format("Content-Length: {}\r\n", response.body.size());
  out_ += keeps_alive_ ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (has_body && request_.method != "HEAD") {
    out_ += response.body;
    reply_->record.bytes_out = std::int64_t(response.body.size());
  }
  set_timer(server_.options.client_seconds, &Connection::close);
  is_answering_ = false;
  net::async_write(socket_, net::buffer(out_), [self = shared_from_this()](Error error, std::size_t) {
    if (!self->is_open_) return;
    if (error) return self->close();
    self->finish();
  });
}

void Connection::begin_stream(std::uint64_t number, const std::vector<HeaderField>& headers) {
  if (number != number_ || !is_open_ || !is_answering_) return;
  is_stream_ = true;
  is_chunked_ = parser_->get().version() == 11;
  keeps_alive_ = keeps_alive_ && is_chunked_;
  std::string head = head_of(200, "text/event-stream; charset=utf-8", headers, request_.id);
  head += "X-Accel-Buffering: no\r\n";  // for proxies: pass each event on at once
  if (is_chunked_) head += "Transfer-Encoding: chunked\r\n";
  head += keeps_alive_ && !is_last_ ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  keeps_alive_ = keeps_alive_ && !is_last_;
  events_.push_back({"", std::move(head)});
  pump();
}

void Connection::event(std::uint64_t number, std::string text, std::string key) {
  if (number != number_ || !is_open_ || !is_stream_ || has_ended_) return;
  reply_->record.bytes_out += std::int64_t(text.size());
  if (is_chunked_) text = fmt::format("{:x}\r\n{}\r\n", text.size(), text);
  waiting_bytes_ += text.size();
  const auto same =
      std::find_if(events_.begin(), events_.end(), [&](const Event& e) { return !key.empty() && e.key == key; });
  if (same != events_.end()) {
    waiting_bytes_ -= same->text.size();
    events_.erase(same);
  }
  events_.push_back({std::move(key), std::move(text)});
  if (waiting_bytes_ > most_waiting_bytes) return close();
  pump();
}

void Connection::end(std::uint64_t number, int status) {
  if (number != number_ || !is_open_ || !is_stream_ || has_ended_) return;
  reply_->record.status = status;
  has_ended_ = true;
  if (is_chunked_) events_.push_back({"", "0\r\n\r\n"});
  pump();
}

/// Writes what waits.
void Connection::pump() {
  if (is_writing_) return;
  if (events_.empty()) {
    if (has_ended_) return finish();
    return set_timer(server_.options.beat_seconds, &Connection::beat);
  }
  out_.clear();
  for (const Event& event : events_) out_ += event.text;
  events_.clear();
  waiting_bytes_ = 0;
  is_writing_ = true;
  set_timer(server_.options.client_seconds, &Connection::close);
  net::async_write(socket_, net::buffer(out_), [self = shared_from_this()](Error error, std::size_t) {
    if (!self->is_open_) return;
    if (error) return self->close();
    self->is_writing_ = false;
    self->pump();
  });
}

/// Tells the client, and proxies between, that the server is still there.
void Connection::beat() { event(number_, ": beat\n\n", "beat"); }

void Connection::on_gone(std::uint64_t number, std::function<void()> action) {
  if (number == number_ && is_open_ && reply_ != nullptr) {
    gone_ = std::move(action);
  } else {
    action();
  }
}

/// Notices a client that goes away while its answer is being made.
void Connection::watch() {
  if (!is_open_ || !(is_answering_ || is_stream_)) return;
  socket_.async_wait(net::ip::tcp::socket::wait_read, [self = shared_from_this(), number = number_](Error error) {
    if (error || !self->is_open_ || number != self->number_ || self->reply_ == nullptr) return;
    self->look_whether_gone();
  });
}

void Connection::look_whether_gone() {
  pollfd look{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  if (::poll(&look, 1, 0) != 0) return close();
  // The next request is there already, so that the socket stays readable: look again later.
  watch_timer_.expires_after(std::chrono::milliseconds(50));
  watch_timer_.async_wait([self = shared_from_this(), number = number_](Error error) {
    if (error || !self->is_open_ || number != self->number_ || self->reply_ == nullptr) return;
    self->look_whether_gone();
  });
}

/// An answer was written to its end.
void Connection::finish() {
  stop_timer();
  watch_timer_.cancel();
  Error ignored;
  socket_.cancel(ignored);  // the watch
  const auto reply = std::exchange(reply_, nullptr);
  gone_ = nullptr;
  is_answering_ = is_stream_ = has_ended_ = is_writing_ = false;
  std::string().swap(out_);
  parser_.reset();
  server_.handler->ended(reply->record);
  if (keeps_alive_ && !is_last_) {
    wait_for_request(server_.options.idle_seconds);
  } else {
    linger();
  }
}

/// Closing while the client still sends would lose it the answer: says that we are done, and waits a moment.
void Connection::linger() {
  ++number_;
  Error error;
  socket_.shutdown(net::ip::tcp::socket::shutdown_send, error);
  if (error) return close();
  set_timer(linger_seconds, &Connection::close);
  buffer_.clear();
  discard();
}

void Connection::discard() {
  socket_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](Error error, std::size_t) {
    if (!self->is_open_) return;
    if (error) return self->close();
    self->discard();
  });
}

void Connection::close() {
  if (!std::exchange(is_open_, false)) return;
  const auto self = shared_from_this();
  stop_timer();
  watch_timer_.cancel();
  Error ignored;
  socket_.close(ignored);
  events_.clear();
  if (const auto reply = std::exchange(reply_, nullptr)) {
    reply->record.status = 499;
    if (const auto gone = std::exchange(gone_, nullptr)) gone();
    server_.handler->ended(reply->record);
  }
  server_.closed(self);
}

}  // namespace dragoman
