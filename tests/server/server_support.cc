#include "server/server_support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace dragoman::testing {

const EmbeddedFile test_files[2] = {
    {"index.html",
     {"\037\213\010\000\000\000\000\000\002\003\263\121\114\311\117\056\251\054\110\125\310\050\311\315"
      "\261\263\051\311\054\311\111\265\113\051\112\114\317\317\115\314\263\321\207\360\001\020\010\361"
      "\204\046\000\000\000",
      53}},
    {"app.js",
     {"\037\213\010\000\000\000\000\000\002\003\113\255\050\310\057\052\121\250\256\265\006\000\306\107"
      "\045\327\012\000\000\000",
      30}},
};

RawClient::RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(std::uint16_t(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};  // a test that hangs fails instead
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

void RawClient::vanish() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(socket_, -1));
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(std::size_t(sent));
  }
  return true;
}

bool RawClient::read_more() {
  char buffer[65536];
  const ssize_t size = ::recv(socket_, buffer, sizeof buffer, 0);
  if (size > 0) received_.append(buffer, std::size_t(size));
  return size > 0;
}

bool RawClient::receive_until(std::string_view text) {
  while (received_.find(text) == std::string::npos) {
    if (!read_more()) return false;
  }
  return true;
}

bool RawClient::is_closed_by_server() {
  while (read_more()) continue;
  return true;
}

RawClient::Answer RawClient::receive(bool is_head) {
  if (!receive_until("\r\n\r\n")) return {};
  Answer answer;
  auto end = received_.find("\r\n\r\n") + 4;
  answer.head = received_.substr(0, end);
  answer.status = std::atoi(answer.head.c_str() + 9);
  received_.erase(0, end);
  const auto length = answer.head.find("Content-Length: ");
  if (is_head) return answer;
  if (length != std::string::npos) {
    const std::size_t size = std::strtoul(answer.head.c_str() + length + 16, nullptr, 10);
    while (received_.size() < size && read_more()) continue;
    answer.body = received_.substr(0, size);
    received_.erase(0, size);
  } else if (answer.head.find("chunked") != std::string::npos) {
    while (true) {
      if (!receive_until("\r\n")) return answer;
      const std::size_t size = std::strtoul(received_.c_str(), nullptr, 16);
      received_.erase(0, received_.find("\r\n") + 2);
      while (received_.size() < size + 2 && read_more()) continue;
      answer.body += received_.substr(0, size);
      received_.erase(0, size + 2);
      if (size == 0) break;
    }
  }
  return answer;
}

namespace {

HttpOptions on_any_port(HttpOptions options) {
  options.port = 0;
  return options;
}

}  // namespace

TestServer::TestServer(HttpOptions options, ApiOptions api_options) : server_(on_any_port(std::move(options))) {
  api_ = std::make_unique<TestApi>(std::move(api_options), GuardOptions{.port = server_.port()});
  thread_ = std::thread([this] { server_.run(*this); });
}

TestServer::~TestServer() {
  server_.stop();
  thread_.join();
}

std::string TestServer::post(const std::string& path, const Json& parameters, const std::string& headers) const {
  const std::string body = to_text(parameters);
  return "POST " + path + " HTTP/1.1\r\nHost: " + host() +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "\r\n" + body;
}

}  // namespace dragoman::testing
