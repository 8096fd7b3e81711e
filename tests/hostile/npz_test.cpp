// SPDX-License-Identifier: BSD-3-Clause
// Every hostile array or archive ends in one line that starts with its name, without memory beyond
// the bytes that are there.
#include "nullcline/io/npz.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "../support/archive_bytes.hpp"
#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"

namespace {
std::atomic<std::size_t> largest_allocation{0};
}  // namespace

// This program notes the largest single allocation. Not inlined: GCC would see new meet free.
[[gnu::noinline]] void* operator new(std::size_t size) {
  std::size_t largest = largest_allocation;
  while (size > largest && !largest_allocation.compare_exchange_weak(largest, size)) {
  }
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace nullcline::io {
namespace {

using support::bytes_of;
using support::deflated_zip_bytes;
using support::npy_bytes;
using support::npy_dictionary;
using support::small_npy;
using support::TemporaryFolder;
using support::zip_bytes;
using testing::HasSubstr;

/// The message of the FormatError that `read` must throw: one line that starts with `start`.
template <class Read>
std::string refusal(const std::string& start, Read&& read) {
  largest_allocation = 0;
  try {
    read();
  } catch (const FormatError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with(start)) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_LT(message.size(), start.size() + 400) << message;
    EXPECT_LT(largest_allocation, std::size_t{4} << 20) << message;
    return message;
  }
  ADD_FAILURE() << "was read without complaint";
  return "";
}

std::string npy_refusal(const std::string& bytes, const ReadLimits& limits = {}) {
  return refusal("array.npy: ", [&] { parse_npy(bytes, "array.npy", limits); });
}

std::string npz_refusal(const std::string& bytes, const ReadLimits& limits = {}) {
  return refusal("file.npz: ", [&] { parse_npz(bytes, "file.npz", limits); });
}

std::string with_dictionary(const std::string& dictionary) {
  return npy_bytes(dictionary, bytes_of({1, 2, 3}));
}

TEST(HostileNpy, EveryTruncationIsRefused) {
  const std::string whole = small_npy();
  ASSERT_NO_THROW(parse_npy(whole, "array.npy"));
  for (std::size_t length = 0; length < whole.size(); ++length)
    npy_refusal(whole.substr(0, length));
}

TEST(HostileNpy, SurplusBytesAreRefused) {
  EXPECT_THAT(npy_refusal(small_npy() + "x"), HasSubstr("holds 25 bytes"));
}

TEST(HostileNpy, ForeignMagicAndVersionsAreRefused) {
  EXPECT_THAT(npy_refusal("PK\x03\x04 something else"), HasSubstr("mark of a .npy"));
  for (const int version : {0, 4, 255})
    EXPECT_THAT(npy_refusal(npy_bytes(npy_dictionary("<f8", "(3,)"), bytes_of({1, 2, 3}), version)),
                HasSubstr("version"));
  std::string minor = small_npy();
  minor[7] = 1;
  EXPECT_THAT(npy_refusal(minor), HasSubstr("version 1.1"));
}

TEST(HostileNpy, AHeaderLongerThanTheFileIsRefused) {
  std::string bytes = small_npy();
  bytes[8] = bytes[9] = '\xff';
  EXPECT_THAT(npy_refusal(bytes), HasSubstr("header of 65535 bytes"));
  std::string second = npy_bytes(npy_dictionary("<f8", "(3,)"), bytes_of({1, 2, 3}), 2);
  std::fill(second.begin() + 8, second.begin() + 12, '\xff');
  EXPECT_THAT(npy_refusal(second), HasSubstr("header of 4294967295 bytes"));
}

TEST(HostileNpy, HeadersThatAreNotTheExpectedDictionaryAreRefused) {
  for (const std::string dictionary : {
           "",
           "{",
           "{}",
           "[]",
           "{'descr': '<f8'}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} import os",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'more': 1}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}",
           "{'descr': '<f8', 'fortran_order': __import__('os').system('id'), 'shape': (3,)}",
           "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': 3}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': [3]}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3,,)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (3.0,)}",
           "{'descr': '<f8', 'fortran_order': False, 'shape': (0x3,)}",
           "{'descr': '<f8', 'fortran_order': False 'shape': (3,)}",
           "{'descr: '<f8', 'fortran_order': False, 'shape': (3,)}",
           "{'descr': '<f8",
       })
    EXPECT_THAT(npy_refusal(with_dictionary(dictionary)), HasSubstr("header")) << dictionary;
}

TEST(HostileNpy, TypesOtherThanNumbersAreRefused) {
  EXPECT_THAT(npy_refusal(with_dictionary(npy_dictionary("|O", "(3,)"))), HasSubstr("pickle"));
  EXPECT_THAT(npy_refusal(with_dictionary(
                  "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,)}")),
              HasSubstr("structured"));
  for (const std::string type : {"<c16", "<f16", "<U4", "|S8", "<M8[ns]", "|V8", "<f3", "<i16",
                                 "=f8", "f8", "|f8", "", "<", "<b1x"})
    EXPECT_THAT(npy_refusal(with_dictionary(npy_dictionary(type, "(3,)"))), HasSubstr("found type"))
        << type;
}

