// SPDX-License-Identifier: BSD-3-Clause
// HDF5 files that HDF5 itself can write, and no honest program would; and damaged ones.
#include "nullcline/io/hdf5.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstring>
#include <functional>
#include <iterator>
#include <numeric>
#include <random>

#include "../support/result_file.hpp"
#include "../support/temporary_folder.hpp"
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
  EXPECT_THAT(refusal_of("\x89HDF\r\n\x1a\n"), HasSubstr("the superblock at byte 0 is damaged"));
  EXPECT_THAT(refusal_of("\x89HDF\r\n\x1a\n" + std::string(5000, '\xff')),
              HasSubstr("found version 255, expected 0 to 3"));
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

/// Many small things are kept in trees and heaps, which differ between the formats.
TEST(HostileHdf5, ThousandsOfGroupsAndAttributesAreReadFromEveryFormat) {
  for (const H5F_libver_t version : {H5F_LIBVER_EARLIEST, H5F_LIBVER_V18, H5F_LIBVER_LATEST}) {
    const TemporaryFolder folder;
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, version, H5F_LIBVER_LATEST);
    const hid_t file = H5Fcreate(folder.file("a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t long_text = H5Tcopy(H5T_C_S1);
    H5Tset_size(long_text, 20000);
    for (int i = 0; i < 4000; ++i) {
      const hid_t group = H5Gcreate2(file, fmt::format("group_{}", i).c_str(), H5P_DEFAULT,
                                     H5P_DEFAULT, H5P_DEFAULT);
      for (int j = 0; j < (i == 7 ? 300 : i % 2); ++j) {
        const bool is_long = j == 100;
        const hid_t attribute =
            H5Acreate2(group, fmt::format("number_{}", j).c_str(),
                       is_long ? long_text : H5T_STD_I16BE, scalar, H5P_DEFAULT, H5P_DEFAULT);
        const int value = i - 2 * j;
        const std::string text(20000, 'x');
        if (is_long)
          H5Awrite(attribute, long_text, text.data());
        else
          H5Awrite(attribute, H5T_NATIVE_INT, &value);
        H5Aclose(attribute);
      }
      H5Gclose(group);
    }
    H5Tclose(long_text);
    H5Sclose(scalar);
    H5Fclose(file);
    H5Pclose(access);
    const auto groups = read_hdf5(folder.file("a.h5")).group_attributes();
    ASSERT_EQ(groups.size(), 4000u) << version;
    for (const auto& [name, attributes] : groups) {
      const std::int64_t i = std::stoi(name.substr(6));
      ASSERT_EQ(attributes.size(), i == 7 ? 300u : static_cast<std::size_t>(i % 2)) << name;
      for (const auto& [key, value] : attributes) {
        const std::int64_t j = std::stoi(key.substr(7));
        const Attribute expected =
            j == 100 ? Attribute(std::string(20000, 'x')) : Attribute(i - 2 * j);
        ASSERT_EQ(value, expected) << name << key;
      }
    }
  }
}

TEST(HostileHdf5, AUserBlockIsRefused) {
  const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_userblock(creation, 512);
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
              testing::ElementsAre(testing::Pair("number", Attribute(std::int64_t{0})),
                                   testing::Pair("variable", Attribute(std::string()))));
}

std::string our_bytes() {
  const TemporaryFolder folder;
  write_hdf5(folder.file("a.nc"), support::one_of_everything());
  return support::content_of(folder.file("a.nc"));
}

/// A file of the oldest format, without check sums, as h5py and Keras write by default: groups,
/// numbers, text of both kinds, attributes.
std::string old_bytes() {
  return file_with([](hid_t file) {
    const hid_t group = H5Gcreate2(file, "layers", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    add_dataset(group, {4, 3}, H5T_NATIVE_FLOAT, nothing, true);
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t attribute =
        H5Acreate2(group, "model_config", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
    const char* value = "a text of variable length";
    H5Awrite(attribute, text, &value);
    H5Aclose(attribute);
    const hid_t number =
        H5Acreate2(file, "count", H5T_NATIVE_INT, scalar, H5P_DEFAULT, H5P_DEFAULT);
    const int three = 3;
    H5Awrite(number, H5T_NATIVE_INT, &three);
    H5Aclose(number);
    H5Sclose(scalar);
    H5Tclose(text);
    H5Gclose(group);
  });
}

void expect_refused_or_read(const std::string& bytes) {
  try {
    parse_hdf5(bytes, "file.nc", {.max_bytes = 1 << 22});
  } catch (const FormatError& error) {
    ASSERT_THAT(error.what(), AllOf(StartsWith("file.nc: "), Not(HasSubstr("\n"))));
  }
}

TEST(HostileHdf5, EveryTruncationOfFilesWithoutCheckSumsIsRefused) {
  const std::string whole = old_bytes();
  ASSERT_EQ(parse_hdf5(whole, "file.nc").values("layers/a").size(), 12u);
  for (std::size_t length = 0; length < whole.size(); length += 7)
    refusal_of(whole.substr(0, length));
  // Also where the superblock says that nothing is missing.
  for (std::size_t length = 96; length < whole.size(); ++length) {
    std::string bytes = whole.substr(0, length);
    std::memcpy(bytes.data() + 40, &length, sizeof length);
    expect_refused_or_read(bytes);
  }
}

TEST(HostileHdf5, AnyBytesInFilesWithoutCheckSumsAreRefusedOrHarmless) {
  const std::string whole = old_bytes();
  for (std::size_t place = 0; place < whole.size(); ++place)
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::string bytes = whole;
      bytes[place] = static_cast<char>(value);
      expect_refused_or_read(bytes);
    }
}

TEST(HostileHdf5, ManyChangesAtRandomAreRefusedOrHarmless) {
  const std::string old_format = old_bytes(), ours = our_bytes();
  std::mt19937 random(5);  // NOLINT(bugprone-random-generator-seed): the same every time
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = round % 2 == 0 ? old_format : ours;
    for (int n = 1 + round % 8; n > 0; --n)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    expect_refused_or_read(bytes);
  }
}

TEST(HostileHdf5, AbsurdSizesAndAddressesAreRefusedOrHarmless) {
  const std::string whole = old_bytes();
  std::size_t n_refused = 0;
  for (const std::uint64_t absurd :
       {std::uint64_t{0}, std::uint64_t{96}, std::uint64_t{whole.size()},
        (std::uint64_t{1} << 63) - 1, ~std::uint64_t{0} - 7, ~std::uint64_t{0}})
    for (std::size_t place = 8; place + 8 <= whole.size(); place += 8) {
      std::string bytes = whole;
      std::memcpy(bytes.data() + place, &absurd, sizeof absurd);
      try {
        parse_hdf5(bytes, "file.nc", {.max_bytes = 1 << 22});
      } catch (const FormatError& error) {
        ++n_refused;
        ASSERT_THAT(error.what(), StartsWith("file.nc: "));
      }
    }
  EXPECT_GT(n_refused, 100u);
}

TEST(HostileHdf5, TreesInCirclesAreRefused) {
  std::string bytes = old_bytes();
  const std::size_t tree = bytes.find("TREE");
  ASSERT_NE(tree, std::string::npos);
  bytes[tree + 5] = 1;  // a level above the leaves, whose first child is the tree itself
  const std::uint64_t address = tree;
  std::memcpy(bytes.data() + tree + 32, &address, sizeof address);
  EXPECT_THAT(refusal_of(bytes), HasSubstr("its levels do not fall"));
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
