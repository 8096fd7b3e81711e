// SPDX-License-Identifier: BSD-3-Clause
// The format: a zip archive of NAME/data.pkl, a pickle of protocol 2, and NAME/data/KEY, the bytes
// of one storage each. Tensors are views into storages by offset, shape and strides.
#include "nullcline/io/torch_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/unpickle.hpp"
#include "nullcline/io/internal/zip_archive.hpp"

namespace nullcline::io {

namespace {

using internal::NumberType;
using internal::PickleValue;
using internal::printable;
using Kind = internal::PickleValue::Kind;
using Place = std::uint32_t;

constexpr std::uint64_t kMaxPickleBytes = std::uint64_t{1} << 24;
constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxAxes = 32;
constexpr std::uint64_t kMaxSharing = 16;  // views of one storage: tied weights

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

std::optional<NumberType> number_type(std::string_view storage) {
  static constexpr std::array<std::pair<std::string_view, NumberType>, 10> kTypes{{
      {"torch.DoubleStorage", {'f', 8, false}},
      {"torch.FloatStorage", {'f', 4, false}},
      {"torch.HalfStorage", {'f', 2, false}},
      {"torch.BFloat16Storage", {'B', 2, false}},
      {"torch.LongStorage", {'i', 8, false}},
      {"torch.IntStorage", {'i', 4, false}},
      {"torch.ShortStorage", {'i', 2, false}},
      {"torch.CharStorage", {'i', 1, false}},
      {"torch.ByteStorage", {'u', 1, false}},
      {"torch.BoolStorage", {'b', 1, false}},
  }};
  for (const auto& [name, type] : kTypes)
    if (name == storage) return type;
  return std::nullopt;
}

/// A tensor's place in its storage.
struct View {
  std::uint64_t offset = 0;
  std::vector<std::size_t> shape, strides;
};

template <class Value>
std::vector<Value> gather(const std::vector<Value>& storage, const View& view, std::size_t count) {
  std::vector<std::size_t> index(view.shape.size(), 0);
  std::vector<Value> values;
  values.reserve(count);
  std::size_t source = view.offset;
  while (values.size() < count) {
    values.push_back(storage[source]);
    for (std::size_t axis = view.shape.size(); axis-- > 0;) {
      source += view.strides[axis];
      if (++index[axis] < view.shape[axis]) break;
      source -= view.strides[axis] * view.shape[axis];
      index[axis] = 0;
    }
  }
  return values;
}

class Reader {
 public:
  Reader(const internal::ZipArchive& archive, const std::string& what, const ReadLimits& limits)
      : archive_(archive), what_(what), limits_(limits), budget_(limits.max_bytes) {}

  NamedArrays read() {
    const internal::ZipMember& member = find_pickle();
    const std::string bytes = archive_.read_text(member, kMaxPickleBytes);
    pickle_ = internal::unpickle(bytes, what_, budget_);
    read_byte_order();
    if (pickle_.values[pickle_.root].kind != Kind::dictionary)
      refuse(what_,
             "holds no dictionary of tensors; expected a state dictionary: "
             "torch.save(model.state_dict(), 'weights.pt')");
    add(pickle_.root, "", 0);
    return std::move(arrays_);
  }

 private:
  const internal::ZipMember& find_pickle() {
    constexpr std::string_view kName = "/data.pkl";
    const internal::ZipMember* found = nullptr;
    for (const internal::ZipMember& member : archive_.members()) {
      if (member.name.ends_with("/constants.pkl"))
        refuse(what_,
               "is a TorchScript program, expected a state dictionary: "
               "torch.save(model.state_dict(), 'weights.pt')");
      if (!member.name.ends_with(kName)) continue;
      if (found != nullptr) refuse(what_, "holds two pickles named data.pkl");
      found = &member;
    }
    if (found == nullptr)
      refuse(what_, "is a zip archive without data.pkl, expected a file of torch.save");
    folder_ = found->name.substr(0, found->name.size() - kName.size());
    return *found;
  }

  void read_byte_order() {
    const internal::ZipMember* member = archive_.find(folder_ + "/byteorder");
    if (member == nullptr) return;
    const std::string order = archive_.read_text(*member, 100);
    if (order != "little" && order != "big")
      refuse(what_, fmt::format("has byte order '{}', expected little or big", printable(order)));
    is_big_endian_ = order == "big";
  }