TEST(HostileNpy, ShapesThatTheBytesDoNotFillAreRefused) {
  for (const std::string shape :
       {"(4,)", "(2,)", "()", "(1000000000000,)", "(3, 1000000)", "(0,)", "(3, 0)"})
    EXPECT_THAT(npy_refusal(with_dictionary(npy_dictionary("<f8", shape))),
                HasSubstr("holds 24 bytes"))
        << shape;
}

TEST(HostileNpy, AbsurdAndNegativeShapesAreRefused) {
  for (const std::string shape :
       {"(4294967296, 4294967296)", "(4294967296, 4294967296, 0)", "(999999999999999999, 99)",
        "(0, 3000000000)", "(2305843009213693952,)"})
    npy_refusal(npy_bytes(npy_dictionary("<f8", shape), ""));
  EXPECT_THAT(npy_refusal(with_dictionary(npy_dictionary("<f8", "(-3,)"))), HasSubstr("negative"));
  std::string many = "(";
  for (int i = 0; i < 65; ++i) many += "1, ";
  EXPECT_THAT(npy_refusal(npy_bytes(npy_dictionary("<f8", many + ")"), bytes_of({1}))),
              HasSubstr("more than 64 axes"));
}

TEST(HostileNpy, UnsignedNumbersBeyondSignedOnesAreRefused) {
  EXPECT_THAT(npy_refusal(npy_bytes(npy_dictionary("<u8", "(1,)"), std::string(8, '\xff'))),
              HasSubstr("18446744073709551615"));
}

TEST(HostileNpy, ControlCharactersStayOutOfMessages) {
  EXPECT_THAT(npy_refusal(with_dictionary(npy_dictionary("\n\x1b[31m\xff", "(3,)"))),
              HasSubstr("\\x0a\\x1b"));
}

TEST(HostileNpz, WhatIsNoArchiveIsRefused) {
  EXPECT_THAT(npz_refusal(""), HasSubstr("is empty"));
  EXPECT_THAT(npz_refusal("weights = 1"), HasSubstr("not a .npz archive"));
  EXPECT_THAT(npz_refusal(std::string(1000, '\0')), HasSubstr("not a .npz archive"));
  EXPECT_THAT(npz_refusal(small_npy()), HasSubstr("one .npy array"));
  EXPECT_THAT(npz_refusal("\x89HDF\r\n\x1a\n and more"), HasSubstr("HDF5"));
}

TEST(HostileNpz, EveryTruncationIsRefused) {
  const std::string whole = deflated_zip_bytes("a.npy", small_npy());
  ASSERT_NO_THROW(parse_npz(whole, "file.npz"));
  for (std::size_t length = 0; length < whole.size(); ++length)
    npz_refusal(whole.substr(0, length));
}

TEST(HostileNpz, EveryChangedByteIsRefusedOrHarmless) {
  const std::string whole = deflated_zip_bytes("a.npy", small_npy());
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ flip);
      try {
        const NamedArrays arrays = parse_npz(bytes, "file.npz");
        // The check sum covers the numbers; what may change is a name or a date.
        ASSERT_EQ(arrays.all().size(), 1u);
        EXPECT_THAT(std::get<std::vector<double>>(arrays.all().begin()->second.data),
                    testing::ElementsAre(1.0, -2.5, 1e300));
      } catch (const FormatError& error) {
        EXPECT_TRUE(std::string(error.what()).starts_with("file.npz: "));
      }
    }
}

TEST(HostileNpz, EncryptedAndForeignCompressionIsRefused) {
  EXPECT_THAT(npz_refusal(zip_bytes({{.name = "a.npy", .data = small_npy(), .flags = 1}})),
              HasSubstr("encrypted"));
  EXPECT_THAT(npz_refusal(zip_bytes({{.name = "a.npy", .data = small_npy(), .method = 12}})),
              HasSubstr("method 12"));
}

TEST(HostileNpz, MembersThatAreNoArraysAreRefused) {
  EXPECT_THAT(npz_refusal(zip_bytes({{"archive/data.pkl", "\x80\x02}q"}})),
              HasSubstr("member 'archive/data.pkl'"));
  npz_refusal(zip_bytes({{"folder/", ""}}));
  npz_refusal(zip_bytes({{".npy", small_npy()}}));
  npz_refusal(zip_bytes({{"a.npy", "not an array"}}));
  npz_refusal(zip_bytes({{"a.npy", ""}}));
}

TEST(HostileNpz, ANameThatStandsTwiceIsRefused) {
  EXPECT_THAT(npz_refusal(zip_bytes({{"a.npy", small_npy()}, {"a.npy", small_npy()}})),
              HasSubstr("twice"));
}

