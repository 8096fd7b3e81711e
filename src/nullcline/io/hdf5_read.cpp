// SPDX-License-Identifier: BSD-3-Clause
// HDF5 files by our own reading, and not by libhdf5, which trusts what it reads: a damaged file
// must end in a FormatError (docs/decisions/0012).
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "nullcline/core/error.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/internal/checks.hpp"
#include "nullcline/io/internal/hdf5_links.hpp"
#include "nullcline/io/internal/hdf5_types.hpp"

namespace nullcline::io {

namespace {

using internal::AttributeTable;
using internal::Dataspace;
using internal::Datatype;
using internal::Fields;
using internal::Hdf5File;
using internal::Message;
using internal::MessageType;
using internal::ObjectHeader;
using internal::printable;
using internal::ReadAt;

constexpr int kMaxDepth = 32;
constexpr std::string_view kDimensionOnly = "This is a netCDF dimension but not a netCDF variable";
constexpr std::string_view kNotCoordinates = "_nc4_non_coord_";

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

class Reader {
 public:
  Reader(ReadAt read_at, std::uint64_t size, const std::string& what, const ReadLimits& limits)
      : file_(std::move(read_at), size, what),
        heaps_(file_),
        max_objects_(limits.max_arrays),
        budget_(limits.max_bytes) {}

  NamedArrays read() {
    const ObjectHeader root = open(internal::read_superblock(file_), file_.what());
    if (!internal::is_group(root)) refuse(file_.what(), "has no root group");
    read_group(root, "", 0);
    arrays_.attributes = attributes_of(root, file_.what()).values();
    name_axes();
    return std::move(arrays_);
  }

 private:
  std::string where(const std::string& name) const {
    return fmt::format("{}: object '{}'", file_.what(), printable(name));
  }

  /// Every object has one name: links in a circle, and small files that name one array a million
  /// times, end here.
  ObjectHeader open(std::uint64_t address, const std::string& what) {
    if (!seen_.insert(address).second) refuse(what, "is linked under two names");
    if (seen_.size() > max_objects_ + 1)
      refuse(file_.what(), fmt::format("holds more than {} objects", max_objects_));
    return internal::read_object_header(file_, address);
  }

  AttributeTable attributes_of(const ObjectHeader& object, const std::string& what) {
    return {file_, heaps_, object, what, budget_};
  }

  void read_group(const ObjectHeader& group, const std::string& prefix, int depth) {
    if (depth > kMaxDepth)
      refuse(where(prefix), fmt::format("lies deeper than {} groups", kMaxDepth));
    for (const internal::Link& link : internal::read_links(file_, group, max_objects_)) {
      const std::string name = prefix + link.name;
      if (!link.is_hard) refuse(where(name), "is a soft or external link, which is never followed");
      const bool is_plain =
          !link.name.empty() && link.name != "." && link.name != ".." &&
          link.name.find_first_of(std::string_view("/\0", 2)) == std::string::npos &&
          internal::is_utf8(link.name);
      if (!is_plain) refuse(where(name), "has an unusable name");
      const ObjectHeader object = open(link.address, where(name));
      if (internal::is_group(object)) {
        arrays_.set_group_attributes(name, attributes_of(object, where(name)).values());
        read_group(object, name + "/", depth + 1);
      } else if (object.find(MessageType::layout) != nullptr) {
        read_dataset(object, prefix, link.name);
      } else if (object.find(MessageType::datatype) == nullptr) {
        refuse(where(name), "is neither an array nor a group");
      }
    }
  }

