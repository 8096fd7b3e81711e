// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "nullcline/core/error.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/internal/checks.hpp"
#include "nullcline/io/internal/hdf5_handle.hpp"
#include "nullcline/io/internal/hdf5_plan.hpp"

namespace nullcline::io {

namespace {

using internal::GroupPlan;
using internal::Handle;
using internal::own;
using internal::require;
using internal::VariablePlan;

template <class Value>
hid_t file_type() {
  if constexpr (std::is_same_v<Value, double>)
    return H5T_IEEE_F64LE;
  else if constexpr (std::is_same_v<Value, float>)
    return H5T_IEEE_F32LE;
  else if constexpr (std::is_same_v<Value, std::uint8_t>)
    return H5T_STD_U8LE;
  else
    return H5T_STD_I64LE;
}

template <class Value>
hid_t memory_type() {
  if constexpr (std::is_same_v<Value, double>)
    return H5T_NATIVE_DOUBLE;
  else if constexpr (std::is_same_v<Value, float>)
    return H5T_NATIVE_FLOAT;
  else if constexpr (std::is_same_v<Value, std::uint8_t>)
    return H5T_NATIVE_UINT8;
  else
    return H5T_NATIVE_INT64;
}

/// The memory behind a file that HDF5 keeps in memory: held past the closing of the file, which is
/// what makes the file whole (its first block says whether somebody still writes it).
class MemoryFile {
 public:
  MemoryFile() = default;
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { std::free(data_); }

  /// Makes files opened with `access` live here. One file at a time.
  void attach(hid_t access, const std::string& what) {
    constexpr std::size_t kGrowthBytes = std::size_t{1} << 20;
    require(H5Pset_fapl_core(access, kGrowthBytes, false), what, "prepare");
    H5FD_file_image_callbacks_t callbacks{
        [](std::size_t size, H5FD_file_image_op_t, void* self) { return of(self).resize(size); },
        [](void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
          return std::memcpy(to, from, size);
        },
        [](void*, std::size_t size, H5FD_file_image_op_t, void* self) {
          return of(self).resize(size);
        },
        [](void*, H5FD_file_image_op_t, void*) { return herr_t{0}; },
        [](void* self) { return self; },
        [](void*) { return herr_t{0}; },
        this};
    require(H5Pset_file_image_callbacks(access, &callbacks), what, "prepare");
  }

  /// The file, once it is closed: the memory grows in steps, and the first block of the file
  /// (version 2, with addresses of 8 bytes) says where the file ends.
  std::string_view content() const {
    constexpr std::size_t kEndOffset = 28;
    NULLCLINE_ASSERT(size_ > kEndOffset + 8 && static_cast<unsigned char>(data_[8]) == 2);
    std::uint64_t end = 0;
    for (std::size_t i = 8; i-- > 0;)
      end = (end << 8) | static_cast<unsigned char>(data_[kEndOffset + i]);
    NULLCLINE_ASSERT(end <= size_);
    return {data_, static_cast<std::size_t>(end)};
  }

 private:
  static MemoryFile& of(void* self) { return *static_cast<MemoryFile*>(self); }

  void* resize(std::size_t size) {
    void* data = std::realloc(data_, size);
    if (data == nullptr) return nullptr;
    data_ = static_cast<char*>(data);
    // What HDF5 leaves out between its objects must not be what was in this memory before.
    if (size > size_) std::memset(data_ + size_, 0, size - size_);
    size_ = size;
    return data;
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Writes one file into memory. `what` names it in messages.
class Writer {
 public:
  explicit Writer(std::string what) : what_(std::move(what)) {}

  void write(const GroupPlan& root, MemoryFile& memory) {
    const Handle access = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, what_, "prepare");
    memory.attach(access.id(), what_);
    require(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), what_, "prepare");
    require(H5Pset_fclose_degree(access.id(), H5F_CLOSE_SEMI), what_, "prepare");
    const Handle creation = own(H5Pcreate(H5P_FILE_CREATE), H5Pclose, what_, "prepare");
    track_creation_order(creation.id(), true);
    Handle file = own(
        H5Fcreate(internal::memory_file_name().c_str(), H5F_ACC_TRUNC, creation.id(), access.id()),
        H5Fclose, what_, "create");
    {
      const Handle group = own(H5Gopen2(file.id(), "/", H5P_DEFAULT), H5Gclose, what_, "create");
      write_group(group.id(), root);
    }
    require(file.close(), what_, "finish");
  }

