#include "dragoman/service.h"

#include <future>
#include <utility>
#include <variant>

#include "service/completion.h"
#include "service/core.h"
#include "service/pair_requests.h"
#include "service/request.h"
#include "service/translation.h"

namespace dragoman {

void Ticket::cancel() const {
  if (state_ != nullptr) state_->cancel();
}

struct Service::Impl {
  explicit Impl(ServiceOptions options) : core(std::move(options)) {}
  ~Impl() { core.scheduler.close(); }

  /// Makes a request, takes it in and begins it; or lets it fail.
  template <class Run, class Request, class TheHandler>
  std::shared_ptr<TicketState> begin(Request request, TheHandler handler) {
    std::shared_ptr<Run> run;
    try {
      run = std::make_shared<Run>(core, std::move(request), handler);
    } catch (RequestError& error) {
      return fail(handler.failed, std::move(error));
    }
    if (auto error = core.scheduler.admit(run, run->tokens())) return fail(handler.failed, *std::move(error));
    run->start();
    return run;
  }

  std::shared_ptr<TicketState> fail(std::function<void(RequestError)> failed, RequestError error) {
    auto request = std::make_shared<TicketState>(RequestOptions{}, std::move(failed));
    core.scheduler.fail_soon(request, std::move(error));
    return request;
  }

  ServiceCore core;
};

namespace {

/// Begins a request and waits for its answer.
template <class Answer, class TheHandler, class Begin>
Answer wait_for(const Begin& begin) {
  std::promise<std::variant<Answer, RequestError>> promise;
  auto result = promise.get_future();
  TheHandler handler;
  handler.done = [&](Answer answer) { promise.set_value(std::move(answer)); };
  handler.failed = [&](RequestError error) { promise.set_value(std::move(error)); };
  begin(std::move(handler));
  auto value = result.get();
  if (auto* error = std::get_if<RequestError>(&value)) throw std::move(*error);
  return std::get<Answer>(std::move(value));
}

}  // namespace

Service::Service(ServiceOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Service::~Service() = default;

std::vector<TranslationDirection> Service::directions() const { return directions_of(impl_->core.catalogue); }

Ticket Service::begin(TranslationRequest request, TranslationHandler handler) {
  Ticket ticket;
  ticket.state_ = impl_->begin<TranslationRun>(std::move(request), std::move(handler));
  return ticket;
}

TranslationAnswer Service::translate(TranslationRequest request) {
  return wait_for<TranslationAnswer, TranslationHandler>(
      [&](TranslationHandler handler) { begin(std::move(request), std::move(handler)); });
}

Ticket Service::begin(CompletionRequest request, Handler<CompletionAnswer> handler) {
  Ticket ticket;
  ticket.state_ = impl_->begin<CompletionRun>(std::move(request), std::move(handler));
  return ticket;
}

CompletionAnswer Service::complete(CompletionRequest request) {
  return wait_for<CompletionAnswer, Handler<CompletionAnswer>>(
      [&](auto handler) { begin(std::move(request), std::move(handler)); });
}

Ticket Service::begin(AttentionRequest request, Handler<AttentionAnswer> handler) {
  Ticket ticket;
  ticket.state_ = impl_->begin<AttentionRun>(std::move(request), std::move(handler));
  return ticket;
}

AttentionAnswer Service::attention(AttentionRequest request) {
  return wait_for<AttentionAnswer, Handler<AttentionAnswer>>(
      [&](auto handler) { begin(std::move(request), std::move(handler)); });
}

Ticket Service::begin(ScoreRequest request, Handler<ScoreAnswer> handler) {
  Ticket ticket;
  ticket.state_ = impl_->begin<ScoreRun>(std::move(request), std::move(handler));
  return ticket;
}

ScoreAnswer Service::score(ScoreRequest request) {
  return wait_for<ScoreAnswer, Handler<ScoreAnswer>>(
      [&](auto handler) { begin(std::move(request), std::move(handler)); });
}

void Service::drain() { impl_->core.scheduler.drain(); }

ServiceStatistics Service::statistics() const {
  ServiceStatistics result = impl_->core.scheduler.statistics();
  result.loaded_models = impl_->core.store.loaded();
  return result;
}

}  // namespace dragoman
