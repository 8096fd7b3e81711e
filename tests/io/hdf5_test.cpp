// SPDX-License-Identifier: BSD-3-Clause
// tests/data/io holds files that h5py, netCDF4 and xarray wrote (make.py beside them); what they
// make of our files is in tests/python/test_result_files.py.
#include "nullcline/io/hdf5.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <thread>

#include "../support/result_file.hpp"
#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::io {
namespace {

using support::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::string data_file(const std::string& name) {
  return std::string(NULLCLINE_TEST_DATA) + "/io/" + name;
}

NamedArrays written_and_read(const NamedArrays& arrays) {
  const TemporaryFolder folder;
  write_hdf5(folder.file("a.nc"), arrays);
  return read_hdf5(folder.file("a.nc"));
}

/// Equal bit for bit, so that NaN equals itself and -0 differs from 0.
bool same_bits(const NamedArray::Data& a, const NamedArray::Data& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& left) {
        const auto& right = std::get<std::decay_t<decltype(left)>>(b);
        using Value = typename std::decay_t<decltype(left)>::value_type;
        return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                          [](const Value& x, const Value& y) {
                            if constexpr (std::is_same_v<Value, double>)
                              return std::bit_cast<std::uint64_t>(x) ==
                                     std::bit_cast<std::uint64_t>(y);
                            else
                              return x == y;
                          });
      },
      a);
}

TEST(Hdf5, EverythingComesBackAsItWas) {
  const NamedArrays original = support::one_of_everything();
  const NamedArrays back = written_and_read(original);
  EXPECT_EQ(back.attributes, original.attributes);
  EXPECT_EQ(back.group_attributes(), original.group_attributes());
  ASSERT_EQ(back.all().size(), original.all().size());
  for (const auto& [name, array] : original.all()) {
    ASSERT_TRUE(back.has(name)) << name;
    EXPECT_TRUE(same_bits(back.at(name).data, array.data)) << name;
    EXPECT_EQ(back.at(name).shape, array.shape) << name;
    EXPECT_EQ(back.at(name).dimensions, array.dimensions) << name;
    EXPECT_EQ(back.at(name).attributes, array.attributes) << name;
  }
}

TEST(Hdf5, NothingComesBackAsNothing) {
  const NamedArrays back = written_and_read({});
  EXPECT_TRUE(back.all().empty());
  EXPECT_TRUE(back.attributes.empty());
}

TEST(Hdf5, AxesWithoutNamesAreNamedByTheirExtent) {
  NamedArrays arrays;
  arrays.set("square", {{}, {2, 2}, std::vector<double>(4), {}});
  arrays.set("line", {{}, {3}, std::vector<double>(3), {}});
  const NamedArrays back = written_and_read(arrays);
  EXPECT_THAT(back.at("square").dimensions, ElementsAre("dim_2", "dim_2_1"));
  EXPECT_THAT(back.at("line").dimensions, ElementsAre("dim_3"));
}

TEST(Hdf5, LongTextAndManyAttributesFit) {
  NamedArrays arrays;
  arrays.attributes["configuration"] = std::string(3 << 20, 'x');
  for (int i = 0; i < 300; ++i) arrays.attributes["key" + std::to_string(i)] = std::int64_t{i};
  EXPECT_EQ(written_and_read(arrays).attributes, arrays.attributes);
}

TEST(Hdf5, ThousandsOfArraysInGroupsFit) {
  NamedArrays arrays;
  for (int i = 0; i < 1000; ++i) {
    const std::string group = "unit" + std::to_string(i);
    arrays.set_vector(group + "/bias", Vector::Constant(3, i), "unit", "bias");
    arrays.set_scalar(group + "/loss", i, "loss");
  }
  const NamedArrays back = written_and_read(arrays);
  EXPECT_EQ(back.all().size(), 2000u);
  EXPECT_EQ(back.vector("unit999/bias")(2), 999);
}

TEST(Hdf5, TextThatIsNotUtf8IsMadeSo) {
  NamedArrays arrays;
  arrays.attributes["command"] = std::string("caf\xe9 ok");
  EXPECT_EQ(written_and_read(arrays).text_attribute("command"), "caf\xEF\xBF\xBD ok");
}

TEST(Hdf5, TheSameArraysGiveTheSameBytes) {
  const TemporaryFolder folder;
  write_hdf5(folder.file("a.nc"), support::one_of_everything());
  write_hdf5(folder.file("b.nc"), support::one_of_everything());
  EXPECT_EQ(support::content_of(folder.file("a.nc")), support::content_of(folder.file("b.nc")));
}

TEST(Hdf5, SeveralThreadsWriteAndReadAtOnce) {
  const TemporaryFolder folder;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int k = 0; k < 5; ++k) {
        const std::string path = folder.file(std::to_string(i) + ".nc");
        NamedArrays arrays;
        arrays.set_scalar("value", 10 * i + k, "");
        write_hdf5(path, arrays);
        EXPECT_EQ(read_hdf5(path).scalar("value"), 10 * i + k);
      }
    });
}

TEST(Hdf5, MemoryAndFileGiveTheSame) {
  const TemporaryFolder folder;
  write_hdf5(folder.file("a.nc"), support::one_of_everything());
  const NamedArrays from_memory = parse_hdf5(support::content_of(folder.file("a.nc")), "memory");
  EXPECT_EQ(from_memory.all().size(), support::one_of_everything().all().size());
  EXPECT_EQ(from_memory.scalar("spectral_radius"), 1.25);
}