 private:
  /// NetCDF-4 demands creation order. Without times the same arrays give the same bytes.
  void track_creation_order(hid_t creation, bool is_group) const {
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    require(H5Pset_attr_creation_order(creation, order), what_, "prepare");
    require(H5Pset_obj_track_times(creation, false), what_, "prepare");
    if (is_group) require(H5Pset_link_creation_order(creation, order), what_, "prepare");
  }

  void write_group(hid_t group, const GroupPlan& plan) {
    std::map<std::string, Scale> scales;
    for (const auto& [name, extent] : plan.dimensions)
      if (!plan.variables.contains(name))
        scales.emplace(name, write_dimension(group, name, extent));
    for (const auto& [name, variable] : plan.variables)
      if (plan.dimensions.contains(name))
        scales.emplace(name, write_coordinates(group, name, variable, scales));
    for (const auto& [name, variable] : plan.variables) {
      if (plan.dimensions.contains(name)) continue;
      const Handle dataset = write_variable(group, name, variable);
      attach_scales(dataset.id(), variable, scales);
    }
    if (plan.attributes != nullptr) write_attributes(group, *plan.attributes);
    const Handle creation = own(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, what_, "prepare");
    track_creation_order(creation.id(), true);
    for (const auto& [name, child] : plan.groups) {
      const Handle handle =
          own(H5Gcreate2(group, name.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Gclose,
              what_, "create a group");
      write_group(handle.id(), child);
    }
  }

  struct Scale {
    Handle dataset;
    int id = 0;
  };

  Handle create_dataset(hid_t group, const std::string& name, hid_t type,
                        const std::vector<std::size_t>& shape) const {
    const std::vector<hsize_t> extents(shape.begin(), shape.end());
    const Handle space =
        shape.empty()
            ? own(H5Screate(H5S_SCALAR), H5Sclose, what_, "create an array")
            : own(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                  H5Sclose, what_, "create an array");
    const Handle creation = own(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, what_, "prepare");
    track_creation_order(creation.id(), false);
    return own(
        H5Dcreate2(group, name.c_str(), type, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
        H5Dclose, what_, "create an array");
  }

  Scale make_scale(Handle dataset, const std::string& title) {
    require(H5DSset_scale(dataset.id(), title.c_str()), what_, "make a dimension");
    const int id = n_scales_++;
    write_integers(dataset.id(), "_Netcdf4Dimid", {id}, true);
    return {std::move(dataset), id};
  }

  Scale write_dimension(hid_t group, const std::string& name, std::size_t extent) {
    Handle dataset = create_dataset(group, name, H5T_IEEE_F32BE, {extent});
    return make_scale(
        std::move(dataset),
        fmt::format("This is a netCDF dimension but not a netCDF variable.{:10}", extent));
  }

  Scale write_coordinates(hid_t group, const std::string& name, const VariablePlan& variable,
                          const std::map<std::string, Scale>& scales) {
    Scale scale = make_scale(write_variable(group, name, variable), name);
    // A scale has no scales of its own; the second axis of text is told in NetCDF-4's way alone.
    if (variable.text_length > 0)
      write_integers(scale.dataset.id(), "_Netcdf4Coordinates",
                     {scale.id, scales.at(variable.dimensions[1]).id}, false);
    return scale;
  }

  void attach_scales(hid_t dataset, const VariablePlan& variable,
                     const std::map<std::string, Scale>& scales) const {
    std::vector<int> ids;
    for (const std::string& dimension : variable.dimensions) {
      const Scale& scale = scales.at(dimension);
      require(H5DSattach_scale(dataset, scale.dataset.id(), static_cast<unsigned>(ids.size())),
              what_, "name an axis");
      ids.push_back(scale.id);
    }
    if (!ids.empty()) write_integers(dataset, "_Netcdf4Coordinates", ids, false);
  }

  Handle write_variable(hid_t group, const std::string& name, const VariablePlan& variable) const {
    Handle dataset =
        std::visit([&](const auto& values) { return write_values(group, name, variable, values); },
                   variable.array->data);
    write_attributes(dataset.id(), variable.array->attributes);
    return dataset;
  }

  template <class Value>
  Handle write_values(hid_t group, const std::string& name, const VariablePlan& variable,
                      const std::vector<Value>& values) const {
    Handle dataset = create_dataset(group, name, file_type<Value>(), variable.shape);
    write_data(dataset.id(), memory_type<Value>(), values);
    return dataset;
  }

  Handle write_values(hid_t group, const std::string& name, const VariablePlan& variable,
                      const std::vector<std::string>& values) const {
    std::string packed;
    packed.reserve(variable.text_length * values.size());
    for (const std::string& value : values) {
      std::string text = internal::as_utf8(value);
      text.resize(variable.text_length, '\0');
      packed += text;
    }
    const Handle type = text_type(1, H5T_CSET_ASCII);  // what NetCDF takes for a character
    Handle dataset = create_dataset(group, name, type.id(), variable.shape);
    write_data(dataset.id(), type.id(), packed);
    write_attribute(dataset.id(), "_Encoding", std::string("utf-8"));
    return dataset;
  }

  template <class Values>
  void write_data(hid_t dataset, hid_t type, const Values& values) const {
    if (values.empty()) return;
    require(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), what_,
            "write an array");
  }

  Handle text_type(std::size_t length, H5T_cset_t encoding) const {
    Handle type = own(H5Tcopy(H5T_C_S1), H5Tclose, what_, "describe text");
    require(H5Tset_size(type.id(), length), what_, "describe text");
    require(H5Tset_cset(type.id(), encoding), what_, "describe text");
    require(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), what_, "describe text");
    return type;
  }

