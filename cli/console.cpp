// SPDX-License-Identifier: BSD-3-Clause
#include "console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "nullcline/core/error.hpp"

namespace nullcline::cli {

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kFirstLine = std::chrono::seconds(3);
constexpr auto kNextLines = std::chrono::seconds(30);

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return;
  throw FormatError(fmt::format("standard output: {}", std::strerror(errno)));
}

void flush_output() {
  if (std::fflush(stdout) != 0)
    throw FormatError(fmt::format("standard output: {}", std::strerror(errno)));
}

void print_error(std::string_view message) {
  const std::string line = "nullcline: " + one_line(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void print_note(std::string_view message) {
  const std::string line = one_line(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long long>(std::min(std::round(seconds), 1e15));
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02} h", whole / 3600, whole / 60 % 60, whole % 60);
}

ProgressLine::ProgressLine(std::string label, bool quiet)
    : label_(std::move(label)),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      next_(start_ + (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kFirstLine))) {}

ProgressLine::~ProgressLine() {
  if (drawn_ && terminal_) std::fputs("\r\033[K", stderr);
}

void ProgressLine::show(const ProgressUpdate& update) {
  if (first_done_ < 0) first_done_ = update.done;
  const auto now = Clock::now();
  if (quiet_ || now < next_) return;
  next_ = now + (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kNextLines));

  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double speed = (update.done - first_done_) / elapsed;
  std::string left;
  if (update.total > 0 && speed > 0)
    left = "ETA " + duration_text(std::max(0.0, update.total - update.done) / speed);
  if (terminal_) {
    draw_bar(update, left);
    return;
  }
  std::string line = fmt::format("{}: {:.0f}", label_, update.done);
  if (update.total > 0) line += fmt::format(" of {:.0f}", update.total);
  if (!update.message.empty()) line += ", " + one_line(update.message);
  if (!left.empty()) line += ", " + left;
  line += "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void ProgressLine::draw_bar(const ProgressUpdate& update, const std::string& left) {
  constexpr std::size_t kBar = 24;
  std::string line = label_ + " ";
  if (update.total > 0) {
    const double share = std::clamp(update.done / update.total, 0.0, 1.0);
    const auto full = static_cast<std::size_t>(share * kBar);
    line += fmt::format("[{:=<{}}{: <{}}] {:3.0f} %", "", full, "", kBar - full, 100 * share);
  } else {
    line += fmt::format("{:.0f}", update.done);
  }
  if (!update.message.empty()) line += "  " + one_line(update.message);
  if (!left.empty()) line += "  " + left;
  line.resize(std::min(line.size(), terminal_width() - 1));
  std::fputs(("\r" + line + "\033[K").c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace nullcline::cli
