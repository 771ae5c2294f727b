#pragma once
// Ctrl-C, which gives up a sentence and not the program.

namespace dragoman {

/// While it lives SIGINT is noticed instead of ending the program; waiting reads are woken.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// Whether SIGINT came since this was asked last.
bool interrupted();

}  // namespace dragoman
