#include "train/signals.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cassert>

namespace dragoman {
namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "only then may a signal handler touch it");
struct sigaction previous_interrupt, previous_terminate;
[[maybe_unused]] bool installed = false;

void on_signal(int signal) {
  int none = 0;
  if (!received.compare_exchange_strong(none, signal) && signal == SIGINT) ::_exit(128 + SIGINT);
}

}  // namespace

StopSignals::StopSignals() {
  assert(!installed);
  installed = true;
  received = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // reads and writes under way go on
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &previous_interrupt);
  ::sigaction(SIGTERM, &action, &previous_terminate);
}

StopSignals::~StopSignals() {
  ::sigaction(SIGINT, &previous_interrupt, nullptr);
  ::sigaction(SIGTERM, &previous_terminate, nullptr);
  installed = false;
}

int StopSignals::signal() const { return received; }

}  // namespace dragoman
