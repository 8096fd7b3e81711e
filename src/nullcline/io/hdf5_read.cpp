// SPDX-License-Identifier: BSD-3-Clause
// HDF5 finds the objects; the numbers are read and converted by our own code, from the place in the
// file that HDF5 names, so that declared sizes are checked against bytes that exist. Data of
// variable length are never read: HDF5 1.10 copies them to memory by the length stored with the
// data, into a buffer of the length stored with the reference, and overflows the heap where the two
// differ. Hence the names of axes come from NetCDF-4's numbers of dimensions, not from the
// dimension scales' own lists of references.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <set>

#include "nullcline/core/error.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/internal/checks.hpp"
#include "nullcline/io/internal/hdf5_types.hpp"

namespace nullcline::io {

namespace {

using internal::Handle;
using internal::MemoryBudget;
using internal::NumberType;
using internal::own;
using internal::printable;
using internal::require;

constexpr int kMaxDepth = 32;
constexpr int kMaxAxes = 32;
constexpr std::string_view kDimensionOnly = "This is a netCDF dimension but not a netCDF variable";
constexpr std::string_view kNotCoordinates = "_nc4_non_coord_";

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

/// Fills the buffer from a place in the file; returns false if the file ends before.
using ReadAt = std::function<bool(std::uint64_t offset, std::span<char> buffer)>;

struct Link {
  std::string name;
  H5L_type_t type = H5L_TYPE_ERROR;
};

class Reader {
 public:
  Reader(hid_t file, std::string what, std::uint64_t file_size, ReadAt read_at,
         const ReadLimits& limits)
      : file_(file),
        what_(std::move(what)),
        file_size_(file_size),
        read_at_(std::move(read_at)),
        max_objects_(limits.max_arrays),
        budget_(limits.max_bytes) {}

  NamedArrays read() {
    const Handle creation = own(H5Fget_create_plist(file_), H5Pclose, what_, "open");
    hsize_t user_block = 0;
    require(H5Pget_userblock(creation.id(), &user_block), what_, "open");
    if (user_block != 0) refuse(what_, "has a user block (a MATLAB file?), which is not supported");
    const Handle root = own(H5Gopen2(file_, "/", H5P_DEFAULT), H5Gclose, what_, "open");
    remember(root.id(), what_);
    read_group(root.id(), "", 0);
    arrays_.attributes = internal::read_attributes(root.id(), what_, budget_);
    name_axes();
    return std::move(arrays_);
  }

 private:
  std::string where(const std::string& name) const {
    return fmt::format("{}: object '{}'", what_, printable(name));
  }

  /// Every object has one name: links in a circle, and small files that name one array a million
  /// times, end here.
  H5O_type_t remember(hid_t object, const std::string& what) {
    H5O_info_t info;
    require(H5Oget_info2(object, &info, H5O_INFO_BASIC), what, "look at");
    if (!seen_.insert(info.addr).second) refuse(what, "is linked under two names");
    if (seen_.size() > max_objects_ + 1)
      refuse(what_, fmt::format("holds more than {} objects", max_objects_));
    return info.type;
  }

  std::vector<Link> list_links(hid_t group, const std::string& what) const {
    struct Found {
      std::vector<Link> links;
      std::uint64_t limit;
    } found{{}, max_objects_};
    const auto add = [](hid_t, const char* name, const H5L_info_t* info, void* data) -> herr_t {
      auto& [links, limit] = *static_cast<Found*>(data);
      if (links.size() >= limit) return 1;
      links.push_back({name, info->type});
      return 0;
    };
    const herr_t status = H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add, &found);
    require(status, what, "list a group");
    if (status > 0) refuse(what_, fmt::format("holds more than {} objects", max_objects_));
    return found.links;
  }