  void write_attributes(hid_t owner, const Attributes& attributes) const {
    for (const auto& attribute : attributes)
      std::visit([&](const auto& held) { write_attribute(owner, attribute.first, held); },
                 attribute.second);
  }

  template <class Value>
  void write_attribute(hid_t owner, const std::string& name, const Value& value) const {
    const Handle space = own(H5Screate(H5S_SCALAR), H5Sclose, what_, "write an attribute");
    write_attribute(owner, name, file_type<Value>(), memory_type<Value>(), space.id(), &value);
  }

  void write_attribute(hid_t owner, const std::string& name, const std::string& value) const {
    const std::string text = internal::as_utf8(value);
    const Handle type = text_type(std::max<std::size_t>(text.size(), 1), H5T_CSET_UTF8);
    // An empty text is an empty space, as NetCDF-4 has it.
    const Handle space =
        own(H5Screate(text.empty() ? H5S_NULL : H5S_SCALAR), H5Sclose, what_, "write an attribute");
    write_attribute(owner, name, type.id(), type.id(), space.id(), text.data());
  }

  void write_integers(hid_t owner, const std::string& name, const std::vector<int>& values,
                      bool is_scalar) const {
    const hsize_t count = values.size();
    const Handle space =
        own(is_scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr), H5Sclose,
            what_, "write an attribute");
    write_attribute(owner, name, H5T_STD_I32LE, H5T_NATIVE_INT, space.id(), values.data());
  }

  void write_attribute(hid_t owner, const std::string& name, hid_t type, hid_t in_memory,
                       hid_t space, const void* data) const {
    const Handle attribute =
        own(H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, what_,
            "write an attribute");
    require(H5Awrite(attribute.id(), in_memory, data), what_, "write an attribute");
  }

  std::string what_;
  int n_scales_ = 0;
};

}  // namespace

// The file is made in memory and then written by our own code: HDF5 neither tells the system's
// reason for a failed write, nor survives one in all cases (a full disk when it closes the file).
void write_hdf5(const std::string& path, const NamedArrays& arrays) {
  const internal::QuietErrors quiet;
  const GroupPlan plan = internal::plan_file(arrays);
  MemoryFile memory;
  Writer(internal::printable(path, path.size())).write(plan, memory);
  write_text(path, memory.content());
}

}  // namespace nullcline::io
