#pragma once
// What tests of the server need: requests without sockets, a server on loopback, and a client that sends any bytes.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/api.h"
#include "server/fake_service.h"
#include "server/http_server.h"
#include "server/json.h"

namespace dragoman::testing {

/// Keeps what it is told.
class RecordedReply : public Reply {
 public:
  void send(Response r) override { response = std::move(r); }
  void begin_stream(std::vector<HeaderField> headers) override { response = {.headers = std::move(headers)}; }
  void event(std::string_view name, std::string data, std::string_view) override {
    events.emplace_back(name, Json::parse(data));
  }
  void end(int status) override { response.status = status; }
  void on_gone(std::function<void()> action) override { gone = std::move(action); }

  Response response = {.status = 0};
  std::vector<std::pair<std::string, Json>> events;
  std::function<void()> gone;
};

/// A small page: gzip members made by `printf TEXT | gzip -n9`.
extern const EmbeddedFile test_files[2];
constexpr std::string_view test_page = "<!doctype html><title>dragoman</title>";
constexpr std::string_view test_script = "export {};";

/// The handlers with a service by script.
struct TestApi {
  explicit TestApi(ApiOptions options = {}, GuardOptions guard = {}, ApiKeys keys = {}, CorrectionsFile* file = nullptr)
      : api(service, std::move(options), std::move(guard), std::move(keys), file, test_files) {}

  Service service{ServiceOptions{}};
  Api api;

  /// Passes a request through all checks.
  std::shared_ptr<RecordedReply> ask(Request request) {
    auto reply = std::make_shared<RecordedReply>();
    reply->record.id = request.id = "7357";
    if (request.count("Host") == 0) request.headers.push_back({"Host", "localhost:5000"});
    if (auto refusal = api.refuse(request, reply->record)) {
      reply->send(std::move(*refusal));
    } else {
      api.answer(request, reply);
    }
    return reply;
  }
  std::shared_ptr<RecordedReply> post(const std::string& path, const Json& parameters,
                                      std::vector<HeaderField> headers = {}) {
    headers.push_back({"Content-Type", "application/json"});
    return ask({.method = "POST",
                .path = path,
                .headers = std::move(headers),
                .body = to_text(parameters),
                .client = "127.0.0.1"});
  }
  std::shared_ptr<RecordedReply> get(const std::string& path, std::vector<HeaderField> headers = {}) {
    return ask({.method = "GET", .path = path, .headers = std::move(headers), .client = "127.0.0.1"});
  }
};

inline const std::string* header_of(const Response& response, std::string_view name) {
  for (const auto& field : response.headers) {
    if (equal_ignoring_case(field.name, name)) return &field.value;
  }
  return nullptr;
}

inline Json json_of(const std::shared_ptr<RecordedReply>& reply) { return Json::parse(reply->response.body); }

/// A client that sends what it is told to, byte by byte as it is.
class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(const RawClient&) = delete;

  /// False if the server has closed the connection.
  bool send(std::string_view bytes);

  struct Answer {
    int status = 0;  ///< 0: the connection was closed before there was one
    std::string head, body;
  };
  /// Reads one answer, with a body of given length or in chunks.
  Answer receive(bool is_head = false);
  /// Reads until this text has come; false if the connection ends before.
  bool receive_until(std::string_view text);
  bool is_closed_by_server();
  const std::string& received() const { return received_; }

  /// Ends the connection at once, with a reset.
  void vanish();

 private:
  bool read_more();
  int socket_ = -1;
  std::string received_;
};

/// A server in a thread of its own, until the end of its life.
class TestServer : public HttpHandler {
 public:
  explicit TestServer(HttpOptions options = {}, ApiOptions api_options = {});
  ~TestServer() override;

  int port() const { return server_.port(); }
  std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
  /// A POST of JSON as bytes.
  std::string post(const std::string& path, const Json& parameters, const std::string& headers = "") const;
  HttpServer& server() { return server_; }

  std::optional<Response> refuse(const Request& head, RequestRecord& record) override {
    return api_->api.refuse(head, record);
  }
  void answer(const Request& request, const std::shared_ptr<Reply>& reply) override {
    api_->api.answer(request, reply);
  }
  void begins(const RequestRecord&) override { ++begun; }
  void ended(const RequestRecord& record) override {
    ++ended_requests;
    last_status = record.status;
  }
  void connections(int count, bool is_refused) override {
    open = count;
    refused += is_refused ? 1 : 0;
  }
  void stopping(int, int) override {}

  std::atomic<int> begun = 0, ended_requests = 0, last_status = 0, open = 0, refused = 0;

 private:
  HttpServer server_;
  std::unique_ptr<TestApi> api_;
  std::thread thread_;
};

/// Waits until something has come about elsewhere; gives up after 10 s.
template <class Condition>
bool comes_true(Condition condition) {
  for (int i = 0; i < 10'000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return condition();
}

}  // namespace dragoman::testing