  void read_dataset(const ObjectHeader& dataset, const std::string& prefix,
                    const std::string& leaf) {
    const std::string what = where(prefix + leaf);
    const AttributeTable attributes = attributes_of(dataset, what);
    const bool is_scale = attributes.value("CLASS") == Attribute(std::string("DIMENSION_SCALE"));
    if (is_scale) {
      // Arrays may carry this number too, with another meaning.
      const auto number = attributes.value("_Netcdf4Dimid");
      if (number && std::holds_alternative<std::int64_t>(*number))
        dimension_names_.emplace(std::get<std::int64_t>(*number), leaf);
      const auto title = attributes.value("NAME");
      const auto* text = title ? std::get_if<std::string>(&*title) : nullptr;
      if (text != nullptr && text->starts_with(kDimensionOnly)) return;
    }

    const Datatype type =
        internal::parse_datatype(message_of(dataset, MessageType::datatype, what), what);
    const Dataspace space =
        internal::parse_dataspace(message_of(dataset, MessageType::dataspace, what), what);
    NamedArray array;
    array.shape = space.is_null ? std::vector<std::size_t>{0} : space.shape;
    // NetCDF's text is an array of characters with one axis more, marked by its encoding.
    const bool is_characters = type.kind == Datatype::Kind::text && type.size == 1 &&
                               !array.shape.empty() && array.shape.back() > 0 &&
                               attributes.value("_Encoding").has_value();
    array.data = read_data(dataset, type, array.shape, is_characters, what);
    array.attributes = attributes.values();
    const bool is_renamed =
        leaf.starts_with(kNotCoordinates) && leaf.size() > kNotCoordinates.size();
    const std::string name = prefix + (is_renamed ? leaf.substr(kNotCoordinates.size()) : leaf);
    Unnamed unnamed;
    unnamed.axes = attributes.integers("_Netcdf4Coordinates");
    if (is_characters) {  // the last axis went into the texts
      array.shape.pop_back();
      if (!unnamed.axes.empty()) unnamed.axes.pop_back();
    }
    if (is_scale && array.shape.size() == 1) array.dimensions = {leaf};
    unnamed.array = std::move(array);
    if (!unnamed_.emplace(name, std::move(unnamed)).second)
      refuse(what, "has the name of another array");
  }

  static const std::string& message_of(const ObjectHeader& object, MessageType type,
                                       const std::string& what) {
    const Message* message = object.find(type);
    if (message == nullptr)
      refuse(what, fmt::format("is damaged: has no {}", type == MessageType::datatype ? "type"
                                                        : type == MessageType::layout ? "layout"
                                                                                      : "shape"));
    if (message->is_shared) refuse(what, "has a type that is stored elsewhere: not supported");
    return message->bytes;
  }

  NamedArray::Data read_data(const ObjectHeader& dataset, const Datatype& type,
                             const std::vector<std::size_t>& shape, bool is_characters,
                             const std::string& what) {
    const bool is_number = type.kind == Datatype::Kind::number;
    if (!is_number && type.kind != Datatype::Kind::text) refuse_type(type, what);
    const auto item_size = static_cast<std::size_t>(type.size);
    const std::uint64_t count = internal::checked_count(shape, item_size, what);
    const internal::ReadBytes read = open_storage(dataset, count * item_size, what);
    if (is_number) return internal::read_numbers(read, type.number, count, what, budget_);
    if (is_characters) return read_texts(read, count / shape.back(), shape.back(), type, what);
    return read_texts(read, count, item_size, type, what);
  }

  std::vector<std::string> read_texts(const internal::ReadBytes& read, std::uint64_t count,
                                      std::size_t length, const Datatype& type,
                                      const std::string& what) {
    budget_.take(count, length, what);
    budget_.take(count, sizeof(std::string), what);
    std::vector<std::string> texts;
    std::string text(length, '\0');
    for (std::uint64_t i = 0; i < count; ++i) {
      if (read(text) != length) refuse(what, "is truncated");
      texts.push_back(type.text(text));
    }
    return texts;
  }

