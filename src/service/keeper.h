#pragma once
// The thread that ends requests early: at their deadline, or when somebody asks for it.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "service/request.h"

namespace dragoman {

class Keeper {
 public:
  Keeper();
  ~Keeper();  ///< REQUIRES: all requests have ended

  void end_soon(std::shared_ptr<TicketState> request, RequestError error);
  void end_at_deadline(const std::shared_ptr<TicketState>& request);  ///< if it has one

 private:
  using Clock = std::chrono::steady_clock;
  void run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::pair<std::shared_ptr<TicketState>, RequestError>> ending_;
  std::multimap<Clock::time_point, std::weak_ptr<TicketState>> deadlines_;
  bool changed_ = false;
  std::jthread thread_;
};

}  // namespace dragoman
