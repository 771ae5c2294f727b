#include "translate/interruption.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace dragoman {
namespace {

constexpr int watched[] = {SIGINT, SIGTERM};
std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "only then may a signal handler touch it");
struct sigaction previous[2];
[[maybe_unused]] bool installed = false;

void on_signal(int signal) {
  int none = 0;
  if (!received.compare_exchange_strong(none, signal)) ::_exit(128 + signal);
}

}  // namespace

Interruption::Interruption() {
  assert(!installed);
  installed = true;
  received = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // writes under way go on
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < 2; ++i) {
    ::sigaction(watched[i], nullptr, &previous[i]);
    if (previous[i].sa_handler != SIG_IGN) ::sigaction(watched[i], &action, nullptr);
  }
  // A handler may not trigger a stop token, which takes locks; this thread may.
  watcher_ = std::jthread([this](const std::stop_token& end) {
    constexpr std::chrono::milliseconds pause{50};
    std::mutex mutex;
    std::condition_variable_any ending;
    std::unique_lock lock(mutex);
    while (!end.stop_requested() && received == 0) ending.wait_for(lock, end, pause, [] { return received != 0; });
    if (received != 0) source_.request_stop();
  });
}

Interruption::~Interruption() {
  watcher_.request_stop();
  watcher_.join();
  for (int i = 0; i < 2; ++i) ::sigaction(watched[i], &previous[i], nullptr);
  installed = false;
}

int Interruption::exit_code() const { return received == 0 ? 0 : 128 + received; }

}  // namespace dragoman
