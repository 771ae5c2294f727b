#include "translate/interruption.h"

#include <unistd.h>

#include <ctime>

namespace dragoman {

Interruption::Interruption() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) sigaddset(&signals_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals_, &previous_);
  watcher_ = std::jthread([this](const std::stop_token& end) { watch(end); });
}

Interruption::~Interruption() {
  watcher_.request_stop();
  watcher_.join();
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

void Interruption::watch(const std::stop_token& end) {
  constexpr timespec pause{.tv_sec = 0, .tv_nsec = 50'000'000};
  while (!end.stop_requested()) {
    const int signal = ::sigtimedwait(&signals_, nullptr, &pause);
    if (signal <= 0) continue;
    if (signal_ != 0) ::_exit(128 + signal);
    signal_ = signal;
    source_.request_stop();
  }
}

}  // namespace dragoman
