// SPDX-License-Identifier: BSD-3-Clause
#include "interrupt.hpp"

#include <csignal>

#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

volatile std::sig_atomic_t received = 0;
constexpr int kSignals[] = {SIGINT, SIGTERM, SIGUSR1};

extern "C" void remember_signal(int signal) { received = signal; }

void set_handlers(void (*handler)(int)) {
  for (int signal : kSignals) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  received = 0;
  set_handlers(remember_signal);
}

InterruptGuard::~InterruptGuard() { set_handlers(SIG_DFL); }

int InterruptGuard::signal() const { return received; }

int interrupted_exit_code(int signal, bool resumable) {
  return resumable && signal != SIGINT ? kResumable : kInterrupted;
}

Progress make_progress(ProgressLine& line, const InterruptGuard& interrupt) {
  return [&line, &interrupt](const ProgressUpdate& update) {
    line.show(update);
    return interrupt.signal() == 0;
  };
}

}  // namespace nullcline::cli
