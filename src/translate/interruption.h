#pragma once
// SIGINT and SIGTERM as a wish to stop, so that output ends with a whole line.

#include <stop_token>
#include <thread>

namespace dragoman {

/// While an object lives, SIGINT (Ctrl-C) and SIGTERM trigger its stop token within a moment; a second one ends the
/// program at once. Signals that were ignored before (as by nohup) stay so. At most one object at a time; its end
/// brings back what the signals did before.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  std::stop_token token() const { return source_.get_token(); }

  /// The exit code by which a shell sees what ended the program: 130 after SIGINT, 143 after SIGTERM; 0: no signal.
  int exit_code() const;

 private:
  std::stop_source source_;
  std::jthread watcher_;
};

}  // namespace dragoman
