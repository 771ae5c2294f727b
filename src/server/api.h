#pragma once
// What the server answers: finds the handler of a request, once it is clear that the client may ask.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/serve_settings.h"
#include "dragoman/service.h"
#include "server/api_keys.h"
#include "server/corrections.h"
#include "server/guard.h"
#include "server/http.h"
#include "server/language_table.h"
#include "server/metrics.h"
#include "server/pages.h"
#include "server/parameters.h"
#include "server/rate_limit.h"
#include "server/reply.h"

namespace dragoman {

struct ApiOptions {
  std::string version = {};
  ServeLimits limits = {};
  bool require_api_key = false;
  std::string metrics_token = {};
  int beam_size = 1;  ///< what translations have unless a request says otherwise
};

/// All that handlers share. Used by one thread; what the service's threads call is in api_answer.h.
class Api {
 public:
  Api(Service& service, ApiOptions options, GuardOptions guard, ApiKeys keys, CorrectionsFile* corrections,
      std::span<const EmbeddedFile> files);

  /// Judges a request by its head, before its body is read: an answer that ends it, or nothing. Notes in `record` what
  /// is asked for.
  std::optional<Response> refuse(const Request& head, RequestRecord& record) const;

  /// Answers a request that was not refused, at once or later. Does not throw.
  void answer(const Request& request, const std::shared_ptr<Reply>& reply);

  /// From now on all but /health are refused: the server is about to end.
  void stop() { is_stopping_ = true; }

  Service& service() { return service_; }
  const ApiOptions& options() const { return options_; }
  const LanguageTable& languages() const { return languages_; }
  CorrectionsFile* corrections() const { return corrections_; }  ///< null: none are kept
  const ApiKeys& keys() const { return keys_; }
  Metrics& metrics() { return metrics_; }

  /// A place among the requests that are translated; given back when the last copy goes. Throws HttpError 503.
  std::shared_ptr<void> take_place();

 private:
  friend struct Routes;
  void check_key_and_rate(const Request& request, const Parameters& parameters, RequestRecord& record);

  Service& service_;
  ApiOptions options_;
  Guard guard_;
  ApiKeys keys_;
  CorrectionsFile* corrections_;
  Pages pages_;
  LanguageTable languages_;
  Metrics metrics_;
  RateLimiter limiter_;
  std::shared_ptr<std::atomic<int>> places_ = std::make_shared<std::atomic<int>>(0);  // that are taken
  bool is_stopping_ = false;
};

/// What a handler of POST is given.
struct Call {
  Api& api;
  const Parameters& parameters;
  std::shared_ptr<Reply> reply;
  std::vector<HeaderField> headers;  ///< that its answer must have
};

// The handlers, which throw HttpError as long as they have not begun to answer.
void translate(Call call);
void translate_stream(Call call);
void detect(Call call);
void complete(Call call);
void attention(Call call);
void score(Call call);
void suggest(Call call);
void undo_suggestion(Call call);

// What is answered without parameters.
Json frontend_settings(const Api& api);
std::string specification(const Api& api);  ///< an OpenAPI document

}  // namespace dragoman
