#include "server/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "server/api_answer.h"

namespace dragoman {

/// A path with its methods.
struct Routes {
  struct Route {
    const char* path;
    enum { get_only, post_only, get_or_post } methods;
    bool is_open;  ///< --cors-origin * allows it to pages of all origins
    void (*post)(Call);
    Response (*get)(Api&, const Request&);
  };

  static Response json(const Json& json) { return {.body = to_text(json)}; }

  // LibreTranslate's client for Python asks for languages by POST.
  static Response languages(Api& api, const Request&) { return json(api.languages().json()); }
  static Response settings(Api& api, const Request&) { return json(frontend_settings(api)); }
  static Response spec(Api& api, const Request&) { return {.body = specification(api)}; }
  static Response health(Api& api, const Request&) {
    return api.is_stopping_ ? Response{.status = 503, .body = R"({"status":"stopping"})"}
                            : Response{.body = R"({"status":"ok"})"};
  }

  static Response metrics(Api& api, const Request& request) {
    const std::string& token = api.options().metrics_token;
    const std::string* given = request.header("Authorization");
    if (!token.empty() && !equal_in_constant_time("Bearer " + token, given == nullptr ? "" : *given)) {
      throw HttpError{401,
                      "/metrics wants Authorization: Bearer and the token of --metrics-token",
                      {},
                      {{"WWW-Authenticate", "Bearer"}}};
    }
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = api.metrics().text(api.service().statistics())};
  }

  static const Route* find(std::string_view path) {
    static constexpr Route routes[] = {
        {"/translate", Route::post_only, true, translate, nullptr},
        {"/translate/stream", Route::post_only, false, translate_stream, nullptr},
        {"/detect", Route::post_only, true, detect, nullptr},
        {"/complete", Route::post_only, false, complete, nullptr},
        {"/attention", Route::post_only, false, attention, nullptr},
        {"/score", Route::post_only, false, score, nullptr},
        {"/suggest", Route::post_only, false, suggest, nullptr},
        {"/suggest/undo", Route::post_only, false, undo_suggestion, nullptr},
        {"/languages", Route::get_or_post, true, nullptr, languages},
        {"/frontend/settings", Route::get_only, false, nullptr, settings},
        {"/health", Route::get_only, false, nullptr, health},
        {"/metrics", Route::get_only, false, nullptr, metrics},
        {"/spec", Route::get_only, false, nullptr, spec},
    };
    const auto found =
        std::find_if(std::begin(routes), std::end(routes), [&](const Route& r) { return r.path == path; });
    return found == std::end(routes) ? nullptr : found;
  }
};

