#include "server/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "server/server_support.h"

namespace dragoman::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() { script() = {}; }

  /// Requests of translation wait until finish(), which must come before their server's end.
  void hold_requests() {
    script().translate = [this](const TranslationRequest&, const TranslationHandler& handler, TicketState& state) {
      const std::lock_guard lock(mutex_);
      held_.push_back(handler);
      state.on_cancel = [this] { ++cancelled; };
    };
  }
  int held() {
    const std::lock_guard lock(mutex_);
    return int(held_.size());
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    for (auto& handler : held_) handler.done({.translations = {{.text = "done"}}});
    held_.clear();
  }

  const Json hello = {{"q", "Hello"}, {"source", "en"}, {"target", "pt"}};
  std::atomic<int> cancelled = 0;

 private:
  std::mutex mutex_;
  std::vector<TranslationHandler> held_;
};

TEST_F(HttpServerTest, AnswersOneRequestAfterAnotherOnAConnection) {
  TestServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(server.post("/translate", hello, "X-Request-Id: my-id\r\n"));
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"translatedText":"[pt] Hello"})");
    EXPECT_THAT(answer.head, HasSubstr("X-Request-Id: my-id\r\n"));
    EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json\r\n"));
  }
  EXPECT_EQ(server.begun, 3);
  EXPECT_TRUE(comes_true([&] { return server.ended_requests == 3; }));
}

TEST_F(HttpServerTest, RequestsThatComeTogetherAreAnsweredInTheirOrder) {
  TestServer server;
  RawClient client(server.port());
  std::string all;
  for (const char* q : {"a", "b", "c"})
    all += server.post("/translate", {{"q", q}, {"source", "en"}, {"target", "pt"}});
  client.send(all);
  for (const char* q : {"a", "b", "c"}) EXPECT_THAT(client.receive().body, HasSubstr(std::string("[pt] ") + q));
}

TEST_F(HttpServerTest, ReadsBodiesInChunksAndBytesThatComeOneByOne) {
  TestServer server;
  RawClient client(server.port());
  const std::string body = to_text(hello);
  std::string request = "POST /translate HTTP/1.1\r\nHost: " + server.host() +
                        "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  char size[20];
  snprintf(size, sizeof size, "%zx\r\n", body.size() - 5);
  request += "5\r\n" + body.substr(0, 5) + "\r\n" + size + body.substr(5) + "\r\n0\r\n\r\n";
  for (const char byte : request) client.send({&byte, 1});
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(HttpServerTest, SaysThatABodyMayComeToWhoAsks) {
  TestServer server;
  RawClient client(server.port());
  const std::string request = server.post("/translate", hello, "Expect: 100-continue\r\n");
  const auto end = request.find("\r\n\r\n") + 4;
  client.send(request.substr(0, end));
  EXPECT_EQ(client.receive(true).status, 100);
  client.send(request.substr(end));
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(HttpServerTest, HeadHasNoBodyAndOldClientsAreClosed) {
  TestServer server;
  RawClient client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: " + server.host() + "\r\nAccept-Encoding: gzip\r\n\r\n");
  const auto page = client.receive(true);
  EXPECT_THAT(page.head, HasSubstr("Content-Encoding: gzip"));
  EXPECT_THAT(page.head, HasSubstr(fmt::format("Content-Length: {}\r\n", test_files[0].gzip.size())));
  client.send("HEAD /health HTTP/1.1\r\nHost: " + server.host() +
              "\r\n\r\nGET /health HTTP/1.0\r\nHost: " + server.host() + "\r\n\r\n");
  EXPECT_THAT(client.receive(true).head, HasSubstr("Content-Length: 15\r\n"));
  EXPECT_EQ(client.receive().body, R"({"status":"ok"})");
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpServerTest, RequestsThatAreNoHttpGetAnErrorInJson) {
  TestServer server({.most_header_bytes = 2048, .most_body_bytes = 1000});
  const std::string host = "Host: " + server.host() + "\r\n";
  const auto status = [&](const std::string& bytes) {
    RawClient client(server.port());
    client.send(bytes);
    const auto answer = client.receive();
    const Json json = Json::parse(answer.body, nullptr, false);
    EXPECT_TRUE(json.contains("error") && json.contains("id"))
        << bytes.substr(0, 100) << " -> " << answer.head << answer.body;
    return answer.status;
  };
  EXPECT_EQ(status("\x16\x03\x01\x02 TLS hello\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/2.0\r\n" + host + "\r\n"), 400);
  EXPECT_EQ(status("GET http://evil.com/ HTTP/1.1\r\n" + host + "\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n" + host + host + "\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n"), 403);
  EXPECT_EQ(status("GET /nothing HTTP/1.1\r\n" + host + "\r\n"), 404);
  EXPECT_EQ(status("BREW / HTTP/1.1\r\n" + host + "\r\n"), 405);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host + "\r\n"), 411);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host + "Content-Length: 5000\r\n\r\n"), 413);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999999\r\n\r\n"), 400);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host + "Content-Length: -5\r\n\r\n"), 400);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nfff\r\n" +
                   std::string(4096, 'x')),
            413);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host +
                   "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
            400);
  EXPECT_EQ(status("POST /translate HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n{}"), 415);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n" + host + "X: " + std::string(5000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(status("GET /" + std::string(5000, 'x') + " HTTP/1.1\r\n" + host + "\r\n"), 431);
}