  const PickleValue& value(Place place) const { return pickle_.values[place]; }

  /// One value and what is in it, under its name.
  void add(Place place, const std::string& name, int depth) {
    if (++n_visited_ > limits_.max_arrays)
      refuse(what_, fmt::format("holds more than {} values", limits_.max_arrays));
    if (depth > kMaxDepth)
      refuse(what_, fmt::format("nests dictionaries deeper than {}", kMaxDepth));
    budget_.take(1, name.size(), what_);
    const PickleValue& found = value(place);
    if (found.kind == Kind::dictionary) {
      for (std::size_t i = 0; i < found.items.size(); i += 2)
        add(found.items[i + 1], joined(name, key_text(value(found.items[i]))), depth + 1);
    } else if (found.kind == Kind::sequence) {
      for (std::size_t i = 0; i < found.items.size(); ++i)
        add(found.items[i], joined(name, std::to_string(i)), depth + 1);
    } else if (found.kind == Kind::tensor) {
      const std::string where = fmt::format("{}: tensor '{}'", what_, printable(name));
      if (arrays_.has(name)) refuse(where, "stands in the file twice");
      arrays_.set(name, read_tensor(found, where));
    } else if (found.kind == Kind::integer || found.kind == Kind::boolean) {
      arrays_.attributes[name] = found.integer;
    } else if (found.kind == Kind::real) {
      arrays_.attributes[name] = found.real;
    } else if (found.kind == Kind::text) {
      budget_.take(1, found.text.size(), what_);
      arrays_.attributes[name] = internal::as_utf8(found.text);
    }
  }

  static std::string joined(const std::string& name, const std::string& key) {
    return name.empty() ? key : fmt::format("{}.{}", name, key);
  }

  std::string key_text(const PickleValue& key) const {
    if (key.kind == Kind::integer) return std::to_string(key.integer);
    if (key.kind != Kind::text || key.text.empty() || !internal::is_utf8(key.text))
      refuse(what_, "has a dictionary whose key is neither text nor a whole number");
    return std::string(key.text);
  }

  std::vector<std::size_t> extents(Place place, const std::string& where) const {
    const PickleValue& list = value(place);
    std::vector<std::size_t> numbers;
    if (list.kind != Kind::sequence || list.items.size() > kMaxAxes)
      refuse(where, "has an unusable shape");
    for (const Place item : list.items) {
      if (value(item).kind != Kind::integer || value(item).integer < 0)
        refuse(where, "has a shape or strides that are not whole numbers from 0");
      numbers.push_back(static_cast<std::size_t>(value(item).integer));
    }
    return numbers;
  }

  NamedArray read_tensor(const PickleValue& tensor, const std::string& where) {
    const PickleValue& storage = value(tensor.items[0]);
    const PickleValue& offset = value(tensor.items[1]);
    if (storage.kind != Kind::storage) refuse(where, "is not backed by a storage");
    if (offset.kind != Kind::integer || offset.integer < 0) refuse(where, "has an unusable offset");
    View view{static_cast<std::uint64_t>(offset.integer), extents(tensor.items[2], where),
              extents(tensor.items[3], where)};
    if (view.shape.size() != view.strides.size())
      refuse(where,
             fmt::format("has {} axes and {} strides", view.shape.size(), view.strides.size()));
    const NamedArray::Data& data = storage_data(storage, where);
    NamedArray array;
    std::visit(
        [&]<class Value>(const std::vector<Value>& values) {
          const std::uint64_t count = checked_size(view, values.size(), sizeof(Value), where);
          array.data = gather(values, view, static_cast<std::size_t>(count));
        },
        data);
    array.shape = std::move(view.shape);
    return array;
  }

