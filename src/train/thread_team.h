#pragma once
// A team of threads that do the same thing at the same time.

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dragoman {

/// `size` threads that wait for work. Products inside them use one thread each (kernels/gemm.h).
class ThreadTeam {
 public:
  explicit ThreadTeam(int size);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return int(threads_.size()); }

  /// Runs work(index) in every thread and returns when all are done. What one throws is thrown here (of several, that
  /// of the lowest index).
  void run(const std::function<void(int)>& work);

 private:
  void wait_for_work(int index);

  std::mutex mutex_;
  std::condition_variable begin_, done_;
  const std::function<void(int)>* work_ = nullptr;
  unsigned long round_ = 0;
  int running_ = 0;
  bool stopping_ = false;
  std::vector<std::exception_ptr> errors_;
  std::vector<std::thread> threads_;
};

}  // namespace dragoman