TEST_F(HttpServerTest, AForbiddenRequestIsAnsweredWithoutItsBody) {
  TestServer server;
  RawClient client(server.port());
  client.send("POST /translate HTTP/1.1\r\nHost: " + server.host() +
              "\r\nOrigin: http://evil.com\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(client.receive().status, 403);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpServerTest, SlowClientsAreToldThatTheirTimeIsOver) {
  TestServer server({.head_seconds = 1, .client_seconds = 0.05});
  RawClient head(server.port());
  head.send("GET / HTTP/1.1\r\nHo");
  RawClient body(server.port()), silent(server.port());
  body.send("POST /translate HTTP/1.1\r\nHost: " + server.host() + "\r\nContent-Length: 10\r\n\r\n{");
  EXPECT_EQ(head.receive().status, 408);
  EXPECT_EQ(body.receive().status, 408);
  EXPECT_EQ(silent.receive().status, 0) << "who says nothing is told nothing";
  EXPECT_TRUE(comes_true([&] { return server.open == 0; }));
}

TEST_F(HttpServerTest, StreamsEventsAsTheyCome) {
  hold_requests();
  TestServer server({.beat_seconds = 0.02});
  RawClient client(server.port());
  client.send(server.post("/translate/stream", hello));
  EXPECT_TRUE(client.receive_until("event: state\ndata: {\"state\":\"queued\"}\n\n"));
  EXPECT_TRUE(client.receive_until(": beat\n\n"));
  finish();
  const auto answer = client.receive();
  EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/event-stream"));
  EXPECT_THAT(answer.body, HasSubstr("event: done\ndata: {\"id\":"));
  client.send(server.post("/detect", hello));
  EXPECT_EQ(client.receive().status, 200) << "the connection can be used again";
}

TEST_F(HttpServerTest, AClientThatGoesAwayCancelsItsRequestAtOnce) {
  hold_requests();
  TestServer server;
  const auto ask_and_leave = [&](const std::string& request, bool abruptly) {
    const int before = cancelled, held_before = held();
    auto client = std::make_unique<RawClient>(server.port());
    client->send(request);
    EXPECT_TRUE(comes_true([&] { return held() > held_before; }));
    if (abruptly) client->vanish();
    const auto begin = std::chrono::steady_clock::now();
    client.reset();
    EXPECT_TRUE(comes_true([&] { return cancelled > before; }));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  for (const bool abruptly : {false, true}) {
    ask_and_leave(server.post("/translate/stream", hello), abruptly);
    ask_and_leave(server.post("/translate", hello), abruptly);
    // Even when the next request waits already in the socket.
    ask_and_leave(server.post("/translate/stream", hello) + server.post("/translate", hello), abruptly);
  }
  EXPECT_EQ(server.last_status, 499);
  EXPECT_TRUE(comes_true([&] { return server.open == 0; }));
  finish();  // replies do not outlive their server
}

TEST_F(HttpServerTest, AnAnswerThatComesAfterTheServersEndGoesNowhere) {
  hold_requests();
  auto server = std::make_unique<TestServer>();
  auto client = std::make_unique<RawClient>(server->port());
  client->send(server->post("/translate/stream", hello));
  ASSERT_TRUE(comes_true([&] { return held() == 1; }));
  client.reset();
  ASSERT_TRUE(comes_true([&] { return cancelled == 1; }));
  server.reset();
  finish();
}

TEST_F(HttpServerTest, AClientThatDoesNotTakeAStreamIsGivenUp) {
  std::mutex mutex;
  std::vector<TranslationHandler> handlers;
  script().translate = [&](const TranslationRequest&, const TranslationHandler& handler, TicketState& state) {
    const std::lock_guard lock(mutex);
    handlers.push_back(handler);
    state.on_cancel = [this] { ++cancelled; };
  };
  TestServer server({.client_seconds = 0.2});
  RawClient client(server.port());
  client.send(server.post("/translate/stream", hello));
  ASSERT_TRUE(comes_true([&] {
    const std::lock_guard lock(mutex);
    return !handlers.empty();
  }));
  const std::string piece(100'000, 'x');
  EXPECT_TRUE(comes_true([&] {
    for (int i = 0; i < 10; ++i) handlers[0].sentence({.sentence = i, .target_pieces = {piece}});
    return cancelled == 1;
  }));
  handlers.clear();
}

TEST_F(HttpServerTest, NewsOfASentenceReplaceOlderNewsThatWait) {
  TestServer server;
  std::atomic<int> sent = 0;
  script().translate = [&](const TranslationRequest&, const TranslationHandler& handler, TicketState&) {
    for (int i = 0; i < 1000; ++i) handler.partial({.pieces = {std::to_string(i)}, .settled = i});
    handler.done({});
    ++sent;
  };
  RawClient client(server.port());
  client.send(server.post("/translate/stream", hello));
  const auto answer = client.receive();
  EXPECT_THAT(answer.body, HasSubstr("\"settled\":999"));
  EXPECT_EQ(sent, 1);
  EXPECT_LT(answer.body.size(), 60'000u);
}

TEST_F(HttpServerTest, WhatWorkersTellComesAfterWhatWasToldBefore) {
  TestServer server;
  std::thread later;
  script().translate = [&](const TranslationRequest&, const TranslationHandler& handler, TicketState&) {
    std::promise<void> told;
    later = std::thread([handler, &told] {
      handler.partial({.pieces = {"a"}});
      told.set_value();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // so that the server tells all that it knows
      handler.done({});
    });
    told.get_future().wait();  // the server's thread is still about to begin the request
  };
  RawClient client(server.port());
  client.send(server.post("/translate/stream", hello));
  const std::string body = client.receive().body;
  later.join();
  const auto translating = body.find("translating"), queued = body.rfind("queued");
  ASSERT_NE(translating, std::string::npos) << body;
  EXPECT_TRUE(queued == std::string::npos || queued < translating) << body;
  EXPECT_LT(translating, body.find("event: piece")) << body;
  EXPECT_LT(body.find("event: piece"), body.find("event: done")) << body;
}

TEST_F(HttpServerTest, BeyondTheLimitOfConnectionsOnlyHealthIsAnswered) {
  TestServer server({.most_connections = 2});
  RawClient first(server.port()), second(server.port());
  first.send(server.post("/detect", hello));
  second.send(server.post("/detect", hello));
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(second.receive().status, 200);
  RawClient third(server.port()), fourth(server.port());
  third.send(server.post("/translate", hello));
  const auto answer = third.receive();
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.head, HasSubstr("Retry-After: 1\r\n"));
  fourth.send("GET /health HTTP/1.1\r\nHost: " + server.host() + "\r\n\r\n");
  EXPECT_EQ(fourth.receive().status, 200);
  EXPECT_EQ(server.refused, 2);
}

TEST_F(HttpServerTest, StoppingLetsRequestsUnderWayEnd) {
  hold_requests();
  auto server = std::make_unique<TestServer>();
  RawClient idle(server->port()), whole(server->port()), stream(server->port());
  whole.send(server->post("/translate", hello));
  stream.send(server->post("/translate/stream", hello));
  ASSERT_TRUE(comes_true([&] { return held() == 2 && server->open == 3; }));
  server->server().stop();
  EXPECT_TRUE(idle.is_closed_by_server());
  finish();
  const auto answer = whole.receive();
  EXPECT_EQ(answer.body, R"({"translatedText":"done"})");
  EXPECT_THAT(answer.head, HasSubstr("Connection: close"));
  EXPECT_THAT(stream.receive().body, HasSubstr("event: done"));
  server.reset();  // its thread has ended
}

TEST_F(HttpServerTest, HundredsOfConnectionsAreServedByOneThread) {
  TestServer server;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 300; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
  for (auto& client : clients) client->send(server.post("/translate", hello));
  for (auto& client : clients) EXPECT_EQ(client->receive().status, 200);
}

TEST_F(HttpServerTest, AnAddressThatIsTakenIsAnError) {
  TestServer server;
  try {
    HttpServer second({.port = server.port()});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot listen at 127.0.0.1 port"));
  }
}

}  // namespace
}  // namespace dragoman::testing
