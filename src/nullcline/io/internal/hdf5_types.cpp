// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/hdf5_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/half.hpp"

namespace nullcline::io::internal {

namespace {

constexpr std::size_t kMaxAttributes = 10000;
constexpr std::uint64_t kMaxAxes = 32;

/// Where IEEE 754 keeps sign, exponent and fraction.
struct FloatLayout {
  std::uint64_t bits, sign, exponent, exponent_bits, fraction_bits, bias;
  bool operator==(const FloatLayout&) const = default;
};
constexpr std::array<FloatLayout, 3> kFloats{FloatLayout{16, 15, 10, 5, 10, 15},
                                             FloatLayout{32, 31, 23, 8, 23, 127},
                                             FloatLayout{64, 63, 52, 11, 52, 1023}};

std::optional<NumberType> float_type(Fields& fields, std::uint64_t flags, std::uint64_t size) {
  constexpr std::uint64_t kOrder = 0x41, kBig = 0x01, kImpliedOne = 2;
  FloatLayout layout{};
  const std::uint64_t offset = fields.number(2);
  layout.bits = fields.number(2);
  layout.exponent = fields.number(1);
  layout.exponent_bits = fields.number(1);
  const std::uint64_t fraction = fields.number(1);
  layout.fraction_bits = fields.number(1);
  layout.bias = fields.number(4);
  layout.sign = (flags >> 8) & 0xFF;
  const bool is_known = std::find(kFloats.begin(), kFloats.end(), layout) != kFloats.end() &&
                        layout.bits == 8 * size && offset == 0 && fraction == 0 &&
                        ((flags >> 4) & 3) == kImpliedOne && (flags & kOrder) <= kBig;
  if (!is_known) return std::nullopt;
  return NumberType{'f', static_cast<std::size_t>(size), (flags & kOrder) == kBig};
}

std::optional<NumberType> integer_type(Fields& fields, std::uint64_t flags, std::uint64_t size) {
  const std::uint64_t offset = fields.number(2), bits = fields.number(2);
  if (size > 8 || !std::has_single_bit(size) || offset != 0 || bits != 8 * size)
    return std::nullopt;
  return NumberType{(flags & 0x08) != 0 ? 'i' : 'u', static_cast<std::size_t>(size),
                    (flags & 0x01) != 0};
}

bool is_reserved(std::string_view name) {
  return name == "CLASS" || name == "NAME" || name == "DIMENSION_LIST" ||
         name == "REFERENCE_LIST" || name == "_Netcdf4Dimid" || name == "_Netcdf4Coordinates" ||
         name == "_NCProperties" || name == "_Encoding" || name == "_nc3_strict";
}

/// Nothing for an integer beyond 64 bits with a sign.
std::optional<Attribute> number_in(std::string_view bytes, const NumberType& type) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t from = type.is_big_endian ? i : bytes.size() - 1 - i;
    bits = (bits << 8) | static_cast<unsigned char>(bytes[from]);
  }
  if (type.kind == 'f') {
    if (type.item_size == 2) return double{float_from_half(static_cast<std::uint16_t>(bits))};
    if (type.item_size == 4) return double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))};
    return std::bit_cast<double>(bits);
  }
  if (type.kind == 'b') return std::int64_t{bits != 0};
  if (type.kind == 'i') {
    const auto unused = static_cast<int>(64 - 8 * type.item_size);
    return static_cast<std::int64_t>(bits << unused) >> unused;
  }
  if (bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return static_cast<std::int64_t>(bits);
}

}  // namespace

std::string Datatype::text(std::string_view bytes) const {
  if (padding == 0) return valid_utf8(bytes.substr(0, bytes.find('\0')));
  const char pad = padding == 2 ? ' ' : '\0';
  return valid_utf8(bytes.substr(0, bytes.find_last_not_of(pad) + 1));
}

Datatype parse_datatype(std::string_view bytes, const std::string& what) {
  constexpr std::uint64_t kInteger = 0, kFloat = 1, kText = 3, kEnumeration = 8, kVariable = 9;
  Fields fields(bytes, what + ": its type");
  const std::uint64_t type_class = fields.number(1) & 0x0F, flags = fields.number(3);
  Datatype type;
  type.size = fields.number(4);
  std::optional<NumberType> number;
  if (type_class == kInteger) number = integer_type(fields, flags, type.size);
  if (type_class == kFloat) number = float_type(fields, flags, type.size);
  if (type_class == kEnumeration && type.size == 1 && (flags & 0xFFFF) == 2)
    number = NumberType{'b', 1, false};
  if (number) {
    type.kind = Datatype::Kind::number;
    type.number = *number;
  } else if (type_class == kText && type.size > 0) {
    type.kind = Datatype::Kind::text;
    type.padding = static_cast<char>(flags & 0x0F);
  } else if (type_class == kVariable) {
    const bool is_text = (flags & 0x0F) == 1;
    type.kind = is_text ? Datatype::Kind::variable_text : Datatype::Kind::variable;
  }
  return type;
}

Dataspace parse_dataspace(std::string_view bytes, const std::string& what) {
  Fields fields(bytes, what + ": its shape");
  const std::uint64_t version = fields.number(1), n_axes = fields.number(1);
  if (version < 1 || version > 2) fields.refuse("has an unknown version");
  if (n_axes > kMaxAxes) fields.refuse("has an unusable number of axes");
  fields.take(1);
  constexpr std::uint64_t kNull = 2;
  Dataspace space;
  if (version == 1)
    fields.take(5);
  else
    space.is_null = fields.number(1) == kNull;
  for (std::uint64_t axis = 0; axis < n_axes; ++axis)
    space.shape.push_back(static_cast<std::size_t>(fields.number(8)));
  return space;
}

