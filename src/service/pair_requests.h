#pragma once
// Requests about a sentence and its translation: what the model looked at, and how probable it is.

#include <memory>

#include "service/core.h"
#include "service/pivot.h"
#include "service/request.h"

namespace dragoman {

class AttentionRun : public TicketState {
 public:
  /// Throws RequestError for what cannot be.
  AttentionRun(ServiceCore& core, AttentionRequest request, Handler<AttentionAnswer> handler);
  long tokens() const { return estimated_tokens(request_.text); }
  void start();
  void run(const ServedModels& models, Arena& arena);  ///< in a worker

 private:
  ServiceCore& core_;
  AttentionRequest request_;
  const Handler<AttentionAnswer> handler_;
  const Route route_;
};

class ScoreRun : public TicketState {
 public:
  /// Throws RequestError for what cannot be.
  ScoreRun(ServiceCore& core, ScoreRequest request, Handler<ScoreAnswer> handler);
  long tokens() const { return estimated_tokens(request_.text); }
  void start();
  void run(const ServedModels& models, Arena& arena);  ///< in a worker

 private:
  ServiceCore& core_;
  ScoreRequest request_;
  const Handler<ScoreAnswer> handler_;
  const Route route_;
};

}  // namespace dragoman
