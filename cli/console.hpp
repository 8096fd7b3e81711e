// SPDX-License-Identifier: BSD-3-Clause
// Results to standard output; log and progress to standard error.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "nullcline/core/progress.hpp"

namespace nullcline::cli {

void print(std::string_view text);

/// @throws FormatError if standard output could not take everything (a full disk).
void flush_output();

/// "nullcline: message" on one line of standard error.
void print_error(std::string_view message);

/// One line of log on standard error.
void print_note(std::string_view message);

/// "1.5 s", "2:05 min", "1:00:00 h"
std::string duration_text(double seconds);

/// Shows the progress of a long computation on standard error: a bar with the time left on a
/// terminal, elsewhere a plain line after a few seconds and then twice a minute.
class ProgressLine {
 public:
  ProgressLine(std::string label, bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const ProgressUpdate& update);

 private:
  using Clock = std::chrono::steady_clock;
  void draw_bar(const ProgressUpdate& update, const std::string& left);

  std::string label_;
  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  double first_done_ = -1;  ///< a resumed computation does not start at 0
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_;
};

}  // namespace nullcline::cli