std::uint64_t StoredAttribute::count() const {
  if (space.is_null) return 0;
  std::uint64_t count = 1;
  for (const std::size_t extent : space.shape)
    if (__builtin_mul_overflow(count, std::uint64_t{extent}, &count)) return kUndefined;
  return count;
}

std::optional<std::vector<Attribute>> StoredAttribute::numbers() const {
  constexpr std::uint64_t kMaxNumbers = 32;
  const std::uint64_t n = count();
  const std::size_t size = type.number.item_size;
  if (type.kind != Datatype::Kind::number || n < 1 || n > kMaxNumbers || data.size() < n * size)
    return std::nullopt;
  std::vector<Attribute> values;
  for (std::size_t i = 0; i < n; ++i) {
    auto value = number_in(std::string_view(data).substr(i * size, size), type.number);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

AttributeTable::AttributeTable(Hdf5File& file, GlobalHeaps& heaps, const ObjectHeader& header,
                               const std::string& what, MemoryBudget& budget)
    : heaps_(&heaps), what_(what), budget_(&budget) {
  for (const Message& message : header.messages)
    if (message.type == MessageType::attribute && !message.is_shared) add(message.bytes, what);
  const Message* info = header.find(MessageType::attribute_info);
  if (info == nullptr) return;
  Fields fields(info->bytes, what + ": its attributes");
  fields.take(1);
  if ((fields.number(1) & 1) != 0) fields.take(2);  // largest creation index
  const std::uint64_t heap_address = fields.address(), tree = fields.address();
  if (heap_address == kUndefined) return;
  FractalHeap heap(file, heap_address);
  // Identifier, flags, creation order, hash.
  for (const std::string& record : read_records(file, tree, heap.id_size() + 9, kMaxAttributes)) {
    const bool is_shared = (record[heap.id_size()] & 0x02) != 0;
    if (!is_shared) add(heap.object(std::string_view(record).substr(0, heap.id_size())), what);
  }
}

void AttributeTable::add(std::string_view message, const std::string& what) {
  Fields fields(message, what + ": an attribute");
  const std::uint64_t version = fields.number(1), flags = fields.number(1);
  if (version < 1 || version > 3) fields.refuse("has an unknown version");
  const std::uint64_t name_size = fields.number(2), type_size = fields.number(2),
                      space_size = fields.number(2);
  if (version == 3) fields.take(1);  // character set
  const auto part = [&](std::uint64_t size) {
    return fields.take(version == 1 ? (size + 7) / 8 * 8 : size)
        .substr(0, static_cast<std::size_t>(size));
  };
  const std::string_view name = part(name_size), type = part(type_size), space = part(space_size);
  if (version > 1 && (flags & 0x03) != 0) return;  // its type or shape is stored elsewhere
  StoredAttribute attribute{parse_datatype(type, what), parse_dataspace(space, what), {}};
  attribute.data = fields.take(fields.left());
  if (stored_.size() >= kMaxAttributes)
    throw FormatError(fmt::format("{}: has over {} attributes", what, kMaxAttributes));
  stored_.emplace(name.substr(0, name.find('\0')), std::move(attribute));
}

std::optional<Attribute> AttributeTable::value(const std::string& name) const {
  using Kind = Datatype::Kind;
  const auto found = stored_.find(name);
  if (found == stored_.end()) return std::nullopt;
  const StoredAttribute& stored = found->second;
  const bool is_text = stored.type.kind == Kind::text || stored.type.kind == Kind::variable_text;
  if (is_text && stored.space.is_null) return std::string();
  if (stored.count() != 1) return std::nullopt;
  Fields fields(stored.data, what_ + ": an attribute");
  if (stored.type.kind == Kind::text) {
    budget_->take(1, stored.type.size, what_);
    return stored.type.text(fields.take(stored.type.size));
  }
  if (stored.type.kind == Kind::variable_text) {
    const std::uint64_t length = fields.number(4), collection = fields.address(),
                        index = fields.number(4);
    if (length == 0 || collection == 0 || collection == kUndefined) return std::string();
    budget_->take(1, length, what_);
    const std::string text = heaps_->object(collection, index, length);
    return valid_utf8(std::string_view(text).substr(0, text.find('\0')));
  }
  if (stored.type.kind != Kind::number) return std::nullopt;
  fields.take(stored.type.size);  // refuses what is too short
  const auto numbers = stored.numbers();
  return numbers ? std::optional(numbers->front()) : std::nullopt;
}

Attributes AttributeTable::values() const {
  Attributes attributes;
  for (const auto& [name, stored] : stored_) {
    if (is_reserved(name)) continue;
    if (auto found = value(name)) attributes.emplace(name, std::move(*found));
  }
  return attributes;
}

std::vector<std::int64_t> AttributeTable::integers(const std::string& name) const {
  const auto found = stored_.find(name);
  const auto numbers = found == stored_.end() ? std::nullopt : found->second.numbers();
  std::vector<std::int64_t> values;
  for (const Attribute& number : numbers.value_or(std::vector<Attribute>())) {
    if (!std::holds_alternative<std::int64_t>(number)) return {};
    values.push_back(std::get<std::int64_t>(number));
  }
  return values;
}

}  // namespace nullcline::io::internal
