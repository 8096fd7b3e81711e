// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../support/archive_bytes.hpp"
#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::io {
namespace {

using support::little_endian;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string file_bytes(const std::string& header, const std::string& data = "") {
  return little_endian(std::uint64_t{header.size()}) + header + data;
}

std::string refusal(const std::string& bytes) {
  try {
    parse_safetensors(bytes, "file");
  } catch (const FormatError& error) {
    EXPECT_THAT(error.what(), AllOf(StartsWith("file: "), Not(HasSubstr("\n"))));
    EXPECT_LT(std::string(error.what()).size(), 400u);
    return error.what();
  }
  ADD_FAILURE() << "was read without complaint: " << bytes.substr(8, 100);
  return "";
}

/// A header of one array of bytes.
std::string one(const std::string& shape, const std::string& offsets,
                const std::string& type = "\"U8\"") {
  return "{\"a\":{\"dtype\":" + type + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}}";
}

TEST(HostileSafetensors, EveryTruncationIsRefused) {
  const std::string whole = file_bytes(one("[4]", "[0,4]"), "1234");
  ASSERT_NO_THROW(parse_safetensors(whole, "file"));
  for (std::size_t length = 0; length < whole.size(); ++length) refusal(whole.substr(0, length));
}

TEST(HostileSafetensors, LyingHeaderLengthsAreRefused) {
  for (const std::uint64_t length : {std::uint64_t{1000}, std::uint64_t{100'000'001}, UINT64_MAX})
    EXPECT_THAT(refusal(little_endian(length) + one("[4]", "[0,4]") + "1234"),
                HasSubstr("claims a header of " + std::to_string(length)));
  EXPECT_THAT(refusal(little_endian(std::uint64_t{0})), HasSubstr("no JSON"));
}

TEST(HostileSafetensors, OffsetsWithGapsOverlapsOrBeyondTheEndAreRefused) {
  for (const std::string offsets : {"[0,3]", "[0,5]", "[1,5]", "[4,0]", "[0,0]", "[2,6]",
                                    "[18446744073709551612,0]", "[0,18446744073709551615]"})
    EXPECT_THAT(refusal(file_bytes(one("[4]", offsets), "1234")), HasSubstr("array 'a': lies at"))
        << offsets;
  EXPECT_THAT(refusal(file_bytes(one("[4]", "[0,4]"), "12345")), HasSubstr("belong to no array"));
  const auto two = [](const std::string& first, const std::string& second) {
    return file_bytes("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":" + first +
                          "},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":" + second +
                          "}}",
                      "1234");
  };
  ASSERT_NO_THROW(parse_safetensors(two("[0,2]", "[2,4]"), "file"));
  refusal(two("[0,2]", "[1,3]"));
  refusal(two("[0,2]", "[0,2]"));
  refusal(two("[0,2]", "[3,5]"));
}

TEST(HostileSafetensors, AbsurdShapesAreRefused) {
  refusal(file_bytes(one("[4294967296,4294967296]", "[0,0]")));
  refusal(file_bytes(one("[18446744073709551615]", "[0,4]"), "1234"));
  refusal(file_bytes(one("[0,18446744073709551615]", "[0,0]")));
  EXPECT_THAT(refusal(file_bytes(one("[-4]", "[0,4]"), "1234")), HasSubstr("number -4"));
  EXPECT_THAT(refusal(file_bytes(one("[4.0]", "[0,4]"), "1234")), HasSubstr("number 4.0"));
  std::string many = "[1";
  for (int i = 0; i < 64; ++i) many += ",1";
  refusal(file_bytes(one(many + "]", "[0,1]"), "1"));
}

TEST(HostileSafetensors, UnknownTypesAreRefused) {
  for (const std::string type : {"\"F8_E4M3\"", "\"C64\"", "\"f32\"", "\"\""})
    EXPECT_THAT(refusal(file_bytes(one("[4]", "[0,4]", type), "1234")), HasSubstr("has type"));
  refusal(file_bytes(one("[4]", "[0,4]", "8"), "1234"));
}

TEST(HostileSafetensors, NamesAndKeysThatStandTwiceAreRefused) {
  const std::string entry = R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  EXPECT_THAT(refusal(file_bytes("{" + entry + "," + entry + "}")), HasSubstr("'a': stands twice"));
  EXPECT_THAT(
      refusal(file_bytes(R"({"a":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}})")),
      HasSubstr("'dtype' stands twice"));
  EXPECT_THAT(refusal(file_bytes(R"({"__metadata__":{"k":"1","k":"2"}})")), HasSubstr("twice"));
  EXPECT_THAT(refusal(file_bytes(R"({"__metadata__":{},"__metadata__":{}})")), HasSubstr("twice"));
}

TEST(HostileSafetensors, JsonOfAnyOtherFormIsRefused) {
  for (const std::string header : {
           "",
           "[]",
           "3",
           "null",
           "\"a\"",
           "{",
           "{]",
           "{\"a\":3}",
           "{\"a\":[]}",
           "{\"a\":{}}",
           "{\"a\":null}",
           "{\"a\":{\"dtype\":\"U8\"}}",
           "{} {}",
           "{\"a\":{\"more\":1}}",
           R"({"a":{"dtype":"U8","shape":[[0]],"data_offsets":[0,0]}})",
           R"({"a":{"dtype":"U8","shape":{},"data_offsets":[0,0]}})",
           R"({"a":{"dtype":"U8","shape":3,"data_offsets":[0,0]}})",
           R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}})",
           R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}})",
           R"({"a":{"dtype":"U8","shape":[true],"data_offsets":[0,0]}})",
           R"({"a":{"dtype":["U8"],"shape":[0],"data_offsets":[0,0]}})",
           R"({"__metadata__":{"k":1}})",
           R"({"__metadata__":{"k":{}}})",
           R"({"__metadata__":"k"})",
           "{\"\xff\":{}}",
       })
    EXPECT_THAT(refusal(file_bytes(header)), HasSubstr("header")) << header;
}

TEST(HostileSafetensors, NestingWithoutEndIsRefusedAtOnce) {
  refusal(file_bytes(std::string(5'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 500'000; ++i) objects += "{\"a\":";
  refusal(file_bytes(objects));
}

TEST(HostileSafetensors, ControlCharactersStayOutOfMessages) {
  refusal(file_bytes(R"({"a\nb\u001b":{"dtype":"U8","shape":[1],"data_offsets":[0,9]}})", "1"));
}

TEST(HostileSafetensors, WhatIsNoFileIsRefused) {
  const support::TemporaryFolder folder;
  for (const std::string& path : {std::string(), folder.path(), folder.file("none")})
    EXPECT_THROW(read_safetensors(path), FormatError) << path;
}

}  // namespace
}  // namespace nullcline::io
