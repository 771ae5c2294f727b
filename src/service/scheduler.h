#pragma once
// The workers of a service and what they do next.

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "dragoman/search_options.h"
#include "dragoman/service.h"
#include "service/keeper.h"
#include "service/request.h"
#include "service/sentence_queue.h"
#include "tensor/arena.h"

namespace dragoman {

struct SchedulerOptions {
  int threads = 0;  ///< 0: one per core
  SearchOptions search = {};
  std::size_t most_queued_tokens = 200'000;
};

/// Two levels of work, interactive and bulk. Interactive work goes first, and a worker that translates a bulk batch
/// does one piece of it between two steps; but each time that four pieces of interactive work have gone first in a row
/// where bulk work waited, a piece of that is done.
class Scheduler : public RequestOwner {
 public:
  /// Work for a worker, with memory that is its own.
  using Task = std::function<void(Arena&)>;

  explicit Scheduler(SchedulerOptions options);
  ~Scheduler() override;  ///< REQUIRES: close() was called

  /// Takes a request in, whose texts have about `tokens` tokens, unless there is no room, or what was taken in before
  /// will take until its deadline: then it says why.
  std::optional<RequestError> admit(const std::shared_ptr<TicketState>& request, long tokens);

  /// Lets a request fail that was not taken in.
  void fail_soon(std::shared_ptr<TicketState> request, RequestError error);

  /// The request needs the room of so many tokens less.
  void release(TicketState& request, long tokens);

  /// Work is not done if the request has stopped by then; what it throws fails the request.
  void post(std::shared_ptr<TicketState> request, Task task);
  void post(std::vector<SentenceJob> jobs);

  /// Accepts no more, and waits until all requests have ended.
  void drain();
  /// The same after cancelling them; then ends the workers.
  void close();

  void count_cache(bool hit);
  void count_sentence();
  ServiceStatistics statistics() const;
  int threads() const { return int(workers_.size()); }

  void ending(TicketState& request, Outcome outcome) override;
  void ended(TicketState& request, Outcome outcome) override;
  void end_soon(std::shared_ptr<TicketState> request, RequestError error) override;

 private:
  enum Level { interactive, bulk };
  struct Worker {
    std::array<Arena, 2> arenas;  ///< of its work, and of what it does between
    std::jthread thread;
  };
  struct Work {
    std::shared_ptr<TicketState> request;
    Task task;  ///< empty: a batch
    std::vector<SentenceJob> batch = {};
    Level level = interactive;
  };

  static Level level_of(const TicketState& request) {
    return request.options.priority == Priority::bulk ? bulk : interactive;
  }
  bool waits(Level level) const { return !tasks_[level].empty() || !sentences_[level].empty(); }
  void run(Worker& worker, const std::stop_token& stop);
  std::optional<Work> next();
  std::optional<Work> next_of(Level level);
  void do_work(Work& work, Worker& worker, int depth);
  void do_batch(Work& work, Worker& worker, int depth);
  void do_interactive_work(Worker& worker);
  /// How many tokens of those taken in are translated before so many of a new request, as turns are fair.
  long tokens_before(const TicketState& request, long tokens) const;
  std::chrono::milliseconds time_for(long tokens) const;
  std::chrono::milliseconds retry_after(long tokens) const;

  const SchedulerOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;  ///< workers
  std::condition_variable gone_;      ///< of requests
  std::array<std::deque<Work>, 2> tasks_;
  std::array<SentenceQueue, 2> sentences_;
  std::atomic<int> interactive_waiting_ = 0;  ///< whether there is some; read without the lock
  int idle_ = 0;                              ///< workers
  int first_in_row_ = 0;                      ///< interactive work that went before bulk work
  bool accepts_ = true;
  long queued_tokens_ = 0;
  double tokens_per_second_ = 0;  ///< of all workers together, lately; 0: not known yet
  std::unordered_map<TicketState*, std::shared_ptr<TicketState>> requests_;
  ServiceStatistics statistics_;
  Keeper keeper_;
  std::deque<Worker> workers_;
};

}  // namespace dragoman
