// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../support/archive_bytes.hpp"
#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::io {
namespace {

using support::bytes_of;
using support::little_endian;
using testing::ElementsAre;

std::string file_bytes(const std::string& header, const std::string& data) {
  return little_endian(std::uint64_t{header.size()}) + header + data;
}

NamedArray read_one(const std::string& type, const std::string& data, std::size_t count) {
  const std::string header = "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[" +
                             std::to_string(count) + "],\"data_offsets\":[0," +
                             std::to_string(data.size()) + "]}}";
  return parse_safetensors(file_bytes(header, data), "memory").at("a");
}

TEST(Safetensors, NumbersOfEveryTypeAreRead) {
  const auto doubles = [](const NamedArray& array) {
    NamedArrays arrays;
    arrays.set("a", array);
    return arrays.values("a");
  };
  EXPECT_THAT(doubles(read_one("F64", bytes_of({1.5, -2}), 2)), ElementsAre(1.5, -2));
  EXPECT_THAT(doubles(read_one("F32", little_endian(0x3fc00000u) + little_endian(0xc0000000u), 2)),
              ElementsAre(1.5, -2));
  EXPECT_THAT(doubles(read_one("F16", std::string("\x00\x3e\x00\xc0", 4), 2)),
              ElementsAre(1.5, -2));
  EXPECT_THAT(doubles(read_one("BF16", std::string("\xc0\x3f\x00\xc0", 4), 2)),
              ElementsAre(1.5, -2));
  EXPECT_THAT(doubles(read_one("I8", "\x7f\x80", 2)), ElementsAre(127, -128));
  EXPECT_THAT(doubles(read_one("U8", "\x7f\x80", 2)), ElementsAre(127, 128));
  EXPECT_THAT(doubles(read_one("I16", "\xfe\xff", 1)), ElementsAre(-2));
  EXPECT_THAT(doubles(read_one("U16", "\xfe\xff", 1)), ElementsAre(65534));
  EXPECT_THAT(doubles(read_one("I32", "\xfe\xff\xff\xff", 1)), ElementsAre(-2));
  EXPECT_THAT(doubles(read_one("U32", "\xfe\xff\xff\xff", 1)), ElementsAre(4294967294.0));
  EXPECT_THAT(doubles(read_one("I64", "\xfe\xff\xff\xff\xff\xff\xff\xff", 1)), ElementsAre(-2));
  EXPECT_THAT(doubles(read_one("U64", std::string("\2\0\0\0\0\0\0\0", 8), 1)), ElementsAre(2));
  EXPECT_THAT(doubles(read_one("BOOL", std::string("\0\1", 2), 2)), ElementsAre(0, 1));
}

// Byte for byte what the reference implementation (safetensors 0.8.0 in Python) writes for
// save({"b": [[1, 2]] as F32, "a": 3 as I64}, metadata={"format": "pt"}).
TEST(Safetensors, AFileOfTheReferenceImplementationIsRead) {
  std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},)"
      R"("b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::string data =
      little_endian(std::uint64_t{3}) + little_endian(0x3f800000u) + little_endian(0x40000000u);
  const support::TemporaryFolder folder;
  const std::string path = folder.write("a.safetensors", file_bytes(header, data));
  const NamedArrays arrays = read_safetensors(path);
  EXPECT_EQ(arrays.text_attribute("format"), "pt");
  EXPECT_EQ(arrays.scalar("a"), 3);
  EXPECT_THAT(arrays.at("b").shape, ElementsAre(1u, 2u));
  EXPECT_THAT(arrays.values("b"), ElementsAre(1, 2));
}

TEST(Safetensors, ArraysMayStandInAnyOrderAndBeEmpty) {
  const std::string header = R"({"last":{"shape":[1],"dtype":"U8","data_offsets":[1,2]},)"
                             R"("none":{"shape":[0,5],"dtype":"F64","data_offsets":[1,1]},)"
                             R"("first":{"data_offsets":[0,1],"shape":[1],"dtype":"U8"}})";
  const NamedArrays arrays = parse_safetensors(file_bytes(header, "\3\4"), "memory");
  EXPECT_EQ(arrays.scalar("first"), 3);
  EXPECT_EQ(arrays.scalar("last"), 4);
  EXPECT_THAT(arrays.at("none").shape, ElementsAre(0u, 5u));
}

TEST(Safetensors, NoArraysAreAnEmptySet) {
  EXPECT_TRUE(parse_safetensors(file_bytes("{}", ""), "memory").all().empty());
}

TEST(Safetensors, LimitsAreCountedOverAllArrays) {
  const std::string bytes = file_bytes(R"({"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},)"
                                       R"("b":{"dtype":"I8","shape":[2],"data_offsets":[2,4]}})",
                                       "1234");
  EXPECT_NO_THROW(parse_safetensors(bytes, "memory", {.max_bytes = 32, .max_arrays = 2}));
  EXPECT_THROW(parse_safetensors(bytes, "memory", {.max_bytes = 31}), FormatError);
  EXPECT_THROW(parse_safetensors(bytes, "memory", {.max_arrays = 1}), FormatError);
}

}  // namespace
}  // namespace nullcline::io
