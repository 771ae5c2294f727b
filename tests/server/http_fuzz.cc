// Sends broken requests to a server on loopback, made from good ones by random changes, and holds it to answering each
// with an error of the client's in JSON, or with an answer if it was still a request. The service behind is a script.
//
//   fuzz_http [--requests N] [--seed S]

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/log.h"
#include "server/server_support.h"

namespace dragoman::testing {
namespace {

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

  /// One change of some bytes.
  void change(std::string& text) {
    static const std::vector<std::string> tokens = {"\r\n",
                                                    "\n",
                                                    "\r\n\r\n",
                                                    "\0",
                                                    ":",
                                                    "%",
                                                    "%zz",
                                                    "\"",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "\\u0000",
                                                    "\\ud800",
                                                    "-1",
                                                    "1e999",
                                                    "null",
                                                    "\xff\xfe",
                                                    "Host: evil.com\r\n",
                                                    "Transfer-Encoding: chunked\r\n",
                                                    "Content-Length: 0\r\n",
                                                    "Content-Length: 18446744073709551616\r\n",
                                                    "Expect: 100-continue\r\n",
                                                    "HTTP/1.1",
                                                    "GET ",
                                                    "POST ",
                                                    ";",
                                                    "boundary=",
                                                    "--x",
                                                    "0\r\n\r\n",
                                                    "99999999999999999999"};
    const std::size_t at = text.empty() ? 0 : below(text.size());
    const std::size_t size = text.empty() ? 0 : std::min(text.size() - at, 1 + below(20));
    switch (below(7)) {
      case 0:
        if (!text.empty()) text[at] = char(below(256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(at, size));
        break;
      case 3:
        text.insert(at, tokens[below(tokens.size())]);
        break;
      case 4:
        text.insert(at, std::string(1 + below(3000), char(below(256))));
        break;
      case 5:
        text.resize(at);
        break;
      default:
        if (!text.empty()) std::swap(text[at], text[below(text.size())]);
        break;
    }
  }

  void change_some(std::string& text) {
    for (std::size_t i = 1 + below(4); i > 0; --i) change(text);
  }

 private:
  std::mt19937_64 random_;
};

struct Seed {
  std::string path, type, body;
};

const std::vector<Seed> seeds = {
    {"/translate", "application/json",
     R"({"q":"Hello, world.","source":"en","target":"pt","alternatives":2,"format":"text"})"},
    {"/translate", "application/json",
     R"({"q":["one","two \u00e1"],"source":"auto","target":"pt","beam":4,"deadline_ms":500})"},
    {"/translate", "application/x-www-form-urlencoded", "q=Hello+%C3%A1&source=en&target=pt&format=html&api_key=abc"},
    {"/translate", "multipart/form-data; boundary=x",
     "--x\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nHello\r\n--x\r\nContent-Disposition: form-data; "
     "name=\"source\"\r\n\r\nen\r\n--x\r\nContent-Disposition: form-data; name=\"target\"\r\n\r\npt\r\n--x--\r\n"},
    {"/translate/stream", "application/json", R"({"q":"One line.\n\nAnother.","source":"en","target":"pt","id":7})"},
    {"/detect", "application/json", R"({"q":"Das ist ein Haus."})"},
    {"/complete", "application/json", R"({"q":"Hello","prefix":"Ol","source":"en","target":"pt","alternatives":3})"},
    {"/attention", "application/json",
     R"({"q":"Hello","translation":"Ola","source":"en","target":"pt","kind":"cross","layer":1,"head":null})"},
    {"/score", "application/json", R"({"q":"Hello","translation":"Ola","source":"en","target":"pt"})"},
    {"/suggest", "application/json", R"({"q":"Hello","s":"Ola","source":"en","target":"pt"})"},
};
const std::vector<std::string> pages = {"/",       "/app.js",  "/languages", "/frontend/settings",
                                        "/health", "/metrics", "/spec"};

std::string head_of(const std::string& start, const std::string& host) {
  return start + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: fuzz\r\nAccept: */*\r\n";
}

/// A request that is broken in its body (then its length is right), in its head, or anywhere.
std::string broken_request(Mutator& mutator, const std::string& host) {
  if (mutator.below(8) == 0) {
    std::string request = head_of("GET " + pages[mutator.below(pages.size())], host) + "\r\n";
    mutator.change_some(request);
    return request;
  }
  Seed seed = seeds[mutator.below(seeds.size())];
  const std::size_t kind = mutator.below(3);
  if (kind == 0) mutator.change_some(seed.body);
  std::string head = head_of("POST " + seed.path, host) + "Content-Type: " + seed.type + "\r\n";
  std::string body = seed.body;
  if (mutator.below(4) == 0) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    head += "Transfer-Encoding: chunked\r\n\r\n";
    body = body.empty() ? "0\r\n\r\n" : size + body + "\r\n0\r\n\r\n";
  } else {
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  }
  if (kind == 1) mutator.change_some(head);
  std::string request = head + body;
  if (kind == 2) mutator.change_some(request);
  return request;
}

/// What is wrong with an answer; empty: nothing.
std::string flaw_of(const RawClient::Answer& answer, bool is_head) {
  if (answer.status >= 200 && answer.status < 400) return "";
  if (answer.status == 100) return "";
  if (answer.status < 400 || answer.status > 499) return "status " + std::to_string(answer.status);
  if (is_head) return "";
  const Json json = Json::parse(answer.body, nullptr, false);
  return json.is_object() && json.contains("error") && json.contains("id") ? "" : "no error in JSON: " + answer.body;
}

int fuzz(int requests, std::uint64_t seed) {
  log::info("{} broken requests, seed {}", requests, seed);
  TestServer server({.most_header_bytes = 4096,
                     .most_body_bytes = 100'000,
                     .head_seconds = 0.02,
                     .idle_seconds = 0.02,
                     .client_seconds = 0.02});
  Mutator mutator(seed);
  int flawed = 0;
  std::vector<int> counts(600);
  for (int i = 0; i < requests; ++i) {
    const std::string request = broken_request(mutator, server.host());
    const bool is_head = request.starts_with("HEAD");
    RawClient::Answer answer;
    // The times are so short here that a connection may be given up before its client comes to say anything.
    for (int attempt = 0; attempt < 5 && answer.status == 0; ++attempt) {
      RawClient client(server.port());
      client.send(request);
      answer = client.receive(is_head);
      if (answer.status == 100) answer = client.receive(is_head);
    }
    ++counts[std::size_t(answer.status)];
    // Nothing but line ends is no request, and is not answered.
    if (answer.status == 0 && request.find_first_not_of("\r\n") == std::string::npos) continue;
    const std::string flaw = flaw_of(answer, is_head);
    if (flaw.empty()) continue;
    ++flawed;
    std::fprintf(stderr, "request %d: %s\n---\n%.*s\n---\n", i, flaw.c_str(),
                 int(std::min<std::size_t>(request.size(), 2000)), request.c_str());
  }
  RawClient client(server.port());
  client.send("GET /health HTTP/1.1\r\nHost: " + server.host() + "\r\n\r\n");
  const bool is_well = client.receive().status == 200;
  const bool has_ended = comes_true([&] { return server.begun == server.ended_requests && server.open == 0; });
  for (std::size_t status = 0; status < counts.size(); ++status) {
    if (counts[status] > 0) std::printf("%zu: %d\n", status, counts[status]);
  }
  if (!is_well) std::fprintf(stderr, "the server is not well afterwards\n");
  if (!has_ended)
    std::fprintf(stderr, "requests %d begun, %d ended; %d connections open\n", server.begun.load(),
                 server.ended_requests.load(), server.open.load());
  return flawed == 0 && is_well && has_ended ? 0 : 1;
}

}  // namespace
}  // namespace dragoman::testing

int main(int argc, char** argv) {
  int requests = 5'000;
  std::uint64_t seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--requests") == 0) requests = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  return dragoman::testing::fuzz(requests, seed);
}
