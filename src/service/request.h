#pragma once
// A request under way: how it ends, whoever ends it.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "dragoman/service.h"

namespace dragoman {

/// Who is told how requests end. Outlives all of them.
class RequestOwner {
 public:
  enum class Outcome { done, rejected, failed, cancelled, expired };
  virtual ~RequestOwner() = default;
  /// Before the handler is called: whoever is answered finds the request counted, and its room free.
  virtual void ending(TicketState& request, Outcome outcome) = 0;
  /// After it, when nothing of the request is under way any more.
  virtual void ended(TicketState& request, Outcome outcome) = 0;
  /// Ends the request with an error in a thread of the service.
  virtual void end_soon(std::shared_ptr<TicketState> request, RequestError error) = 0;
};

/// What all kinds of requests have in common. Calls of its handler are one at a time.
struct TicketState : std::enable_shared_from_this<TicketState> {
  TicketState(RequestOptions of_request, std::function<void(RequestError)> of_failure)
      : options(std::move(of_request)), failed_(std::move(of_failure)) {}
  virtual ~TicketState() = default;
  TicketState(const TicketState&) = delete;
  TicketState& operator=(const TicketState&) = delete;

  /// Asks for the end from any thread, within a handler's call too.
  void cancel();

  /// Nobody wants the result any more: decoders give up.
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  /// Calls back with what is new, unless the request has ended.
  template <class Call>
  void tell(const Call& call) {
    const std::lock_guard lock(calls_);
    if (!ended_) call();
  }

  /// Ends it well: calls back with the answer.
  template <class Call>
  void finish(const Call& call) {
    end(RequestOwner::Outcome::done, call);
  }

  /// Ends it badly.
  void fail(RequestError error);

  /// Lets it begin to count. `owner` is told when it ends.
  void begin(RequestOwner* owner) {
    const std::lock_guard lock(of_owner_);
    owner_ = owner;
  }

  const RequestOptions options;
  long charged_tokens = 0;  ///< of the queue's room; the owner's, under its lock
  double turn = 0;          ///< see SentenceQueue; the owner's, under its lock

 private:
  template <class Call>
  void end(RequestOwner::Outcome outcome, const Call& call) {
    RequestOwner* owner = nullptr;
    {
      const std::lock_guard lock(calls_);
      if (ended_) return;
      ended_ = true;
      stopped_ = true;
      {
        const std::lock_guard of_owner(of_owner_);
        std::swap(owner, owner_);
      }
      if (owner != nullptr) owner->ending(*this, outcome);
      call();
    }
    if (owner != nullptr) owner->ended(*this, outcome);
  }

  std::function<void(RequestError)> failed_;
  std::mutex calls_;
  bool ended_ = false;
  std::atomic<bool> stopped_ = false;
  std::mutex of_owner_;
  RequestOwner* owner_ = nullptr;  ///< until the end
};

}  // namespace dragoman
