#include "train/thread_team.h"

#include "ops/threads.h"

namespace dragoman {

ThreadTeam::ThreadTeam(int size) : errors_(std::size_t(size)) {
  for (int i = 0; i < size; ++i) threads_.emplace_back([this, i] { wait_for_work(i); });
}

ThreadTeam::~ThreadTeam() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  begin_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void ThreadTeam::run(const std::function<void(int)>& work) {
  std::unique_lock lock(mutex_);
  work_ = &work;
  running_ = size();
  ++round_;
  begin_.notify_all();
  done_.wait(lock, [&] { return running_ == 0; });
  for (auto& error : errors_) {
    if (error) {
      const auto first = error;
      for (auto& other : errors_) other = nullptr;
      std::rethrow_exception(first);
    }
  }
}

void ThreadTeam::wait_for_work(int index) {
  use_one_thread_per_operation();
  unsigned long seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    begin_.wait(lock, [&] { return stopping_ || round_ != seen; });
    if (stopping_) return;
    seen = round_;
    const auto* work = work_;
    lock.unlock();
    std::exception_ptr error;
    try {
      (*work)(index);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    errors_[std::size_t(index)] = error;
    if (--running_ == 0) done_.notify_all();
  }
}

}  // namespace dragoman
