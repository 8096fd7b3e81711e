// SPDX-License-Identifier: BSD-3-Clause
// HDF5 files that HDF5 itself can write, and no honest program would; and damaged ones.
#include "nullcline/io/hdf5.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstring>
#include <functional>
#include <iterator>
#include <numeric>

#include "../support/result_file.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/tolerate_hdf5.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::io {
namespace {

using support::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string refusal_of(const std::string& bytes, const ReadLimits& limits = {}) {
  try {
    parse_hdf5(bytes, "file.nc", limits);
  } catch (const FormatError& error) {
    EXPECT_THAT(error.what(), AllOf(StartsWith("file.nc: "), Not(HasSubstr("\n"))));
    return error.what();
  }
  ADD_FAILURE() << "was read without complaint";
  return "";
}

/// The bytes of a file that `fill` filled through the C interface.
std::string file_with(const std::function<void(hid_t)>& fill, hid_t creation = H5P_DEFAULT) {
  const TemporaryFolder folder;
  const hid_t file = H5Fcreate(folder.file("a.h5").c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT);
  fill(file);
  H5Fclose(file);
  return support::content_of(folder.file("a.h5"));
}

/// A dataset `a` of doubles; `prepare` sets up how it is stored, `write` tells whether it is.
void add_dataset(hid_t parent, const std::vector<hsize_t>& extents, hid_t type,
                 const std::function<void(hid_t)>& prepare, bool write) {
  const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  prepare(creation);
  const hid_t dataset = H5Dcreate2(parent, "a", type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  ASSERT_GE(dataset, 0);
  if (write) {
    const auto count =
        std::accumulate(extents.begin(), extents.end(), hsize_t{1}, std::multiplies<>());
    const std::vector<char> data(count * H5Tget_size(type), '\0');
    ASSERT_GE(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data()), 0);
  }
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
}

void nothing(hid_t) {}

TEST(HostileHdf5, WhatIsNoHdf5FileIsRefused) {
  EXPECT_THAT(refusal_of(""), HasSubstr("is empty"));
  EXPECT_THAT(refusal_of("PK\x03\x04"), HasSubstr("not an HDF5 file"));
  EXPECT_THAT(refusal_of("\x89HDF\r\n\x1a\n"), HasSubstr("cannot be opened"));
  EXPECT_THAT(refusal_of("\x89HDF\r\n\x1a\n" + std::string(5000, '\xff')),
              HasSubstr("cannot be opened"));
}

TEST(HostileHdf5, PathsThatAreNoFilesAreRefused) {
  const TemporaryFolder folder;
  for (const std::string& path : {std::string(), folder.path(), folder.file("none.nc"),
                                  std::string("/dev/zero"), folder.write("text.nc", "a = 1")})
    EXPECT_THROW(read_hdf5(path), FormatError) << path;
}

TEST(HostileHdf5, LinksOutOfTheFileAreNeverFollowed) {
  const std::string external = file_with([](hid_t file) {
    H5Lcreate_external("/etc/passwd", "/a", file, "outside", H5P_DEFAULT, H5P_DEFAULT);
  });
  EXPECT_THAT(refusal_of(external), HasSubstr("object 'outside': is a soft or external link"));
  const std::string soft = file_with(
      [](hid_t file) { H5Lcreate_soft("/nowhere", file, "dangling", H5P_DEFAULT, H5P_DEFAULT); });
  EXPECT_THAT(refusal_of(soft), HasSubstr("soft or external link"));
}

TEST(HostileHdf5, DataInOtherFilesAreNeverRead) {
  const std::string external = file_with([](hid_t file) {
    add_dataset(
        file, {4}, H5T_NATIVE_DOUBLE,
        [](hid_t creation) { H5Pset_external(creation, "/etc/passwd", 0, 32); }, false);
  });
  EXPECT_THAT(refusal_of(external), HasSubstr("other files"));
  const std::string virtual_data = file_with([](hid_t file) {
    const auto map = [](hid_t creation) {
      const hsize_t extent = 4;
      const hid_t space = H5Screate_simple(1, &extent, nullptr);
      H5Pset_virtual(creation, space, "/etc/passwd", "/a", space);
      H5Sclose(space);
    };
    add_dataset(file, {4}, H5T_NATIVE_DOUBLE, map, false);
  });
  EXPECT_THAT(refusal_of(virtual_data), HasSubstr("other files"));
}

TEST(HostileHdf5, DeclaredSizesBeyondTheFileAreRefused) {
  for (const hsize_t extent : {hsize_t{1000}, hsize_t{1} << 40, hsize_t{1} << 60}) {
    const std::string bytes = file_with(
        [&](hid_t file) { add_dataset(file, {extent}, H5T_NATIVE_DOUBLE, nothing, false); });
    EXPECT_THAT(refusal_of(bytes), HasSubstr("object 'a'"));
  }
  const std::string product = file_with([](hid_t file) {
    add_dataset(file, {hsize_t{1} << 40, hsize_t{1} << 40, 0}, H5T_NATIVE_DOUBLE, nothing, false);
  });
  EXPECT_THAT(refusal_of(product), HasSubstr("absurd shape"));
}

TEST(HostileHdf5, CompressedBombsAreRefused) {
  const std::string bomb = file_with([](hid_t file) {
    const auto deflate = [](hid_t creation) {
      const hsize_t chunk = 1 << 20;
      H5Pset_chunk(creation, 1, &chunk);
      H5Pset_deflate(creation, 9);
    };
    add_dataset(file, {hsize_t{1} << 20}, H5T_NATIVE_DOUBLE, deflate, true);
  });
  ASSERT_LT(bomb.size(), std::size_t{100000});
  EXPECT_THAT(refusal_of(bomb), HasSubstr("h5repack"));
}

TEST(HostileHdf5, TypesThatAreNoPlainNumbersOrTextAreRefused) {
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE);
  const hid_t list = H5Tvlen_create(H5T_NATIVE_DOUBLE);
  const hid_t compound = H5Tcreate(H5T_COMPOUND, 16);
  H5Tinsert(compound, "re", 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(compound, "im", 8, H5T_NATIVE_DOUBLE);
  const hsize_t three = 3;
  const hid_t array = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &three);
  const hid_t narrow = H5Tcopy(H5T_NATIVE_INT);
  H5Tset_precision(narrow, 12);
  const hid_t odd_float = H5Tcopy(H5T_IEEE_F64LE);
  H5Tset_ebias(odd_float, 99);
  for (const hid_t type : {text, list, compound, array, narrow, odd_float, H5T_NATIVE_LDOUBLE,
                           H5T_STD_REF_OBJ, H5T_NATIVE_B8, H5T_NATIVE_OPAQUE}) {
    const std::string bytes =
        file_with([&](hid_t file) { add_dataset(file, {2}, type, nothing, false); });
    EXPECT_THAT(refusal_of(bytes), HasSubstr("object 'a': ")) << H5Tget_class(type);
  }
  for (const hid_t type : {text, list, compound, array, narrow, odd_float}) H5Tclose(type);
}