TEST(HostileNpz, LyingSizesAreRefused) {
  const auto size = static_cast<std::uint32_t>(small_npy().size());
  for (const std::uint32_t lie : {0u, size - 1, size + 1, 2 * size, 0x7fffffffu, 0xfffffffeu}) {
    npz_refusal(zip_bytes({{.name = "a.npy", .data = small_npy(), .size = lie}}));
    npz_refusal(zip_bytes({{.name = "a.npy", .data = small_npy(), .compressed_size = lie}}));
    npz_refusal(
        zip_bytes({{.name = "a.npy", .data = small_npy(), .size = lie, .compressed_size = lie}}));
  }
}

TEST(HostileNpz, LyingSizesOfDeflatedMembersAreRefused) {
  // 24 MB of zeros in 24 kB, and headers that claim some other size of the same array.
  constexpr std::uint32_t kCount = 3000000;
  const std::string npy =
      npy_bytes(npy_dictionary("<f8", "(3000000,)"), std::string(8 * kCount, '\0'));
  const std::string honest = deflated_zip_bytes("a.npy", npy);
  ASSERT_EQ(parse_npz(honest, "file.npz").at("a").size(), kCount);
  const std::string true_size = support::little_endian(static_cast<std::uint32_t>(npy.size()));
  for (const std::uint32_t lie : {100u, 1000000u, 24000000u, 0x7fffffffu, 0xfffffff0u}) {
    std::string bytes = honest;
    for (std::size_t at = bytes.find(true_size); at != std::string::npos;
         at = bytes.find(true_size, at + 1))
      bytes.replace(at, 4, support::little_endian(lie));
    ASSERT_NE(bytes, honest);
    npz_refusal(bytes);
  }
}

TEST(HostileNpz, ABombIsRefusedBeforeItUnfolds) {
  const std::string npy =
      npy_bytes(npy_dictionary("<f8", "(3000000,)"), std::string(24000000, '\0'));
  const std::string bomb = deflated_zip_bytes("a.npy", npy);
  ASSERT_LT(bomb.size(), 100000u);
  EXPECT_THAT(npz_refusal(bomb, {.max_bytes = 1 << 20}), HasSubstr("exceed the limit"));
}

TEST(HostileNpz, AClaimThatDeflateCannotKeepIsRefused) {
  EXPECT_THAT(
      npz_refusal(zip_bytes(
          {{.name = "a.npy", .data = std::string(100, '\3'), .size = 0xfffffff0u, .method = 8}})),
      HasSubstr("claims 4294967280 bytes from 100"));
}

TEST(HostileNpz, MembersThatShareBytesAreRefused) {
  const support::ZipMember first{.name = "a.npy", .data = small_npy()};
  std::vector<support::ZipMember> members{first};
  for (int i = 0; i < 50; ++i)
    members.push_back({.name = "b" + std::to_string(i) + ".npy",
                       .data = "",
                       .size = static_cast<std::uint32_t>(small_npy().size()),
                       .compressed_size = static_cast<std::uint32_t>(small_npy().size()),
                       .crc = support::crc32(small_npy()),
                       .offset = 0});
  npz_refusal(zip_bytes(members));
}

TEST(HostileNpz, AWrongCheckSumIsRefused) {
  EXPECT_THAT(npz_refusal(zip_bytes({{.name = "a.npy", .data = small_npy(), .crc = 1}})),
              HasSubstr("array 'a'"));
}

TEST(HostileNpz, MoreMembersThanAllowedAreRefused) {
  std::vector<support::ZipMember> members;
  for (int i = 0; i < 100; ++i) members.push_back({std::to_string(i) + ".npy", small_npy()});
  EXPECT_THAT(npz_refusal(zip_bytes(members), {.max_arrays = 99}), HasSubstr("100 arrays"));
}

TEST(HostileNpz, NamesWithControlCharactersStayOnOneLine) {
  npz_refusal(zip_bytes({{"evil\nname\x1b[2J.npy", "no array"}}));
}

TEST(HostilePath, WhatIsNoReadableFileIsRefused) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0600), 0);
  for (const std::string& path :
       {std::string(), folder.file("none.npz"), folder.path(), folder.file("pipe"),
        std::string("/dev/zero"), folder.file("none\nother"),
        folder.file(std::string(5000, 'x'))}) {
    const std::string shown = path.substr(0, path.find('\n'));
    refusal(path.empty() ? "''" : shown, [&] { read_npz(path); });
    refusal(path.empty() ? "''" : shown, [&] { read_npy(path); });
  }
  const std::string with_zero("/tmp/a\0b", 8);
  refusal("/tmp/a", [&] { read_npz(with_zero); });
}

TEST(HostilePath, TheFileIsNamedInTheMessage) {
  const TemporaryFolder folder;
  const std::string path = folder.write("weights.npz", zip_bytes({{"a.npy", "no array"}}));
  EXPECT_THAT(refusal(path + ": array 'a'", [&] { read_npz(path); }), HasSubstr("mark of a .npy"));
}

}  // namespace
}  // namespace nullcline::io
