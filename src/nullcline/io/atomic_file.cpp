// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/checks.hpp"

namespace nullcline::io {

namespace {

using internal::system_reason;

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw FormatError(internal::printable(path, path.size()) + ": " + reason);
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int value() const { return value_; }
  bool is_open() const { return value_ >= 0; }
  /// Some systems report a full disk or quota only here.
  bool close() { return ::close(std::exchange(value_, -1)) == 0; }

 private:
  int value_;
};

/// Removes its file unless it was renamed away.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  void release() { path_.clear(); }

 private:
  std::string path_;
};

/// Writing past the limit on file sizes (ulimit -f) raises SIGXFSZ, which would end the process;
/// while this lives, the calling thread sees the error EFBIG alone.
class FileSizeSignalBlock {
 public:
  FileSizeSignalBlock() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    ::pthread_sigmask(SIG_BLOCK, &signal_, &old_mask_);
  }
  FileSizeSignalBlock(const FileSizeSignalBlock&) = delete;
  FileSizeSignalBlock& operator=(const FileSizeSignalBlock&) = delete;
  ~FileSizeSignalBlock() {
    const int error = errno;
    const timespec no_wait{};
    while (::sigtimedwait(&signal_, nullptr, &no_wait) > 0) {
    }
    ::pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
    errno = error;
  }

 private:
  sigset_t signal_{};
  sigset_t old_mask_{};
};

/// The file that a rename must replace: symbolic links keep pointing where they pointed.
std::string resolve_target(const std::string& path) {
  if (path.empty()) throw FormatError("'': no file name");
  if (path.find('\0') != std::string::npos) refuse(path, "a file name cannot hold a zero byte");
  std::error_code ignored;
  if (!std::filesystem::is_symlink(path, ignored)) return path;
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  if (error) refuse(path, "is a symbolic link that leads nowhere: " + error.message());
  return target.string();
}

std::string folder_of(const std::string& target) {
  const std::string folder = std::filesystem::path(target).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// Creates an empty file under an unused name in `folder`. The name is short whatever the target's
/// name is, and differs between hosts, processes and calls, since folders may be shared.
std::string create_temporary(const std::string& path, const std::string& folder, mode_t mode) {
  static std::atomic<unsigned> counter{0};
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string name = fmt::format("{}/.nullcline-{:.64}-{}-{}.tmp", folder, host, ::getpid(),
                                   counter.fetch_add(1));
    const Descriptor file(::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
    if (file.is_open()) {
      if (mode != 0) ::fchmod(file.value(), mode);
      return name;
    }
    if (errno != EEXIST) refuse(path, "cannot be written: " + system_reason(errno));
  }
  refuse(path, "cannot be written: no unused temporary name in " + folder);
}

void sync_file(const std::string& path, const std::string& temporary) {
  Descriptor file(::open(temporary.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.value()) != 0 || !file.close())
    refuse(path, "cannot be written: " + system_reason(errno));
}

void sync_folder(const std::string& path, const std::string& folder) {
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return;  // a folder may be writable and not readable
  // Not every file system can sync a folder; the rename is atomic all the same.
  if (::fsync(directory.value()) != 0 && errno == EIO)
    refuse(path, "was written, but its folder could not be synced: " + system_reason(errno));
}

void write_all(const std::string& path, const std::string& temporary, std::string_view text) {
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file.is_open()) refuse(path, "cannot be written: " + system_reason(errno));
  while (!text.empty()) {
    const ssize_t written = ::write(file.value(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse(path, "cannot be written: " + system_reason(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (!file.close()) refuse(path, "cannot be written: " + system_reason(errno));
}

}  // namespace

void replace_file(const std::string& path, const std::function<void(const std::string&)>& write) {
  const std::string target = resolve_target(path);
  const std::string folder = folder_of(target);
  struct stat old {};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (!exists && errno != ENOENT) refuse(path, "cannot be written: " + system_reason(errno));
  if (exists && S_ISDIR(old.st_mode)) refuse(path, "is a directory, expected a file to write");
  // Renaming over a device would replace the device itself.
  if (exists && !S_ISREG(old.st_mode)) refuse(path, "is not a regular file");
  // A read-only file stays: rename alone would not ask.
  if (exists && ::access(target.c_str(), W_OK) != 0)
    refuse(path, "cannot be written: " + system_reason(errno));
  if (target.ends_with('/')) refuse(path, "is the name of a folder, expected a file to write");

  TemporaryFile temporary(create_temporary(path, folder, exists ? old.st_mode & 07777 : 0));
  {
    const FileSizeSignalBlock block;
    write(temporary.path());
  }
  sync_file(path, temporary.path());
  if (::rename(temporary.path().c_str(), target.c_str()) != 0)
    refuse(path, "cannot be written: " + system_reason(errno));
  temporary.release();
  sync_folder(path, folder);
}

void write_text(const std::string& path, std::string_view text) {
  replace_file(path, [&](const std::string& temporary) { write_all(path, temporary, text); });
}

std::string read_text(const std::string& path, std::size_t max_bytes) {
  if (path.empty()) throw FormatError("'': no file name");
  if (path.find('\0') != std::string::npos) refuse(path, "a file name cannot hold a zero byte");
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) refuse(path, system_reason(errno));
  std::string text;
  std::string buffer(std::size_t{1} << 16, '\0');
  while (true) {
    const ssize_t count = ::read(file.value(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(path, system_reason(errno));
    if (count == 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(count));
    if (text.size() > max_bytes)
      refuse(path, fmt::format("is longer than the {} bytes allowed", max_bytes));
  }
}

}  // namespace nullcline::io