TEST(Hdf5, NamesThatAFileCannotHoldAreRefused) {
  const auto write_named = [](const std::string& name) {
    NamedArrays arrays;
    arrays.set_scalar(name, 1, "");
    write_hdf5("/nonexistent/never-reached.nc", arrays);
  };
  for (const std::string name : {"", "/", "/a", "a/", "a//b", ".", "a/./b", "..", "a\nb", "\xff"})
    EXPECT_THROW(write_named(name), InvalidInput) << name;
}

TEST(Hdf5, OneNameMustNotMeanTwoThings) {
  const auto write = [](const NamedArrays& arrays) {
    write_hdf5("/nonexistent/never-reached.nc", arrays);
  };
  NamedArrays two_extents;
  two_extents.set_vector("a", Vector::Zero(2), "unit", "");
  two_extents.set_vector("b", Vector::Zero(3), "unit", "");
  EXPECT_THAT([&] { write(two_extents); },
              ThrowsMessage<InvalidInput>(HasSubstr("'unit' has 3 entries, but 2")));
  NamedArrays group_and_array;
  group_and_array.set_scalar("a", 1, "");
  group_and_array.set_scalar("a/b", 1, "");
  EXPECT_THROW(write(group_and_array), InvalidInput);
  NamedArrays group_and_dimension;
  group_and_dimension.set_vector("a", Vector::Zero(2), "unit", "");
  group_and_dimension.set_scalar("unit/b", 1, "");
  EXPECT_THROW(write(group_and_dimension), InvalidInput);
  NamedArrays array_as_dimension;
  array_as_dimension.set_vector("a", Vector::Zero(2), "unit", "");
  array_as_dimension.set_scalar("unit", 1, "");
  EXPECT_THROW(write(array_as_dimension), InvalidInput);
  NamedArrays reserved;
  reserved.attributes["CLASS"] = std::string("DIMENSION_SCALE");
  EXPECT_THROW(write(reserved), InvalidInput);
}

TEST(Hdf5, FilesOfH5pyAreRead) {
  const NamedArrays arrays = read_hdf5(data_file("h5py_earliest.h5"));
  for (const std::string order : {"", "big_"}) {
    for (const std::string type : {"f2", "f4", "f8", "i1", "i2", "i4", "i8"})
      EXPECT_THAT(arrays.values("types/" + order + type), ElementsAre(-2, -1, 0, 1, 2, 3)) << type;
    for (const std::string type : {"u1", "u2", "u4", "u8"})
      EXPECT_THAT(arrays.values("types/" + order + type), ElementsAre(0, 1, 2, 3, 4, 5)) << type;
  }
  EXPECT_THAT(arrays.values("flags"), ElementsAre(1, 0, 1));
  EXPECT_THAT(arrays.strings("text"), ElementsAre("one", "three"));
  EXPECT_EQ(arrays.scalar("scalar"), 0.1);
  EXPECT_EQ(arrays.attributes.at("count"), Attribute(std::int64_t{3}));
  EXPECT_EQ(arrays.text_attribute("fixed"), "text");
  EXPECT_EQ(arrays.text_attribute("of_variable_length"), "left out");
}

TEST(Hdf5, FilesOfNetcdfAndXarrayAreReadWithTheirDimensions) {
  for (const std::string name : {"netcdf4.nc", "xarray_h5netcdf.nc"}) {
    const NamedArrays arrays = read_hdf5(data_file(name));
    EXPECT_THAT(arrays.values("rates"), ElementsAre(-2, -1, 0, 1, 2, 3)) << name;
    EXPECT_THAT(arrays.at("rates").dimensions, ElementsAre("step", "unit")) << name;
    EXPECT_THAT(arrays.integers("unit"), ElementsAre(10, 20, 30)) << name;
    EXPECT_FALSE(arrays.has("step")) << name;
  }
  const NamedArrays netcdf = read_hdf5(data_file("netcdf4.nc"));
  EXPECT_THAT(netcdf.values("inner/bias"), ElementsAre(0.5, 1.5, 2.5));
  EXPECT_THAT(netcdf.at("inner/bias").dimensions, ElementsAre("unit"));
  EXPECT_EQ(netcdf.at("rates").attributes.at("units"), Attribute(std::string("Hz")));
}

TEST(Hdf5, LimitsAreCountedOverAllArrays) {
  const TemporaryFolder folder;
  NamedArrays arrays;
  arrays.set_vector("a", Vector::Zero(100), "unit", "");
  arrays.set_vector("b", Vector::Zero(100), "unit", "");
  write_hdf5(folder.file("a.nc"), arrays);
  // Attributes count as well, hence some room.
  EXPECT_NO_THROW(read_hdf5(folder.file("a.nc"), {.max_bytes = 2000}));
  EXPECT_THROW(read_hdf5(folder.file("a.nc"), {.max_bytes = 1599}), FormatError);
  EXPECT_NO_THROW(read_hdf5(folder.file("a.nc"), {.max_arrays = 3}));
  EXPECT_THROW(read_hdf5(folder.file("a.nc"), {.max_arrays = 2}), FormatError);
}

}  // namespace
}  // namespace nullcline::io
