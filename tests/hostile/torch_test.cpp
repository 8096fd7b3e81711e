// SPDX-License-Identifier: BSD-3-Clause
// Pickles that lie, loop or want something executed end in one line that starts with their name.
#include "nullcline/io/torch_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "../support/archive_bytes.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::io {
namespace {

using support::bytes_of;
using support::deflated_zip_bytes;
using support::little_endian;
using support::zip_bytes;
using testing::AllOf;
using testing::HasSubstr;

std::string text(const std::string& value) {
  return "X" + little_endian(static_cast<std::uint32_t>(value.size())) + value;
}
std::string number(std::int32_t value) {
  return "J" + little_endian(static_cast<std::uint32_t>(value));
}

struct Tensor {
  std::string type = "DoubleStorage", key = "0";
  std::int32_t count = 4, offset = 0;
  std::string shape = "(K\x02K\x02t", strides = "(K\x02K\x01t";
};

/// The opcodes of one tensor.
std::string tensor(const Tensor& t = {}) {
  const std::string storage = "(" + text("storage") + "ctorch\n" + t.type + "\n" + text(t.key) +
                              text("cpu") + number(t.count) + "tQ";
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(t.offset) + t.shape + t.strides +
         "\x89" + "ccollections\nOrderedDict\n)RtR";
}

/// An archive with this pickle and a storage of four doubles.
std::string file_of(const std::string& pickle) {
  return zip_bytes(
      {{"m/data.pkl", "\x80\x02" + pickle + "."}, {"m/data/0", bytes_of({1, 2, 3, 4})}});
}
std::string dictionary_of(const std::string& value) {
  return file_of("}" + text("a") + value + "s");
}

std::string refusal(const std::string& bytes, const ReadLimits& limits = {}) {
  try {
    parse_torch(bytes, "file.pt", limits);
  } catch (const FormatError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("file.pt: ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_LT(message.size(), 500u) << message;
    return message;
  }
  ADD_FAILURE() << "was read without complaint";
  return "";
}

TEST(HostileTorch, TheHonestFileIsRead) {
  EXPECT_EQ(parse_torch(dictionary_of(tensor()), "file.pt").matrix("a"),
            (Matrix(2, 2) << 1, 2, 3, 4).finished());
}

TEST(HostileTorch, GlobalsThatWeightsDoNotNeedAreNamedAndNeverCalled) {
  for (const std::string global :
       {"posix\nsystem", "os\nsystem", "builtins\neval", "builtins\nexec", "torch\nload",
        "torch.hub\nload", "torch._utils\n_rebuild_sparse_tensor", "collections\nCounter",
        "numpy\nload", "functools\npartial", "torch.nn.modules.rnn\nGRU", "__main__\nModel"}) {
    std::string name = global;
    name[name.find('\n')] = '.';
    EXPECT_THAT(refusal(dictionary_of("c" + global + "\n(" + text("echo") + "tR")),
                AllOf(HasSubstr("names '" + name + "'"), HasSubstr("never executed")));
  }
  // A name that only begins or ends like an allowed one.
  EXPECT_THAT(refusal(dictionary_of("ctorch\nFloatStorageX\n")), HasSubstr("FloatStorageX"));
  EXPECT_THAT(refusal(dictionary_of("ccollections\nOrderedDict.x\n")), HasSubstr("OrderedDict.x"));
  EXPECT_THAT(refusal(dictionary_of("c\x1b[2J\nx\n")), HasSubstr("\\x1b[2J"));
}

TEST(HostileTorch, OpcodesThatWeightsDoNotNeedAreRefused) {
  for (const char code :
       {'i', 'o', '\x81', '\x92', '\x93', '\x82', 'P', 'S', 'I', 'F', '0', '2', '\x94', '\x8c'})
    EXPECT_THAT(refusal(file_of(std::string(1, code) + "os\nsystem\n")),
                HasSubstr("has opcode 0x"));
  EXPECT_THAT(refusal(zip_bytes({{"m/data.pkl", "\x80\x04}."}})), HasSubstr("has protocol 4"));
}

TEST(HostileTorch, CallsWithOtherArgumentsAreRefused) {
  EXPECT_THAT(refusal(dictionary_of("ccollections\nOrderedDict\n(K\x01tR")),
              HasSubstr("calls 'collections.OrderedDict' with 1 arguments"));
  EXPECT_THAT(refusal(dictionary_of("ctorch._utils\n_rebuild_tensor_v2\n)R")), HasSubstr("calls"));
  EXPECT_THAT(refusal(dictionary_of("ctorch\nFloatStorage\n)R")), HasSubstr("calls"));
  EXPECT_THAT(refusal(dictionary_of("K\x01)R")), HasSubstr("calls what is no function"));
  EXPECT_THAT(refusal(dictionary_of("(K\x01tQ")), HasSubstr("persistent id"));
  EXPECT_THAT(refusal(dictionary_of("K\x01}b")), HasSubstr("attributes of what is no dictionary"));
}

TEST(HostileTorch, TheStackAndTheMemoAreChecked) {
  for (const std::string pickle : {"", "s", "u", "t", "(s", "\x86", "R", "b", "Q", "q\x01"})
    EXPECT_THAT(refusal(file_of(pickle)), HasSubstr("pickle at byte")) << pickle;
  EXPECT_THAT(refusal(file_of("h\x07")), HasSubstr("never kept"));
  EXPECT_THAT(refusal(file_of("}r\xff\xff\xff\xff")),
              HasSubstr("remembers a value as number 4294967295"));
  EXPECT_THAT(refusal(file_of("}}")), HasSubstr("left over"));
  EXPECT_THAT(refusal(file_of("}(")), HasSubstr("pickle at byte"));
  EXPECT_THAT(refusal(file_of("}.")), HasSubstr("after its end"));
  EXPECT_THAT(refusal(file_of("}(K\x01u")), HasSubstr("key without a value"));
  EXPECT_THAT(refusal(file_of("]K\x01K\x02s")), HasSubstr("no dictionary"));
  EXPECT_THAT(refusal(file_of("X\xff\xff\xff\x7f")), HasSubstr("truncated"));
}

TEST(HostileTorch, CirclesDepthAndRepetitionEnd) {
  EXPECT_THAT(refusal(file_of("}q\x01" + text("a") + "h\x01s")), HasSubstr("deeper than"));
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "}" + text("a");
  EXPECT_THAT(refusal(file_of(deep + "}" + std::string(100000, 's'))), HasSubstr("deeper than"));
  // Twenty dictionaries, each with the one before twice: a million entries.
  std::string laughs = "}q" + std::string(1, '\0');
  for (int i = 1; i < 25; ++i) {
    const std::string before = "h" + std::string(1, static_cast<char>(i - 1));
    laughs += "}" + text("a") + before + "s" + text("b") + before + "sq" +
              std::string(1, static_cast<char>(i));
  }
  const std::string pickle = "(" + laughs + "t";
  EXPECT_THAT(refusal(dictionary_of(pickle)), HasSubstr("more than 100000 values"));
}

TEST(HostileTorch, TensorsStayInsideTheirStorage) {
  const auto refuses = [](const Tensor& lie, const std::string& words) {
    EXPECT_THAT(refusal(dictionary_of(tensor(lie))),
                AllOf(HasSubstr("tensor 'a'"), HasSubstr(words)));
  };
  refuses({.offset = 1}, "reaches beyond the 4 values");
  refuses({.offset = -1}, "unusable offset");
  refuses({.offset = 0x7fffffff}, "reaches beyond");
  refuses({.shape = "(K\x03K\x02t"}, "reaches beyond");
  refuses({.strides = "(J\xff\xff\xff\xffK\x01t"}, "not whole numbers from 0");
  refuses({.strides = "(\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\x01t"}, "reaches beyond");
  refuses({.shape = "(\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\x02t"}, "absurd shape");
  refuses({.shape = "(J\xff\xff\xff\x7fK\x02t", .strides = "(K" + std::string(1, '\0') + "K\x01t"},
          "repeats the 4 values");
  refuses({.strides = "(K\x01t"}, "2 axes and 1 strides");
  refuses({.count = 5}, "needs 5 values of 8 bytes");
  refuses({.count = 3}, "needs 3 values of 8 bytes");
  refuses({.count = -1}, "unknown type, key or size");
  refuses({.type = "FloatStorage"}, "needs 4 values of 4 bytes");
  refuses({.key = "1"}, "member 'm/data/1', which is not there");
  refuses({.key = "../../etc/passwd"}, "which is not there");
  refuses({.shape = "K\x01"}, "unusable shape");
}

TEST(HostileTorch, ManyViewsOfOneStorageAreNoBomb) {
  std::string pickle = "}";
  for (int i = 0; i < 40; ++i) pickle += text(fmt::format("a{}", i)) + tensor() + "s";
  EXPECT_THAT(refusal(file_of(pickle)), HasSubstr("repeats"));
}

TEST(HostileTorch, ArchivesThatLieAreRefused) {
  EXPECT_THAT(refusal(deflated_zip_bytes("m/data.pkl", std::string(std::size_t{1} << 25, 'N'))),
              HasSubstr("the limit is"));
  EXPECT_THAT(refusal(zip_bytes({{"m/data.pkl", "\x80\x02}."}, {"m/data.pkl", "\x80\x02}."}})),
              HasSubstr("stands in the archive twice"));
  EXPECT_THAT(refusal(zip_bytes({{"m/data.pkl", "\x80\x02}."}, {"n/data.pkl", "\x80\x02}."}})),
              HasSubstr("two pickles"));
  EXPECT_THAT(refusal(zip_bytes({{"m/data.npy", ""}})), HasSubstr("without data.pkl"));
  EXPECT_THAT(
      refusal(zip_bytes({{.name = "m/data.pkl", .data = "\x80\x02}.", .size = 4000000000u}})),
      HasSubstr("claims"));
  EXPECT_THAT(refusal(zip_bytes({{"m/data.pkl", "\x80\x02}."}, {"m/byteorder", "middle"}})),
              HasSubstr("byte order 'middle'"));
  EXPECT_THAT(refusal("PK\x03\x04"), HasSubstr("not a .pt archive"));
  EXPECT_THAT(refusal(""), HasSubstr("is empty"));
  EXPECT_THAT(refusal("\x80\x02}."), HasSubstr("bare pickle"));
  EXPECT_THAT(refusal(file_of("K\x01")), HasSubstr("no dictionary of tensors"));
}

TEST(HostileTorch, EveryTruncationIsRefused) {
  for (const std::string& whole : {dictionary_of(tensor())}) {
    ASSERT_NO_THROW(parse_torch(whole, "file.pt"));
    for (std::size_t length = 0; length < whole.size(); ++length) refusal(whole.substr(0, length));
  }
  const std::string pickle = "}" + text("a") + tensor() + "s.";
  for (std::size_t length = 0; length < pickle.size(); ++length)
    refusal(zip_bytes({{"m/data.pkl", "\x80\x02" + pickle.substr(0, length)},
                       {"m/data/0", bytes_of({1, 2, 3, 4})}}));
}

TEST(HostileTorch, ChangedBytesAreRefusedOrHarmless) {
  const std::string whole = dictionary_of(tensor());
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int change : {1, 0x80, 0xff}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ change);
      try {
        parse_torch(bytes, "file.pt", {.max_bytes = 1 << 20});
      } catch (const FormatError& error) {
        EXPECT_TRUE(std::string(error.what()).starts_with("file.pt: ")) << error.what();
      }
    }
}

}  // namespace
}  // namespace nullcline::io