  void read_group(hid_t group, const std::string& prefix, int depth) {
    if (depth > kMaxDepth)
      refuse(where(prefix), fmt::format("lies deeper than {} groups", kMaxDepth));
    for (const Link& link : list_links(group, where(prefix))) {
      const std::string name = prefix + link.name;
      if (link.type != H5L_TYPE_HARD)
        refuse(where(name), "is a soft or external link, which is never followed");
      const bool is_plain = !link.name.empty() && link.name != "." && link.name != ".." &&
                            link.name.find('/') == std::string::npos &&
                            internal::is_utf8(link.name);
      if (!is_plain) refuse(where(name), "has an unusable name");
      const Handle object =
          own(H5Oopen(group, link.name.c_str(), H5P_DEFAULT), H5Oclose, where(name), "open");
      const H5O_type_t type = remember(object.id(), where(name));
      if (type == H5O_TYPE_GROUP) {
        arrays_.set_group_attributes(name,
                                     internal::read_attributes(object.id(), where(name), budget_));
        read_group(object.id(), name + "/", depth + 1);
      } else if (type == H5O_TYPE_DATASET) {
        read_dataset(object.id(), prefix, link.name);
      } else if (type != H5O_TYPE_NAMED_DATATYPE) {
        refuse(where(name), "is neither an array nor a group");
      }
    }
  }

  void read_dataset(hid_t dataset, const std::string& prefix, const std::string& leaf) {
    const std::string what = where(prefix + leaf);
    const auto scale = internal::read_attribute(dataset, "CLASS", what, budget_);
    const bool is_scale = scale == Attribute(std::string("DIMENSION_SCALE"));
    if (is_scale) {
      // Arrays may carry this number too, with another meaning.
      const auto number = internal::read_attribute(dataset, "_Netcdf4Dimid", what, budget_);
      if (number && std::holds_alternative<std::int64_t>(*number))
        dimension_names_.emplace(std::get<std::int64_t>(*number), leaf);
      const auto title = internal::read_attribute(dataset, "NAME", what, budget_);
      const auto* text = title ? std::get_if<std::string>(&*title) : nullptr;
      if (text != nullptr && text->starts_with(kDimensionOnly)) return;
    }

    NamedArray array;
    array.shape = read_shape(dataset, what);
    const bool is_characters = has_character_axis(dataset, array.shape, what);
    array.data = read_data(dataset, array.shape, is_characters, what);
    array.attributes = internal::read_attributes(dataset, what, budget_);
    const bool is_renamed =
        leaf.starts_with(kNotCoordinates) && leaf.size() > kNotCoordinates.size();
    const std::string name = prefix + (is_renamed ? leaf.substr(kNotCoordinates.size()) : leaf);
    Unnamed unnamed;
    unnamed.axes = internal::read_integer_list(dataset, "_Netcdf4Coordinates", what);
    if (is_characters) {  // the last axis went into the texts
      array.shape.pop_back();
      if (!unnamed.axes.empty()) unnamed.axes.pop_back();
    }
    if (is_scale && array.shape.size() == 1) array.dimensions = {leaf};
    unnamed.array = std::move(array);
    if (!unnamed_.emplace(name, std::move(unnamed)).second)
      refuse(what, "has the name of another array");
  }

  static std::vector<std::size_t> read_shape(hid_t dataset, const std::string& what) {
    const Handle space = own(H5Dget_space(dataset), H5Sclose, what, "read the shape");
    const int n_axes = H5Sget_simple_extent_ndims(space.id());
    const H5S_class_t kind = H5Sget_simple_extent_type(space.id());
    if (kind == H5S_NULL) return {0};
    if (n_axes < 0 || n_axes > kMaxAxes) refuse(what, "has an unusable number of axes");
    std::vector<hsize_t> extents(static_cast<std::size_t>(n_axes));
    require(H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr), what, "read the shape");
    return {extents.begin(), extents.end()};
  }

  /// NetCDF's text is an array of characters with one axis more, marked by its encoding.
  bool has_character_axis(hid_t dataset, const std::vector<std::size_t>& shape,
                          const std::string& what) {
    const Handle type = own(H5Dget_type(dataset), H5Tclose, what, "read the type");
    return internal::is_fixed_text(type.id()) && H5Tget_size(type.id()) == 1 && !shape.empty() &&
           shape.back() > 0 &&
           internal::read_attribute(dataset, "_Encoding", what, budget_).has_value();
  }