TEST(HostileHdf5, LinksInCirclesAndSecondNamesAreRefused) {
  const std::string circle = file_with([](hid_t file) {
    const hid_t group = H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file, "/", group, "up", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
  });
  EXPECT_THAT(refusal_of(circle), HasSubstr("'g/up': is linked under two names"));
  const std::string twice = file_with([](hid_t file) {
    add_dataset(file, {4}, H5T_NATIVE_DOUBLE, nothing, true);
    H5Lcreate_hard(file, "a", file, "b", H5P_DEFAULT, H5P_DEFAULT);
  });
  EXPECT_THAT(refusal_of(twice), HasSubstr("is linked under two names"));
}

TEST(HostileHdf5, GroupsWithoutEndAreRefused) {
  const std::string deep = file_with([](hid_t file) {
    hid_t group = H5Gopen2(file, "/", H5P_DEFAULT);
    for (int depth = 0; depth < 200; ++depth) {
      const hid_t next = H5Gcreate2(group, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      H5Gclose(group);
      group = next;
    }
    H5Gclose(group);
  });
  EXPECT_THAT(refusal_of(deep), HasSubstr("deeper than 32 groups"));
}

TEST(HostileHdf5, MoreObjectsThanAllowedAreRefused) {
  const std::string many = file_with([](hid_t file) {
    for (int i = 0; i < 50; ++i)
      H5Gclose(H5Gcreate2(file, std::to_string(i).c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  });
  EXPECT_NO_THROW(parse_hdf5(many, "file.nc", {.max_arrays = 50}));
  EXPECT_THAT(refusal_of(many, {.max_arrays = 49}), HasSubstr("more than 49 objects"));
}

TEST(HostileHdf5, AUserBlockIsRefused) {
  const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_userblock(creation, 512);
  // The mark in front makes it an HDF5 file that starts at once, and again after 512 bytes.
  const std::string shifted = file_with(nothing, creation);
  H5Pclose(creation);
  EXPECT_THAT(refusal_of(shifted), HasSubstr("not an HDF5 file"));
}

TEST(HostileHdf5, AttributesThatAreNoSingleNumberOrTextAreLeftOut) {
  const std::string bytes = file_with([](hid_t file) {
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    const hsize_t many = 1000;
    const hid_t list = H5Screate_simple(1, &many, nullptr);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const auto add = [&](const char* name, hid_t type, hid_t space) {
      H5Aclose(H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    };
    add("variable", text, scalar);
    add("list", H5T_NATIVE_DOUBLE, list);
    add("reference", H5T_STD_REF_OBJ, scalar);
    add("number", H5T_NATIVE_INT, scalar);
    H5Sclose(scalar);
    H5Sclose(list);
    H5Tclose(text);
  });
  EXPECT_THAT(parse_hdf5(bytes, "file.nc").attributes,
              testing::ElementsAre(testing::Pair("number", Attribute(std::int64_t{0}))));
}

std::string our_bytes() {
  const TemporaryFolder folder;
  write_hdf5(folder.file("a.nc"), support::one_of_everything());
  return support::content_of(folder.file("a.nc"));
}

TEST(HostileHdf5, EveryTruncationOfOurFilesIsRefused) {
  const std::string whole = our_bytes();
  for (std::size_t length = 0; length < whole.size(); length += length < 256 ? 1 : 211)
    refusal_of(whole.substr(0, length));
  refusal_of(whole.substr(0, whole.size() - 1));
}

TEST(HostileHdf5, ChangedBytesOfOurFilesAreRefusedOrHarmless) {
  const std::string whole = our_bytes();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); i += 31) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ (1u << (i % 8)));
    try {
      parse_hdf5(bytes, "file.nc");
    } catch (const FormatError& error) {
      ++refused;
      ASSERT_THAT(error.what(), StartsWith("file.nc: "));
    }
  }
  // Check sums cover everything but the numbers themselves and unused space.
  EXPECT_GT(refused, whole.size() / 31 / 4);
}

}  // namespace
}  // namespace nullcline::io
