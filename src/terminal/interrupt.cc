#include "terminal/interrupt.h"

#include <csignal>

namespace dragoman {
namespace {

volatile std::sig_atomic_t signal_came = 0;
struct sigaction before;

extern "C" void note_interrupt(int) { signal_came = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
  struct sigaction action = {};
  action.sa_handler = note_interrupt;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &before);  // without SA_RESTART: a read gives up
}

InterruptGuard::~InterruptGuard() { ::sigaction(SIGINT, &before, nullptr); }

bool interrupted() {
  const bool came = signal_came != 0;
  signal_came = 0;
  return came;
}

}  // namespace dragoman
