// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/atomic_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>

#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::io {
namespace {

using support::content_of;
using support::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

TEST(AtomicFile, TextComesBackByteForByte) {
  const TemporaryFolder folder;
  const std::string text("line\nzero \0 byte\xff", 16);
  write_text(folder.file("a.txt"), text);
  EXPECT_EQ(read_text(folder.file("a.txt")), text);
  EXPECT_THAT(folder.names(), ElementsAre("a.txt"));
}

TEST(AtomicFile, AnOldFileIsReplacedAndKeepsItsPermissions) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.txt", "a longer old text");
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  write_text(path, "new");
  EXPECT_EQ(content_of(path), "new");
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST(AtomicFile, NobodySeesTheFileBeforeItIsWhole) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.txt", "old");
  replace_file(path, [&](const std::string& temporary) {
    EXPECT_NE(temporary, path);
    EXPECT_EQ(std::filesystem::path(temporary).parent_path().string(), folder.path());
    std::ofstream(temporary) << "half";
    EXPECT_EQ(content_of(path), "old");
  });
  EXPECT_EQ(content_of(path), "half");
}

TEST(AtomicFile, AFailingWriterLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.txt", "old");
  const auto fail = [](const std::string& temporary) {
    std::ofstream(temporary) << "half";
    throw std::runtime_error("the writer's own reason");
  };
  EXPECT_THAT([&] { replace_file(path, fail); },
              ThrowsMessage<std::runtime_error>("the writer's own reason"));
  EXPECT_EQ(content_of(path), "old");
  EXPECT_THAT(folder.names(), ElementsAre("a.txt"));
}

TEST(AtomicFile, ALinkKeepsPointingAtTheFileThatIsReplaced) {
  const TemporaryFolder folder;
  const std::string target = folder.write("target.txt", "old");
  std::filesystem::create_symlink(target, folder.file("link.txt"));
  write_text(folder.file("link.txt"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link.txt")));
  EXPECT_EQ(content_of(target), "new");
}

TEST(AtomicFile, ANameAsLongAsTheSystemAllowsIsWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.file(std::string(255, 'n'));
  write_text(path, "text");
  EXPECT_EQ(content_of(path), "text");
}

TEST(AtomicFile, ARelativeNameIsWrittenInTheWorkingFolder) {
  const TemporaryFolder folder;
  const auto old = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  write_text("a.txt", "text");
  std::filesystem::current_path(old);
  EXPECT_THAT(folder.names(), ElementsAre("a.txt"));
}

TEST(ReadText, StopsAtItsLimit) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.txt", "12345");
  EXPECT_EQ(read_text(path, 5), "12345");
  EXPECT_THAT([&] { read_text(path, 4); },
              ThrowsMessage<FormatError>(StartsWith(path + ": is longer than the 4 bytes")));
}

TEST(ReadText, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_THAT([&] { read_text(folder.file("none")); },
              ThrowsMessage<FormatError>(HasSubstr("none: No such file")));
  EXPECT_THAT([&] { read_text(folder.path()); },
              ThrowsMessage<FormatError>(HasSubstr("directory")));
  EXPECT_THROW(read_text(""), FormatError);
}

}  // namespace
}  // namespace nullcline::io