  NamedArray::Data read_data(hid_t dataset, const std::vector<std::size_t>& shape,
                             bool is_characters, const std::string& what) {
    const Handle type = own(H5Dget_type(dataset), H5Tclose, what, "read the type");
    const auto number = internal::number_type(type.id());
    const bool is_text = internal::is_fixed_text(type.id());
    if (!number && !is_text) refuse_type(type.id(), what);
    const std::size_t item_size = H5Tget_size(type.id());
    const std::uint64_t count = internal::checked_count(shape, item_size, what);
    const std::uint64_t bytes = count * item_size;
    std::string compact;
    const internal::ReadBytes read = open_storage(dataset, type.id(), bytes, compact, what);
    if (number) return internal::read_numbers(read, *number, count, what, budget_);
    if (is_characters) return read_texts(read, count / shape.back(), shape.back(), type.id(), what);
    return read_texts(read, count, item_size, type.id(), what);
  }

  std::vector<std::string> read_texts(const internal::ReadBytes& read, std::uint64_t count,
                                      std::size_t length, hid_t type, const std::string& what) {
    budget_.take(count, length, what);
    budget_.take(count, sizeof(std::string), what);
    std::vector<std::string> texts;
    std::string text(length, '\0');
    for (std::uint64_t i = 0; i < count; ++i) {
      if (read(text) != length) refuse(what, "is truncated");
      texts.push_back(internal::without_padding(text, type));
    }
    return texts;
  }

  [[noreturn]] static void refuse_type(hid_t type, const std::string& what) {
    if (H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tis_variable_str(type) > 0)
      refuse(what,
             "holds data of variable length, which cannot be read safely; save text with a fixed "
             "length");
    refuse(what,
           "has an unsupported type, expected floating point of 16 to 64 bits, integers of 8 to "
           "64 bits, bool or text of fixed length");
  }

  /// A stream over the bytes of a dataset that are really there: `bytes` of them.
  internal::ReadBytes open_storage(hid_t dataset, hid_t type, std::uint64_t bytes,
                                   std::string& compact, const std::string& what) {
    const Handle creation = own(H5Dget_create_plist(dataset), H5Pclose, what, "read the layout");
    if (H5Pget_external_count(creation.id()) != 0)
      refuse(what, "stores its data in other files, which are never read");
    const H5D_layout_t layout = H5Pget_layout(creation.id());
    if (layout == H5D_VIRTUAL) refuse(what, "stores its data in other files, which are never read");
    if (H5Pget_nfilters(creation.id()) != 0 || layout == H5D_CHUNKED)
      refuse(what,
             "is stored in chunks or compressed; rewrite the file by 'h5repack -l CONTI -f NONE'");
    // All arrays together, so that many arrays cannot share the same bytes of a small file.
    if (bytes > file_size_ - declared_bytes_)
      refuse(what, fmt::format("declares {} bytes in a file of {} that already gave {}", bytes,
                               file_size_, declared_bytes_));
    declared_bytes_ += bytes;

    if (bytes == 0) return [](std::span<char>) { return std::size_t{0}; };
    if (layout == H5D_COMPACT) {
      if (H5Dget_storage_size(dataset) != bytes) refuse(what, "stores less than its shape needs");
      compact.resize(bytes);
      require(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, compact.data()), what, "read");
      return [rest = std::string_view(compact)](std::span<char> buffer) mutable {
        const std::size_t count = std::min(buffer.size(), rest.size());
        std::copy_n(rest.data(), count, buffer.data());
        rest.remove_prefix(count);
        return count;
      };
    }
    const haddr_t start = H5Dget_offset(dataset);
    if (start == HADDR_UNDEF) refuse(what, fmt::format("declares {} bytes and stores none", bytes));
    if (start > file_size_ || bytes > file_size_ - start)
      refuse(what, fmt::format("declares {} bytes at offset {}, beyond the end of the file", bytes,
                               start));
    return [this, offset = std::uint64_t{start}, what](std::span<char> buffer) mutable {
      if (!read_at_(offset, buffer)) refuse(what, "is truncated");
      offset += buffer.size();
      return buffer.size();
    };
  }

  /// NetCDF-4 numbers the dimensions of a file and notes the numbers beside each array.
  void name_axes() {
    for (auto& [name, unnamed] : unnamed_) {
      std::vector<std::string> names;
      for (const std::int64_t axis : unnamed.axes)
        if (const auto found = dimension_names_.find(axis); found != dimension_names_.end())
          names.push_back(found->second);
      if (unnamed.array.dimensions.empty() && names.size() == unnamed.array.shape.size())
        unnamed.array.dimensions = std::move(names);
      arrays_.set(name, std::move(unnamed.array));
    }
  }

  struct Unnamed {
    NamedArray array;
    std::vector<std::int64_t> axes;
  };

  hid_t file_;
  std::string what_;
  std::uint64_t file_size_;
  ReadAt read_at_;
  std::uint64_t max_objects_;
  MemoryBudget budget_;
  std::set<haddr_t> seen_;
  std::map<std::int64_t, std::string> dimension_names_;
  std::map<std::string, Unnamed> unnamed_;
  std::uint64_t declared_bytes_ = 0;
  NamedArrays arrays_;
};

