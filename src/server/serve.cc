#include "server/serve.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/words.h"
#include "server/api.h"
#include "server/http_server.h"
#include "server/request_log.h"
#include "service/service_options.h"

namespace dragoman {
namespace {

/// Each connection is an open file.
void allow_open_files(int connections) {
  constexpr rlim_t others = 200;  // models, logs, connections beyond the limit
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min(limit.rlim_max, std::max(limit.rlim_cur, rlim_t(connections) + others));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Joins what is answered with what is told of it.
class ServedApi : public HttpHandler {
 public:
  explicit ServedApi(Api& api) : api_(api) {}

  std::optional<Response> refuse(const Request& head, RequestRecord& record) override {
    return api_.refuse(head, record);
  }
  void answer(const Request& request, const std::shared_ptr<Reply>& reply) override { api_.answer(request, reply); }
  void begins(const RequestRecord& record) override { api_.metrics().request_begins(record.route); }
  void ended(const RequestRecord& record) override {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - record.begin;
    api_.metrics().request_ends(record, passed.count());
    log_request(record, passed.count() * 1000);
  }
  void connections(int open, bool is_refused) override {
    api_.metrics().set_connections(open);
    if (is_refused) api_.metrics().connection_refused();
  }
  void stopping(int signal, int open_connections) override {
    api_.stop();
    log::info(
        "{}: taking no new connections; {} are open, and requests under way go on to their end. Another signal ends "
        "at once",
        signal == 0        ? "stop"
        : signal == SIGINT ? "SIGINT"
                           : "SIGTERM",
        open_connections);
  }

 private:
  Api& api_;
};

}  // namespace

int serve(const ServeSettings& s, const std::string& version) {
  if (s.log_format == "json") use_json_log();
  const std::string address = s.host == "localhost" ? "127.0.0.1" : s.host;
  check_exposure(address, s.require_api_key, !s.allow_hosts.empty());
  GuardOptions guard{.address = address, .port = s.port, .allow_hosts = s.allow_hosts, .cors_origins = s.cors_origins};
  Guard{guard};  // settings that cannot be are told before anything is loaded
  ApiKeys keys = s.api_keys.empty() ? ApiKeys() : ApiKeys(s.api_keys);
  const auto corrections = s.corrections.empty() ? nullptr : std::make_unique<CorrectionsFile>(s.corrections);

  const ServeLimits& limits = s.limits;
  allow_open_files(limits.max_connections);
  // Before anything of it is answered, models are known.
  ServiceOptions options = service_options(s.served);
  options.most_queued_tokens = std::size_t(limits.queue_tokens);
  auto service = std::make_unique<Service>(std::move(options));
  HttpServer server({.address = address,
                     .port = s.port,
                     .most_connections = limits.max_connections,
                     .most_header_bytes = std::size_t(limits.header_limit),
                     .most_body_bytes = std::size_t(limits.body_limit),
                     .client_seconds = limits.client_timeout});
  guard.port = server.port();
  Api api(*service,
          {.version = version,
           .limits = limits,
           .require_api_key = s.require_api_key,
           .metrics_token = s.metrics_token,
           .beam_size = s.served.search.beam_size},
          guard, std::move(keys), corrections.get(), web_files);
  std::vector<std::string> pairs;
  for (const TranslationDirection& d : service->directions()) {
    pairs.push_back(d.source + "-" + d.target + (d.pivot.empty() ? "" : " (through " + d.pivot + ")"));
  }
  log::info("translating {}", join_words(pairs));
  log::info("listening at http://{}:{}", host_of_address(address), server.port());
  ServedApi served(api);
  server.run(served);
  service->drain();
  service.reset();  // what is left of requests holds connections, which must not outlive their server
  log::info("all requests are answered; the end");
  return 0;
}

}  // namespace dragoman
