// SPDX-License-Identifier: BSD-3-Clause
// tests/data/io/*.npz were written by numpy (make.py beside them).
#include "nullcline/io/npz.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../support/archive_bytes.hpp"
#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::io {
namespace {

using support::bytes_of;
using support::npy_bytes;
using support::npy_dictionary;
using testing::ElementsAre;

std::string data_file(const std::string& name) {
  return std::string(NULLCLINE_TEST_DATA) + "/io/" + name;
}

class NumpyArchive : public testing::TestWithParam<std::string> {
 protected:
  NamedArrays arrays_ = read_npz(data_file(GetParam()));
};

INSTANTIATE_TEST_SUITE_P(Npz, NumpyArchive,
                         testing::Values("numpy_stored.npz", "numpy_deflated.npz"));

TEST_P(NumpyArchive, NumbersOfEveryTypeAndByteOrderAreRead) {
  for (const std::string order : {"little_", "big_"}) {
    for (const std::string type : {"f2", "f4", "f8", "i1", "i2", "i4", "i8"}) {
      EXPECT_THAT(arrays_.values(order + type), ElementsAre(-2, -1, 0, 1, 2, 3)) << order << type;
      EXPECT_THAT(arrays_.at(order + type).shape, ElementsAre(2u, 3u));
    }
    for (const std::string type : {"u1", "u2", "u4", "u8"})
      EXPECT_THAT(arrays_.values(order + type), ElementsAre(0, 1, 2, 3, 4, 5)) << order << type;
  }
}

TEST_P(NumpyArchive, TypesStayAsNarrowAsTheyCan) {
  const auto holds = [&]<class Value>(const std::string& name) {
    return std::holds_alternative<std::vector<Value>>(arrays_.at(name).data);
  };
  EXPECT_TRUE(holds.operator()<float>("big_f2"));
  EXPECT_TRUE(holds.operator()<float>("big_f4"));
  EXPECT_TRUE(holds.operator()<double>("big_f8"));
  EXPECT_TRUE(holds.operator()<std::int64_t>("big_i1"));
  EXPECT_TRUE(holds.operator()<std::int64_t>("little_u4"));
  EXPECT_TRUE(holds.operator()<std::uint8_t>("little_u1"));
  EXPECT_TRUE(holds.operator()<std::uint8_t>("bool"));
}

TEST_P(NumpyArchive, FortranOrderBecomesRowMajor) {
  std::vector<double> expected;
  for (int i = 0; i < 24; ++i) expected.push_back(i);
  EXPECT_EQ(arrays_.values("fortran"), expected);
  EXPECT_THAT(arrays_.at("fortran").shape, ElementsAre(2u, 3u, 4u));
}

TEST_P(NumpyArchive, ScalarsEmptyArraysAndGroupsAreRead) {
  EXPECT_EQ(arrays_.scalar("scalar"), 0.1);
  EXPECT_TRUE(arrays_.at("scalar").shape.empty());
  EXPECT_THAT(arrays_.at("empty").shape, ElementsAre(0u, 3u));
  EXPECT_THAT(arrays_.values("bool"), ElementsAre(1, 0, 1));
  EXPECT_THAT(arrays_.group("group").integers("inside"), ElementsAre(0, 1, 2));
}

TEST_P(NumpyArchive, SpecialNumbersKeepTheirBits) {
  const std::vector<double> values = arrays_.values("special");
  EXPECT_TRUE(std::isnan(values[0]));
  EXPECT_EQ(values[1], std::numeric_limits<double>::infinity());
  EXPECT_EQ(values[2], -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(values[3] == 0 && std::signbit(values[3]));
  EXPECT_EQ(values[4], 5e-324);
}

TEST_P(NumpyArchive, HalfPrecisionIsExact) {
  const std::vector<double> values = arrays_.values("half");
  EXPECT_EQ(values[0], 0);
  EXPECT_TRUE(std::signbit(values[1]));
  EXPECT_EQ(values[2], 0x1p-24);
  EXPECT_EQ(values[3], 1023 * 0x1p-24);
  EXPECT_EQ(values[4], 1);
  EXPECT_EQ(values[5], 65504);
  EXPECT_EQ(values[6], std::numeric_limits<double>::infinity());
  EXPECT_EQ(values[7], -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(values[8]));
}

TEST(Npz, TheOracleNetworksAreRead) {
  const NamedArrays weights =
      read_npz(std::string(NULLCLINE_TEST_DATA) + "/flip-flop/gru16_seed0.weights.npz");
  EXPECT_THAT(weights.at("weight_hh_l0").shape, ElementsAre(48u, 16u));
  EXPECT_THAT(weights.at("readout.weight").shape, ElementsAre(3u, 16u));
}

TEST(Npz, MemoryAndFileGiveTheSame) {
  const std::string bytes = support::content_of(data_file("numpy_deflated.npz"));
  EXPECT_EQ(parse_npz(bytes, "memory").values("fortran"),
            read_npz(data_file("numpy_deflated.npz")).values("fortran"));
}

TEST(Npz, AnArchiveWithoutMembersIsAnEmptySet) {
  EXPECT_TRUE(parse_npz(support::zip_bytes({}), "memory").all().empty());
}

TEST(Npy, EveryVersionOfTheHeaderIsRead) {
  for (const std::string version : {"1", "2", "3"}) {
    const NamedArrays arrays = read_npy(data_file("numpy_version_" + version + ".npy"));
    EXPECT_THAT(arrays.values("array"), ElementsAre(-2, -1, 0, 1, 2, 3)) << version;
  }
}

TEST(Npy, HeadersThatNumpyAlsoReadsAreRead) {
  for (const std::string dictionary :
       {"{'shape': (3,), 'descr': '<f8', 'fortran_order': False}",
        "{\"descr\": \"<f8\", \"fortran_order\": False, \"shape\": (3,)}",
        "{ 'descr' : '<f8' , 'fortran_order' : True , 'shape' : ( 3 , ) , }      ",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3L,), }"}) {
    const NamedArray array = parse_npy(npy_bytes(dictionary, bytes_of({1, 2, 3})), "memory");
    EXPECT_THAT(std::get<std::vector<double>>(array.data), ElementsAre(1, 2, 3)) << dictionary;
  }
}

TEST(Npy, AnyNonzeroByteIsTrue) {
  const NamedArray array =
      parse_npy(npy_bytes(npy_dictionary("|b1", "(3,)"), std::string("\x00\x01\xff", 3)), "memory");
  EXPECT_THAT(std::get<std::vector<std::uint8_t>>(array.data), ElementsAre(0, 1, 1));
}

TEST(Npy, ArraysLongerThanOneChunkAreRead) {
  constexpr std::size_t kCount = 300001;
  std::string payload;
  for (std::size_t i = 0; i < kCount; ++i)
    payload += support::little_endian(static_cast<std::uint32_t>(i));
  const NamedArray array =
      parse_npy(npy_bytes(npy_dictionary("<u4", "(300001,)"), payload), "memory");
  const auto& values = std::get<std::vector<std::int64_t>>(array.data);
  ASSERT_EQ(values.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) ASSERT_EQ(values[i], static_cast<std::int64_t>(i));
}

TEST(Npz, LimitsAreCountedInMemoryOverAllArrays) {
  const std::string one = npy_bytes(npy_dictionary("|i1", "(100,)"), std::string(100, '\1'));
  const std::string two = support::zip_bytes({{"a.npy", one}, {"b.npy", one}});
  // Integers take eight bytes each in memory.
  EXPECT_EQ(parse_npz(two, "memory", {.max_bytes = 1600}).all().size(), 2u);
  EXPECT_THROW(parse_npz(two, "memory", {.max_bytes = 1599}), FormatError);
  EXPECT_EQ(parse_npz(two, "memory", {.max_arrays = 2}).all().size(), 2u);
  EXPECT_THROW(parse_npz(two, "memory", {.max_arrays = 1}), FormatError);
}

}  // namespace
}  // namespace nullcline::io
