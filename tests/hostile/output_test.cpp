// SPDX-License-Identifier: BSD-3-Clause
// Where writing must fail: the reason is the system's, an old file stays, nothing half-written
// remains.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "../support/result_file.hpp"
#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"

namespace nullcline::io {
namespace {

using support::content_of;
using support::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

/// A limit on the size of files, as a full disk without a disk to fill.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &old_); }

 private:
  rlimit old_{};
};

void expect_refused(const std::string& path, const std::string& reason) {
  const auto matches =
      ThrowsMessage<FormatError>(AllOf(StartsWith(path + ": "), HasSubstr(reason)));
  EXPECT_THAT([&] { write_text(path, "text"); }, matches);
  EXPECT_THAT([&] { write_hdf5(path, support::one_of_everything()); }, matches);
}

TEST(HostileOutput, AFullDiskLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.nc", "old");
  {
    // Without care the signal SIGXFSZ would end this process.
    const FileSizeLimit limit(4096);
    EXPECT_THAT(
        [&] { write_text(path, std::string(10000, 'x')); },
        ThrowsMessage<FormatError>(StartsWith(path + ": cannot be written: File too large")));
    EXPECT_THAT(
        [&] { write_hdf5(path, support::one_of_everything()); },
        ThrowsMessage<FormatError>(StartsWith(path + ": cannot be written: File too large")));
    write_text(folder.file("small"), "fits");
  }
  EXPECT_EQ(content_of(path), "old");
  EXPECT_THAT(folder.names(), testing::UnorderedElementsAre("a.nc", "small"));
  write_hdf5(path, support::one_of_everything());
  EXPECT_EQ(read_hdf5(path).scalar("spectral_radius"), 1.25);
}

TEST(HostileOutput, AFolderAsOutputIsRefused) {
  const TemporaryFolder folder;
  expect_refused(folder.path(), "is a directory");
  expect_refused(folder.path() + "/", "is a directory");
  expect_refused(folder.file("none") + "/", "folder");
  EXPECT_TRUE(folder.names().empty());
}

TEST(HostileOutput, AMissingFolderIsNamed) {
  const TemporaryFolder folder;
  expect_refused(folder.file("none/a.nc"), "No such file or directory");
}

TEST(HostileOutput, AFileInPlaceOfTheFolderIsNamed) {
  const TemporaryFolder folder;
  folder.write("file", "text");
  expect_refused(folder.file("file/a.nc"), "Not a directory");
}

TEST(HostileOutput, DevicesAreNotReplaced) {
  expect_refused("/dev/null", "is not a regular file");
  struct stat status {};
  ASSERT_EQ(stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0600), 0);
  expect_refused(folder.file("pipe"), "is not a regular file");
}

TEST(HostileOutput, NamesThatNoSystemTakesAreRefused) {
  expect_refused(std::string(300, 'n'), "File name too long");
  EXPECT_THROW(write_text("", "text"), FormatError);
  EXPECT_THROW(write_text(std::string("a\0b", 3), "text"), FormatError);
}

TEST(HostileOutput, ALinkThatLeadsNowhereIsRefused) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("itself", folder.file("itself"));
  expect_refused(folder.file("itself"), "symbolic link");
}

bool is_denied(const std::string& path) {
  try {
    write_text(path, "text");
    return false;
  } catch (const FormatError& error) {
    return std::string(error.what()) == path + ": cannot be written: Permission denied";
  }
}

TEST(HostileOutput, WhatMustNotBeWrittenIsNotReplaced) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.nc", "old");
  const std::string locked = folder.file("locked");
  std::filesystem::create_directory(locked);
  ASSERT_EQ(chmod(folder.path().c_str(), 0777), 0);
  ASSERT_EQ(chmod(path.c_str(), 0444), 0);
  ASSERT_EQ(chmod(locked.c_str(), 0555), 0);
  // Root may write everything, so another user tries, in a process of their own.
  const auto try_as_somebody = [&] {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && setuid(kNobody) != 0) std::_Exit(2);
    std::_Exit(is_denied(path) && is_denied(locked + "/b.nc") ? 0 : 1);
  };
  EXPECT_EXIT(try_as_somebody(), testing::ExitedWithCode(0), "");
  EXPECT_EQ(content_of(path), "old");
  EXPECT_THAT(folder.names(), testing::UnorderedElementsAre("a.nc", "locked"));
  ASSERT_EQ(chmod(locked.c_str(), 0755), 0);
}

}  // namespace
}  // namespace nullcline::io
