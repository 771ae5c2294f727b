#pragma once
// A request to complete a translation.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/core.h"
#include "service/pivot.h"
#include "service/request.h"
#include "service/target_prefix.h"

namespace dragoman {

class CompletionRun : public TicketState {
 public:
  /// Throws RequestError for what cannot be.
  CompletionRun(ServiceCore& core, CompletionRequest request, Handler<CompletionAnswer> handler);
  long tokens() const { return estimated_tokens(request_.text); }
  void start();

 private:
  void run(const ServedModels& models, Arena& arena);
  std::optional<CompletionAnswer> complete_protected(const ServedModels& models, Arena& arena);
  std::optional<CompletionAnswer> complete(const ServedModels& models, const std::string& text,
                                           const std::string& prefix, Arena& arena);
  CompletionAnswer complete(const ServedModel& model, const LastSource& source, const std::string& prefix,
                            Arena& arena);

  ServiceCore& core_;
  CompletionRequest request_;
  const Handler<CompletionAnswer> handler_;
  const Route route_;
};

}  // namespace dragoman
