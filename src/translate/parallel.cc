#include "translate/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "ops/threads.h"

namespace dragoman {

int thread_count(int threads) { return threads > 0 ? threads : std::max(1, int(std::thread::hardware_concurrency())); }

void for_each_parallel(int threads, int count, const std::function<void(int worker, int index)>& work,
                       const std::stop_token& stop) {
  std::atomic<int> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::exception_ptr error;
  int error_index = count;
  const auto run = [&](int worker) {
    use_one_thread_per_operation();
    while (!failed) {
      const int index = next++;
      if (index >= count) return;
      try {
        if (stop.stop_requested()) throw Interrupted{};
        work(worker, index);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failed = true;
        if (index < error_index) {
          error = std::current_exception();
          error_index = index;
        }
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (int worker = 1; worker < std::min(threads, count); ++worker) others.emplace_back(run, worker);
    run(0);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace dragoman