namespace {

void add(std::vector<HeaderField>& headers, const std::vector<HeaderField>& more) {
  headers.insert(headers.end(), more.begin(), more.end());
}

/// The API key in a request's head: X-Api-Key, or Authorization: Bearer.
std::optional<std::string> key_of(const Request& request) {
  if (const std::string* key = request.header("X-Api-Key")) return *key;
  constexpr std::string_view bearer = "Bearer ";
  const std::string* authorization = request.header("Authorization");
  if (authorization == nullptr || !authorization->starts_with(bearer)) return std::nullopt;
  return authorization->substr(bearer.size());
}

std::vector<HeaderField> api_headers() {
  return {{"Cache-Control", "no-store"},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Resource-Policy", "same-origin"}};
}

}  // namespace

Api::Api(Service& service, ApiOptions options, GuardOptions guard, ApiKeys keys, CorrectionsFile* corrections,
         std::span<const EmbeddedFile> files)
    : service_(service),
      options_(std::move(options)),
      guard_(std::move(guard)),
      keys_(std::move(keys)),
      corrections_(corrections),
      pages_(files),
      languages_(service.directions()) {}

std::optional<Response> Api::refuse(const Request& head, RequestRecord& record) const {
  std::vector<HeaderField> headers = api_headers();
  const Routes::Route* route = Routes::find(head.path);
  const bool is_page = route == nullptr && pages_.has(head.path);
  if (route != nullptr || is_page) record.route = head.path;
  const bool is_open = route != nullptr && route->is_open;
  try {
    guard_.check_host(head);
    if (route == nullptr && !is_page) {
      throw HttpError{404, "there is nothing at this address; /spec describes what there is"};
    }
    const bool may_get = is_page || route->methods != Routes::Route::post_only;
    const bool may_post = !is_page && route->methods != Routes::Route::get_only;
    const std::string methods = std::string(may_get ? "GET, HEAD, " : "") + (may_post ? "POST, " : "") + "OPTIONS";
    if (head.method == "OPTIONS") {
      guard_.check_origin(head, is_open);
      headers.push_back({"Allow", methods});
      add(headers, guard_.cors_headers(head, is_open));
      return Response{.status = 204, .headers = headers};
    }
    const bool is_right =
        (may_post && head.method == "POST") || (may_get && (head.method == "GET" || head.method == "HEAD"));
    if (!is_right) {
      throw HttpError{405, fmt::format("expected {}", methods), {}, {{"Allow", methods}}};
    }
    if (head.method == "POST") guard_.check_origin(head, is_open);
    add(headers, guard_.cors_headers(head, is_open));
    if (is_stopping_ && head.path != "/health") throw HttpError{503, "the server is about to end", 5};
    const auto key = key_of(head);
    if (head.method == "POST" && key && !keys_.empty() && keys_.find(*key) == nullptr) {
      throw HttpError{403, "Invalid API key"};
    }
  } catch (const HttpError& error) {
    Response response = error_response(error, head.id);
    add(response.headers, headers);
    return response;
  }
  return std::nullopt;
}

void Api::check_key_and_rate(const Request& request, const Parameters& parameters, RequestRecord& record) {
  const auto header = key_of(request);
  const std::string given = header ? *header : parameters.text("api_key", "");
  const ApiKey* key = keys_.empty() || given.empty() ? nullptr : keys_.find(given);
  if (!keys_.empty() && !given.empty() && key == nullptr) throw HttpError{403, "Invalid API key"};
  if (options_.require_api_key && key == nullptr) {
    throw HttpError{403,
                    "an API key is needed, in the header X-Api-Key or as api_key: please ask whoever runs this server"};
  }
  if (key != nullptr) record.key = key->name;
  const RateLimits limits{.per_minute = key != nullptr && key->req_limit ? *key->req_limit : options_.limits.req_limit,
                          .per_hour = options_.limits.hourly_req_limit,
                          .per_day = options_.limits.daily_req_limit};
  const std::string client = key != nullptr ? "key " + key->name : client_of_address(request.client);
  if (const auto seconds = limiter_.take(client, limits, std::chrono::steady_clock::now())) {
    throw HttpError{429, fmt::format("Slowdown: too many requests; try again in {} s", *seconds), *seconds};
  }
}

std::shared_ptr<void> Api::take_place() {
  if (places_->fetch_add(1) >= options_.limits.max_requests) {
    places_->fetch_sub(1);
    throw HttpError{503, "the server is busy; try again in a second", 1};
  }
  return {nullptr, [places = places_](void*) { places->fetch_sub(1); }};
}

void Api::answer(const Request& request, const std::shared_ptr<Reply>& reply) {
  std::vector<HeaderField> headers = api_headers();
  try {
    const Routes::Route* route = Routes::find(request.path);
    add(headers, guard_.cors_headers(request, route != nullptr && route->is_open));
    if (route == nullptr) {
      reply->send(pages_.get(request));
    } else if (route->get != nullptr) {
      Response response = route->get(*this, request);
      add(response.headers, headers);
      reply->send(std::move(response));
    } else {
      const Parameters parameters(request);
      check_key_and_rate(request, parameters, reply->record);
      route->post({*this, parameters, reply, headers});
    }
  } catch (const HttpError& error) {
    Response response = error_response(error, request.id);
    add(response.headers, headers);
    reply->send(std::move(response));
  } catch (const std::exception& error) {
    log::error("request {}: {}", request.id, error.what());
    Response response = error_response({500, "the server could not do this; its log says more"}, request.id);
    add(response.headers, headers);
    reply->send(std::move(response));
  }
}

}  // namespace dragoman
