// SPDX-License-Identifier: BSD-3-Clause
// Files that HDF5 itself writes, with objects in every odd combination: the bytes choose names,
// types, shapes, storage, links and attributes. Damaged bytes are the part of hdf5_fuzz.
#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "../support/tolerate_hdf5.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/io/hdf5.hpp"

namespace {

using Choices = FuzzedDataProvider;

const char* choose_name(Choices& choices) {
  static constexpr std::array kNames{
      "a", "b", "unit", "_nc4_non_coord_a", "_nc4_non_coord_", "g", "ä", "\xff", "\n", " ", "a.b"};
  return choices.PickValueInArray(kNames);
}

hid_t choose_type(Choices& choices) {
  const hid_t known = choices.PickValueInArray(
      {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_STD_I8LE, H5T_STD_I16BE,
       H5T_STD_I32LE, H5T_STD_I64BE, H5T_STD_U8LE, H5T_STD_U16LE, H5T_STD_U64LE, H5T_STD_U64BE,
       H5T_NATIVE_LDOUBLE, H5T_STD_B8LE, H5T_STD_REF_OBJ, H5T_NATIVE_OPAQUE, H5T_C_S1});
  const hid_t type = H5Tcopy(known);
  if (known == H5T_C_S1) {
    const auto length = choices.ConsumeIntegralInRange<std::size_t>(0, 20);
    H5Tset_size(type, length == 0 ? H5T_VARIABLE : length);
    H5Tset_strpad(type,
                  choices.PickValueInArray({H5T_STR_NULLTERM, H5T_STR_NULLPAD, H5T_STR_SPACEPAD}));
  } else if (choices.ConsumeIntegralInRange(0, 9) == 0) {
    H5Tset_precision(type, choices.ConsumeIntegralInRange<std::size_t>(1, 64));
  } else if (choices.ConsumeIntegralInRange(0, 9) == 0) {
    const hid_t flag = H5Tenum_create(H5T_STD_I8LE);
    for (std::int8_t value = 0; value < 3; ++value)
      if (choices.ConsumeBool()) H5Tenum_insert(flag, std::to_string(value).c_str(), &value);
    H5Tclose(type);
    return flag;
  }
  return type;
}

hid_t choose_space(Choices& choices, hsize_t& count) {
  const int n_axes = choices.ConsumeIntegralInRange(-1, 4);
  count = n_axes < 0 ? 0 : 1;
  if (n_axes < 0) return H5Screate(H5S_NULL);
  if (n_axes == 0) return H5Screate(H5S_SCALAR);
  std::vector<hsize_t> extents;
  for (int axis = 0; axis < n_axes; ++axis) {
    extents.push_back(choices.ConsumeBool()
                          ? choices.ConsumeIntegralInRange<hsize_t>(0, 5)
                          : choices.ConsumeIntegralInRange<hsize_t>(0, 1ull << 62));
    if (__builtin_mul_overflow(count, extents.back(), &count)) count = ~hsize_t{0};
  }
  return H5Screate_simple(n_axes, extents.data(), nullptr);
}

void add_attribute(Choices& choices, hid_t object) {
  static constexpr std::array kNames{"CLASS",     "NAME", "_Netcdf4Dimid", "_Netcdf4Coordinates",
                                     "_Encoding", "units"};
  const char* name = choices.PickValueInArray(kNames);
  hsize_t count = 0;
  const hid_t type = choose_type(choices), space = choose_space(choices, count);
  const bool is_plain = H5Tis_variable_str(type) == 0 && H5Tget_class(type) != H5T_REFERENCE;
  const hid_t attribute = count <= 64 && is_plain
                              ? H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT)
                              : H5I_INVALID_HID;
  if (attribute >= 0) {
    std::string data =
        choices.ConsumeBool() ? "DIMENSION_SCALE" : choices.ConsumeRandomLengthString(40);
    data.resize(static_cast<std::size_t>(count) * H5Tget_size(type), '\0');
    H5Awrite(attribute, type, data.data());
    H5Aclose(attribute);
  }
  H5Sclose(space);
  H5Tclose(type);
}

void add_dataset(Choices& choices, hid_t parent) {
  hsize_t count = 0;
  const hid_t type = choose_type(choices), space = choose_space(choices, count);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const int layout = choices.ConsumeIntegralInRange(0, 5);
  if (layout == 1) H5Pset_layout(creation, H5D_COMPACT);
  if (layout == 2) {
    const std::array<hsize_t, 5> chunk{2, 2, 2, 2, 2};
    H5Pset_chunk(creation, std::max(H5Sget_simple_extent_ndims(space), 1), chunk.data());
    if (choices.ConsumeBool()) H5Pset_deflate(creation, 1);
  }
  if (layout == 3) H5Pset_external(creation, "/nonexistent/elsewhere", 0, H5F_UNLIMITED);
  const hid_t dataset =
      H5Dcreate2(parent, choose_name(choices), type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  if (dataset >= 0) {
    const bool is_plain = H5Tis_variable_str(type) == 0 && H5Tget_class(type) != H5T_REFERENCE;
    if (count <= 256 && is_plain && layout != 3 && choices.ConsumeBool()) {
      std::string data = choices.ConsumeRandomLengthString(256);
      data.resize(static_cast<std::size_t>(count) * H5Tget_size(type), '\1');
      H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data());
    }
    for (int n = choices.ConsumeIntegralInRange(0, 4); n > 0; --n) add_attribute(choices, dataset);
    H5Dclose(dataset);
  }
  H5Pclose(creation);
  H5Sclose(space);
  H5Tclose(type);
}

void fill(Choices& choices, hid_t group, int depth) {
  for (int n = choices.ConsumeIntegralInRange(0, 6); n > 0; --n) {
    switch (choices.ConsumeIntegralInRange(0, 7)) {
      case 0:
        H5Lcreate_soft("/a", group, choose_name(choices), H5P_DEFAULT, H5P_DEFAULT);
        break;
      case 1:
        H5Lcreate_hard(group, choose_name(choices), group, choose_name(choices), H5P_DEFAULT,
                       H5P_DEFAULT);
        break;
      case 2: {
        const hid_t child =
            H5Gcreate2(group, choose_name(choices), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        if (child >= 0 && depth < 3) fill(choices, child, depth + 1);
        if (child >= 0) H5Gclose(child);
        break;
      }
      case 3:
        add_attribute(choices, group);
        break;
      default:
        add_dataset(choices, group);
    }
  }
}

std::string make_file(Choices& choices) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 1 << 16, false);
  const hid_t file = H5Fcreate("made-in-memory", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  fill(choices, file, 0);
  H5Fflush(file, H5F_SCOPE_LOCAL);
  std::string image(static_cast<std::size_t>(H5Fget_file_image(file, nullptr, 0)), '\0');
  H5Fget_file_image(file, image.data(), image.size());
  H5Fclose(file);
  H5Pclose(access);
  return image;
}

}  // namespace

/// Any file of HDF5 is a set of arrays or a FormatError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  Choices choices(data, size);
  const std::string image = make_file(choices);
  try {
    nullcline::io::parse_hdf5(image, "input", {.max_bytes = 1 << 26, .max_arrays = 1000});
  } catch (const nullcline::FormatError& error) {
    if (!std::string_view(error.what()).starts_with("input: ")) std::abort();
  }
  return 0;
}