  [[noreturn]] static void refuse_type(const Datatype& type, const std::string& what) {
    if (type.kind == Datatype::Kind::variable || type.kind == Datatype::Kind::variable_text)
      refuse(
          what,
          "holds data of variable length, which is not supported; save text with a fixed length");
    refuse(what,
           "has an unsupported type, expected floating point of 16 to 64 bits, integers of 8 to "
           "64 bits, bool or text of fixed length");
  }

  /// A stream over the bytes of a dataset that are really there: `bytes` of them.
  internal::ReadBytes open_storage(const ObjectHeader& dataset, std::uint64_t bytes,
                                   const std::string& what) {
    Fields layout(message_of(dataset, MessageType::layout, what), what + ": its layout");
    const std::uint64_t version = layout.number(1), kind = layout.number(1);
    constexpr std::uint64_t kCompact = 0, kChunked = 2, kVirtual = 3;  // 1: contiguous
    if (version < 3 || version > 4 || kind > kVirtual)
      refuse(what, "is stored in an unknown way; rewrite the file by 'h5repack -l CONTI -f NONE'");
    if (dataset.find(MessageType::external_files) != nullptr || kind == kVirtual)
      refuse(what, "stores its data in other files, which are never read");
    if (dataset.find(MessageType::filters) != nullptr || kind == kChunked)
      refuse(what,
             "is stored in chunks or compressed; rewrite the file by 'h5repack -l CONTI -f NONE'");
    // All arrays together, so that many arrays cannot share the same bytes of a small file.
    if (bytes > file_.size() - declared_bytes_)
      refuse(what, fmt::format("declares {} bytes in a file of {} that already gave {}", bytes,
                               file_.size(), declared_bytes_));
    declared_bytes_ += bytes;

    if (bytes == 0) return [](std::span<char>) { return std::size_t{0}; };
    if (kind == kCompact) {
      const std::string_view stored = layout.take(layout.number(2));
      if (stored.size() < bytes) refuse(what, "stores less than its shape needs");
      return [rest = stored.substr(0, static_cast<std::size_t>(bytes))](
                 std::span<char> buffer) mutable {
        const std::size_t count = std::min(buffer.size(), rest.size());
        std::copy_n(rest.data(), count, buffer.data());
        rest.remove_prefix(count);
        return count;
      };
    }
    const std::uint64_t start = layout.address();
    if (start == internal::kUndefined)
      refuse(what, fmt::format("declares {} bytes and stores none", bytes));
    if (start > file_.size() || bytes > file_.size() - start)
      refuse(what, fmt::format("declares {} bytes at offset {}, beyond the end of the file", bytes,
                               start));
    return [this, offset = start, what](std::span<char> buffer) mutable {
      if (!file_.read(offset, buffer)) refuse(what, "is truncated");
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

  Hdf5File file_;
  internal::GlobalHeaps heaps_;
  std::size_t max_objects_;
  internal::MemoryBudget budget_;
  std::set<std::uint64_t> seen_;
  std::map<std::int64_t, std::string> dimension_names_;
  std::map<std::string, Unnamed> unnamed_;
  std::uint64_t declared_bytes_ = 0;
  NamedArrays arrays_;
};

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
  const std::uint64_t size = internal::readable_file_size(path);
  const std::string what = printable(path, path.size());
  require_content(internal::first_bytes(path), what);
  const OpenFile bytes(path);
  const ReadAt read_at = [&](std::uint64_t offset, std::span<char> buffer) {
    return bytes.read_at(offset, buffer);
  };
  return Reader(read_at, size, what, limits).read();
}

NamedArrays parse_hdf5(std::string_view bytes, const std::string& what, const ReadLimits& limits) {
  require_content(bytes, what);
  const ReadAt read_at = [&](std::uint64_t offset, std::span<char> buffer) {
    if (offset > bytes.size() || buffer.size() > bytes.size() - offset) return false;
    std::copy_n(bytes.data() + offset, buffer.size(), buffer.data());
    return true;
  };
  return Reader(read_at, bytes.size(), what, limits).read();
}

}  // namespace nullcline::io
