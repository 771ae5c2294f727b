#include "service/scheduler.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "ops/threads.h"
#include "service/sentence_batch.h"
#include "translate/parallel.h"

namespace dragoman {
namespace {

/// Interactive batches are small: who comes next waits for no more than one of them.
constexpr BatchLimits interactive_limits = {.sentences = 16, .tokens = 512, .choice = 64};
constexpr BatchLimits bulk_limits = {.sentences = 32, .tokens = 4096, .choice = 512};
/// With so many waiting for each worker all have a batch before them anyway, and larger ones take less time.
constexpr std::size_t many_sentences = 32;
constexpr int fewest_sentences = 4;  ///< below this a batch is not worth sharing among threads
constexpr int most_first_in_row = 4;
constexpr std::size_t enough_sentences = 512;  ///< with so many waiting no more texts are cut into sentences

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

Scheduler::Scheduler(SchedulerOptions options) : options_(std::move(options)) {
  for (int i = 0; i < thread_count(options_.threads); ++i) workers_.emplace_back();
  for (Worker& worker : workers_) {
    worker.thread = std::jthread([this, &worker](const std::stop_token& stop) { run(worker, stop); });
  }
}

Scheduler::~Scheduler() = default;

std::optional<RequestError> Scheduler::admit(const std::shared_ptr<TicketState>& request, long tokens) {
  {
    const std::lock_guard lock(mutex_);
    const long most = long(options_.most_queued_tokens);
    using Kind = RequestError::Kind;
    if (!accepts_) return RequestError{Kind::overloaded, "the service is being shut down", retry_after(most)};
    if (tokens > most) {
      return RequestError{Kind::bad_request,
                          fmt::format("the text is too long: about {} tokens, and at most {} are taken", tokens, most),
                          {}};
    }
    if (queued_tokens_ + tokens > most) {
      return RequestError{Kind::overloaded, "too much is being translated already; try again later",
                          retry_after(queued_tokens_ + tokens - most)};
    }
    const auto now = Clock::now();
    const auto deadline = request->options.deadline.value_or(now);
    constexpr int caution = 2;  // where others use the processor too, speed falls faster than it is seen to fall
    const auto is_late_after = [&](long before) { return now + caution * time_for(before) > deadline; };
    const bool may_be_late = deadline > now && tokens_per_second_ > 0 && is_late_after(queued_tokens_);
    if (may_be_late && is_late_after(tokens_before(*request, tokens))) {
      return RequestError{Kind::overloaded, "too much is being translated already to do this in time; try again later",
                          retry_after(queued_tokens_)};
    }
    queued_tokens_ += tokens;
    request->charged_tokens = tokens;
    ++statistics_.requests;
    requests_.emplace(request.get(), request);
    request->begin(this);
  }
  keeper_.end_at_deadline(request);
  return std::nullopt;
}

long Scheduler::tokens_before(const TicketState& request, long tokens) const {
  long sum = 0;
  for (const auto& [pointer, other] : requests_) {
    if (level_of(*other) <= level_of(request)) sum += std::min(other->charged_tokens, tokens);
  }
  return sum;
}

std::chrono::milliseconds Scheduler::retry_after(long tokens) const {
  return std::clamp(time_for(tokens), std::chrono::milliseconds(100), std::chrono::milliseconds(60'000));
}

std::chrono::milliseconds Scheduler::time_for(long tokens) const {
  constexpr double usual_speed = 1000, longest = 86'400'000;
  const double speed = tokens_per_second_ > 0 ? tokens_per_second_ : usual_speed;
  return std::chrono::milliseconds(long(std::min(1000 * double(tokens) / speed, longest)));
}

void Scheduler::fail_soon(std::shared_ptr<TicketState> request, RequestError error) {
  {
    const std::lock_guard lock(mutex_);
    ++statistics_.requests;
    requests_.emplace(request.get(), request);
    request->begin(this);
  }
  keeper_.end_soon(std::move(request), std::move(error));
}

void Scheduler::release(TicketState& request, long tokens) {
  const std::lock_guard lock(mutex_);
  const long share = std::min(tokens, request.charged_tokens);
  request.charged_tokens -= share;
  queued_tokens_ -= share;
}

void Scheduler::ending(TicketState& request, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  queued_tokens_ -= request.charged_tokens;
  request.charged_tokens = 0;
  if (outcome == Outcome::rejected) ++statistics_.rejected;
  if (outcome == Outcome::failed) ++statistics_.failed;
  if (outcome == Outcome::cancelled) ++statistics_.cancelled;
  if (outcome == Outcome::expired) ++statistics_.expired;
}

void Scheduler::ended(TicketState& request, Outcome outcome) {
  std::shared_ptr<TicketState> last;  // goes away without the lock
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(&request);
  if (found == requests_.end()) return;
  last = std::move(found->second);
  requests_.erase(found);
  if (outcome != Outcome::done) sentences_[level_of(request)].drop(request);
  gone_.notify_all();
}

void Scheduler::end_soon(std::shared_ptr<TicketState> request, RequestError error) {
  keeper_.end_soon(std::move(request), std::move(error));
}

void Scheduler::post(std::shared_ptr<TicketState> request, Task task) {
  const std::lock_guard lock(mutex_);
  const Level level = level_of(*request);
  tasks_[level].push_back({.request = std::move(request), .task = std::move(task), .level = level});
  interactive_waiting_ = waits(interactive);
  wake_.notify_one();
}

void Scheduler::post(std::vector<SentenceJob> jobs) {
  const std::lock_guard lock(mutex_);
  for (SentenceJob& job : jobs) sentences_[level_of(*job.request)].add(std::move(job));
  interactive_waiting_ = waits(interactive);
  if (jobs.size() > 1) {
    wake_.notify_all();
  } else {
    wake_.notify_one();
  }
}

void Scheduler::run(Worker& worker, const std::stop_token& stop) {
  use_one_thread_per_operation();
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    const bool goes_on = wake_.wait(lock, stop, [&] { return waits(interactive) || waits(bulk); });
    --idle_;
    if (!goes_on || stop.stop_requested()) return;
    std::optional<Work> work = next();
    lock.unlock();
    if (work) do_work(*work, worker, 0);
    work.reset();
    lock.lock();
  }
}

std::optional<Scheduler::Work> Scheduler::next() {
  Level level = waits(interactive) ? interactive : bulk;
  if (level == interactive && waits(bulk) && ++first_in_row_ > most_first_in_row) level = bulk;
  if (level == bulk || !waits(bulk)) first_in_row_ = 0;
  return next_of(level);
}

std::optional<Scheduler::Work> Scheduler::next_of(Level level) {
  std::optional<Work> work;
  SentenceQueue& sentences = sentences_[level];
  if (!tasks_[level].empty() && sentences.size() < enough_sentences) {
    work = std::move(tasks_[level].front());
    tasks_[level].pop_front();
  } else {
    const int takers = idle_ + 1;  // the others are busy
    const int share = std::max(fewest_sentences, (int(sentences.size()) + takers - 1) / takers);
    const bool is_small = level == interactive && sentences.size() < many_sentences * workers_.size();
    BatchLimits limits = is_small ? interactive_limits : bulk_limits;
    limits.sentences = std::min(share, limits.sentences);
    std::vector<SentenceJob> batch = sentences.take(limits);
    if (!batch.empty()) work = Work{.request = {}, .task = {}, .batch = std::move(batch), .level = level};
  }
  interactive_waiting_ = waits(interactive);
  return work;
}

void Scheduler::do_work(Work& work, Worker& worker, int depth) {
  const auto fail_all = [&](const std::string& why) {
    const RequestError error{RequestError::Kind::failed, why};
    if (work.task) work.request->fail(error);
    for (const SentenceJob& job : work.batch) job.request->fail(error);
  };
  Arena& arena = worker.arenas[std::size_t(depth)];
  const Arena::Mark mark = arena.mark();
  try {
    if (!work.task) {
      do_batch(work, worker, depth);
    } else if (!work.request->stopped()) {
      work.task(arena);
    }
  } catch (const std::exception& e) {
    log::error("A request failed: {}", e.what());
    fail_all(e.what());
  }
  if (depth == 0 && mark.used == 0 && mark.block == 0) {
    arena.reset();
  } else {
    arena.rewind(mark);
  }
}

void Scheduler::do_batch(Work& work, Worker& worker, int depth) {
  long tokens = 0;
  for (const SentenceJob& job : work.batch) tokens += long(job.source.size());
  const auto start = Clock::now();
  std::function<void()> pause;
  if (work.level == bulk && depth == 0) pause = [&] { do_interactive_work(worker); };
  std::vector<NBest> found = translate_batch(work.batch, options_.search, worker.arenas[std::size_t(depth)], pause);
  long written = 0;
  for (const NBest& hypotheses : found) written += hypotheses.empty() ? 0 : long(hypotheses[0].tokens.size()) + 1;
  const double speed = double(tokens) / std::max(seconds_since(start), 1e-6) * threads();
  {
    constexpr double weight = 0.1;  // of the newest
    const std::lock_guard lock(mutex_);
    tokens_per_second_ = tokens_per_second_ == 0 ? speed : (1 - weight) * tokens_per_second_ + weight * speed;
    ++statistics_.batches;
    statistics_.source_tokens += tokens;
    statistics_.target_tokens += written;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i].empty()) work.batch[i].done(std::move(found[i]));
  }
}

void Scheduler::do_interactive_work(Worker& worker) {
  if (interactive_waiting_.load(std::memory_order_relaxed) == 0) return;
  std::optional<Work> work;
  {
    const std::lock_guard lock(mutex_);
    if (idle_ > 0 || !waits(interactive)) return;
    work = next_of(interactive);
  }
  if (work) do_work(*work, worker, 1);
}

void Scheduler::drain() {
  std::unique_lock lock(mutex_);
  accepts_ = false;
  gone_.wait(lock, [&] { return requests_.empty(); });
}

void Scheduler::close() {
  std::vector<std::shared_ptr<TicketState>> all;
  {
    const std::lock_guard lock(mutex_);
    accepts_ = false;
    for (const auto& [pointer, request] : requests_) all.push_back(request);
  }
  for (const auto& request : all) request->cancel();
  all.clear();
  drain();
  for (Worker& worker : workers_) worker.thread.request_stop();
  for (Worker& worker : workers_) worker.thread.join();
}

void Scheduler::count_cache(bool hit) {
  const std::lock_guard lock(mutex_);
  ++(hit ? statistics_.cache_hits : statistics_.cache_misses);
}

void Scheduler::count_sentence() {
  const std::lock_guard lock(mutex_);
  ++statistics_.sentences;
}

ServiceStatistics Scheduler::statistics() const {
  const std::lock_guard lock(mutex_);
  ServiceStatistics result = statistics_;
  result.queued_tokens = std::size_t(queued_tokens_);
  result.running_requests = int(requests_.size());
  return result;
}

}  // namespace dragoman
