#pragma once
// The end of a request, as the threads of the service reach it: the answer in JSON, or why there is none.

#include <chrono>
#include <memory>
#include <vector>

#include "dragoman/service.h"
#include "server/api.h"

namespace dragoman {

/// Copied into the callbacks of a request. As long as a copy lives the request has its place among those translated.
class ApiAnswer {
 public:
  /// Throws HttpError 503 if there is no place.
  explicit ApiAnswer(const Call& call);

  void send(const Json& json) const;
  /// For requests that are answered as a whole.
  void fail(const RequestError& error) const;

  Reply& reply() const { return *reply_; }
  const std::shared_ptr<Reply>& shared_reply() const { return reply_; }
  const std::string& id() const { return id_; }
  const std::vector<HeaderField>& headers() const { return headers_; }
  /// Milliseconds since the request came, to a tenth.
  double milliseconds() const;

 private:
  std::shared_ptr<Reply> reply_;
  std::vector<HeaderField> headers_;
  std::string id_;
  std::chrono::steady_clock::time_point begin_;
  std::shared_ptr<void> place_;
};

/// The status and what to tell, of an error of the service. 499: cancelled, nobody is there to be told.
HttpError http_error(const RequestError& error);

/// "priority", "beam" and "deadline_ms" of a request.
RequestOptions request_options(const Call& call);

/// Source and target language of a request.
struct LanguagePair {
  std::string source, target;
};

/// Both named by the client ("auto" is not allowed). Throws HttpError 400; notes them in the record.
LanguagePair language_pair(const Call& call);

/// Throws HttpError 400 for more characters than a request may have; notes them in the record.
void check_characters(const Call& call, const std::vector<std::string>& texts);

/// Pieces as JSON, and links as [[source, target, weight], ...].
Json json_of(const std::vector<AlignmentLink>& alignment);

/// Begins a request of the service and cancels it when the client goes.
template <class ServiceRequest, class ServiceHandler>
void begin(const Call& call, ServiceRequest request, ServiceHandler handler) {
  const Ticket ticket = call.api.service().begin(std::move(request), std::move(handler));
  call.reply->on_gone([ticket] { ticket.cancel(); });
}

}  // namespace dragoman