  /// Number of values of a view that stays inside its storage.
  std::uint64_t checked_size(const View& view, std::uint64_t n_stored, std::size_t item_size,
                             const std::string& where) {
    const std::uint64_t count = internal::checked_count(view.shape, item_size, where);
    if (count == 0) return 0;
    std::uint64_t last = view.offset;
    bool overflows = false;
    for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
      std::uint64_t step = 0;
      overflows |= __builtin_mul_overflow(view.shape[axis] - 1, view.strides[axis], &step);
      overflows |= __builtin_add_overflow(last, step, &last);
    }
    if (overflows || last >= n_stored)
      refuse(where, fmt::format("of shape {} reaches beyond the {} values of its storage",
                                internal::shape_text(view.shape), n_stored));
    n_gathered_ += count;
    if (count > n_stored || n_gathered_ > kMaxSharing * n_loaded_)
      refuse(where, fmt::format("of shape {} repeats the {} values of its storage",
                                internal::shape_text(view.shape), n_stored));
    budget_.take(count, item_size, where);
    return count;
  }

  /// The numbers of a storage, read when first asked for.
  const NamedArray::Data& storage_data(const PickleValue& storage, const std::string& where) {
    const PickleValue& key = value(storage.items[2]);
    const PickleValue& size = value(storage.items[4]);
    std::optional<NumberType> type = number_type(value(storage.items[1]).text);
    if (!type || key.kind != Kind::text || size.kind != Kind::integer || size.integer < 0)
      refuse(where, "has a storage of unknown type, key or size");
    const auto found = storages_.find(key.text);
    if (found != storages_.end()) {
      if (found->second.type != value(storage.items[1]).text)
        refuse(where, "reads a storage under two types");
      return found->second.data;
    }
    const std::string name = fmt::format("{}/data/{}", folder_, key.text);
    const internal::ZipMember* member = archive_.find(name);
    if (member == nullptr)
      refuse(where, fmt::format("needs member '{}', which is not there", printable(name)));
    const auto count = static_cast<std::uint64_t>(size.integer);
    if (!member->is_stored || count > member->size || count * type->item_size != member->size)
      refuse(where, fmt::format("needs {} values of {} bytes, member '{}' has {} bytes", count,
                                type->item_size, printable(name), member->size));
    type->is_big_endian = is_big_endian_;
    Storage loaded;
    loaded.type = value(storage.items[1]).text;
    archive_.read(*member, where, [&](const internal::ReadBytes& read) {
      loaded.data = internal::read_numbers(read, *type, count, where, budget_);
    });
    n_loaded_ += count;
    return storages_.emplace(std::string(key.text), std::move(loaded)).first->second.data;
  }

  struct Storage {
    std::string_view type;
    NamedArray::Data data;
  };

  const internal::ZipArchive& archive_;
  const std::string& what_;
  ReadLimits limits_;
  internal::MemoryBudget budget_;
  internal::Pickle pickle_;
  std::string folder_;
  bool is_big_endian_ = false;
  std::map<std::string, Storage, std::less<>> storages_;
  std::uint64_t n_visited_ = 0, n_loaded_ = 0, n_gathered_ = 0;
  NamedArrays arrays_;
};

void require_content(std::string_view start, const std::string& what) {
  constexpr std::string_view kLegacy{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
                                     14};
  if (start.empty()) refuse(what, "is empty, expected a file of torch.save");
  if (start.starts_with(kLegacy))
    refuse(what,
           "is in the format of PyTorch before 1.6, which is not read; save it again: "
           "torch.save(torch.load(FILE, weights_only=True), 'weights.pt')");
  if (start.starts_with("\x80"))
    refuse(what, "is a bare pickle, which is not read; expected a file of torch.save");
  if (!start.starts_with("PK"))
    refuse(what,
           "is no zip archive, expected a file of torch.save (PyTorch 1.6 or later; the tar files "
           "of PyTorch 0.1 are not read)");
}

}  // namespace

NamedArrays parse_torch(std::string_view bytes, const std::string& what, const ReadLimits& limits) {
  require_content(bytes.substr(0, 16), what);
  const internal::ZipArchive archive(bytes, what, ".pt", limits.max_arrays);
  return Reader(archive, what, limits).read();
}

NamedArrays read_torch(const std::string& path, const ReadLimits& limits) {
  internal::readable_file_size(path);
  const std::string what = printable(path, path.size());
  require_content(internal::first_bytes(path), what);
  const auto archive = internal::ZipArchive::open(path, ".pt", limits.max_arrays);
  return Reader(archive, what, limits).read();
}

}  // namespace nullcline::io
