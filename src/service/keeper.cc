#include "service/keeper.h"

namespace dragoman {

Keeper::Keeper() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

Keeper::~Keeper() {
  thread_.request_stop();
  thread_.join();
}

void Keeper::end_soon(std::shared_ptr<TicketState> request, RequestError error) {
  const std::lock_guard lock(mutex_);
  ending_.emplace_back(std::move(request), std::move(error));
  changed_ = true;
  wake_.notify_one();
}

void Keeper::end_at_deadline(const std::shared_ptr<TicketState>& request) {
  if (!request->options.deadline) return;
  const std::lock_guard lock(mutex_);
  const auto place = deadlines_.emplace(*request->options.deadline, request);
  if (place != deadlines_.begin()) return;
  changed_ = true;
  wake_.notify_one();
}

void Keeper::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() || !ending_.empty()) {
    while (!deadlines_.empty() && (deadlines_.begin()->first <= Clock::now() || deadlines_.begin()->second.expired())) {
      if (auto request = deadlines_.begin()->second.lock()) {
        ending_.emplace_back(std::move(request),
                             RequestError{RequestError::Kind::deadline, "the translation was not ready in time"});
      }
      deadlines_.erase(deadlines_.begin());
    }
    if (!ending_.empty()) {
      auto [request, error] = std::move(ending_.front());
      ending_.pop_front();
      lock.unlock();
      request->fail(std::move(error));
      request = nullptr;
      lock.lock();
      continue;
    }
    changed_ = false;
    const auto is_changed = [this] { return changed_; };
    if (deadlines_.empty()) {
      wake_.wait(lock, stop, is_changed);
    } else {
      wake_.wait_until(lock, stop, deadlines_.begin()->first, is_changed);
    }
  }
}

}  // namespace dragoman
