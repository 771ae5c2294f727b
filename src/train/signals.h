#pragma once
// SIGINT and SIGTERM as a wish to stop: training saves its state and ends.

namespace dragoman {

/// While an object lives, SIGINT (Ctrl-C) and SIGTERM only raise a flag; a SIGINT after that ends the program at once,
/// with status 130. Its end brings back what the signals did before. At most one at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool requested() const { return signal() != 0; }
  int signal() const;  ///< SIGINT or SIGTERM, the first that came; 0: none
};

}  // namespace dragoman