/// Closed with everything that was opened in it, and never locked: locks fail on network folders.
Handle open_file(const std::string& name, const Handle& access, const std::string& what) {
  require(H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG), what, "open");
  require(H5Pset_file_locking(access.id(), false, true), what, "open");
  return own(H5Fopen(name.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, what,
             "cannot be opened");
}

void require_content(std::string_view start, const std::string& what) {
  constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
  if (start.empty()) refuse(what, "is empty, expected an HDF5 file");
  if (!start.starts_with(kSignature)) refuse(what, "is not an HDF5 file");
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  bool read_at(std::uint64_t offset, std::span<char> buffer) const {
    while (!buffer.empty()) {
      const ssize_t count =
          ::pread(descriptor_, buffer.data(), buffer.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      offset += static_cast<std::uint64_t>(count);
      buffer = buffer.subspan(static_cast<std::size_t>(count));
    }
    return true;
  }

 private:
  int descriptor_;
};

}  // namespace

NamedArrays read_hdf5(const std::string& path, const ReadLimits& limits) {
  const internal::QuietErrors quiet;
  const std::uint64_t size = internal::readable_file_size(path);
  const std::string what = printable(path, path.size());
  require_content(internal::first_bytes(path), what);
  const OpenFile bytes(path);
  const Handle access = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, what, "open");
  require(H5Pset_fapl_sec2(access.id()), what, "open");
  const Handle file = open_file(path, access, what);
  const ReadAt read_at = [&](std::uint64_t offset, std::span<char> buffer) {
    return bytes.read_at(offset, buffer);
  };
  return Reader(file.id(), what, size, read_at, limits).read();
}

NamedArrays parse_hdf5(std::string_view bytes, const std::string& what, const ReadLimits& limits) {
  const internal::QuietErrors quiet;
  require_content(bytes, what);
  const Handle access = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, what, "open");
  require(H5Pset_fapl_core(access.id(), std::size_t{1} << 16, false), what, "open");
  // HDF5 copies the image, and takes it as mutable for the sake of other drivers.
  require(H5Pset_file_image(access.id(), const_cast<char*>(bytes.data()), bytes.size()), what,
          "open");
  const Handle file = open_file(internal::memory_file_name(), access, what);
  const ReadAt read_at = [&](std::uint64_t offset, std::span<char> buffer) {
    if (offset > bytes.size() || buffer.size() > bytes.size() - offset) return false;
    std::copy_n(bytes.data() + offset, buffer.size(), buffer.data());
    return true;
  };
  return Reader(file.id(), what, bytes.size(), read_at, limits).read();
}

}  // namespace nullcline::io
