#include "service/request.h"

namespace dragoman {
namespace {

RequestOwner::Outcome outcome_of(RequestError::Kind kind) {
  switch (kind) {
    case RequestError::Kind::cancelled:
      return RequestOwner::Outcome::cancelled;
    case RequestError::Kind::deadline:
      return RequestOwner::Outcome::expired;
    case RequestError::Kind::failed:
      return RequestOwner::Outcome::failed;
    default:
      return RequestOwner::Outcome::rejected;
  }
}

}  // namespace

void TicketState::cancel() {
  if (stopped_.exchange(true)) return;
  const std::lock_guard lock(of_owner_);  // the owner waits for the end, which waits for this
  if (owner_ == nullptr) return;
  owner_->end_soon(shared_from_this(), {RequestError::Kind::cancelled, "the request was cancelled"});
}

void TicketState::fail(RequestError error) {
  const RequestOwner::Outcome outcome = outcome_of(error.kind);
  end(outcome, [&] {
    if (failed_) failed_(std::move(error));
  });
}

}  // namespace dragoman
