#pragma once
// SIGINT and SIGTERM as a wish to stop, so that output ends with a whole line.

#include <signal.h>

#include <atomic>
#include <stop_token>
#include <thread>

namespace dragoman {

/// While an object lives, SIGINT (Ctrl-C) and SIGTERM trigger its stop token; a second one ends the program at once.
/// Signals that were ignored before (as by nohup) stay so. Make it before other threads: they inherit that the signals
/// are blocked.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  std::stop_token token() const { return source_.get_token(); }

  /// The exit code by which a shell sees what ended the program: 130 after SIGINT, 143 after SIGTERM; 0: no signal.
  int exit_code() const { return signal_ == 0 ? 0 : 128 + signal_; }

 private:
  void watch(const std::stop_token& end);

  std::stop_source source_;
  std::atomic<int> signal_{0};
  sigset_t signals_, previous_;
  std::jthread watcher_;
};

}  // namespace dragoman
