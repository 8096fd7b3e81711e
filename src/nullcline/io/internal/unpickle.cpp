// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/unpickle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <map>
#include <span>

#include "nullcline/core/error.hpp"

namespace nullcline::io::internal {

namespace {

using Kind = PickleValue::Kind;
using Place = std::uint32_t;

constexpr std::string_view kOrderedDict = "collections.OrderedDict";
constexpr std::string_view kTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kParameter = "torch._utils._rebuild_parameter";
constexpr std::string_view kSize = "torch.Size";
constexpr std::string_view kDevice = "torch.device";

/// All globals that a file of weights may name, as "module.name".
constexpr std::array kAllowed{
    kOrderedDict,
    kTensor,
    kParameter,
    kSize,
    kDevice,
    std::string_view("torch.DoubleStorage"),
    std::string_view("torch.FloatStorage"),
    std::string_view("torch.HalfStorage"),
    std::string_view("torch.BFloat16Storage"),
    std::string_view("torch.LongStorage"),
    std::string_view("torch.IntStorage"),
    std::string_view("torch.ShortStorage"),
    std::string_view("torch.CharStorage"),
    std::string_view("torch.ByteStorage"),
    std::string_view("torch.BoolStorage"),
    std::string_view("torch.float64"),
    std::string_view("torch.float32"),
    std::string_view("torch.float16"),
    std::string_view("torch.bfloat16"),
    std::string_view("torch.int64"),
    std::string_view("torch.int32"),
    std::string_view("torch.int16"),
    std::string_view("torch.int8"),
    std::string_view("torch.uint8"),
    std::string_view("torch.bool"),
};

class Machine {
 public:
  Machine(std::string_view bytes, const std::string& what, MemoryBudget& budget)
      : bytes_(bytes), what_(what), budget_(budget) {}

  Pickle run() {
    while (!is_done_) step();
    if (!rest().empty()) refuse(fmt::format("holds {} bytes after its end", rest().size()));
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw FormatError(fmt::format("{}: pickle at byte {}: {}", what_, at_, reason));
  }

  std::string_view rest() const { return bytes_.substr(position_); }

  std::string_view take(std::uint64_t count) {
    if (count > rest().size())
      refuse(fmt::format("is truncated: needs {} bytes, {} are left", count, rest().size()));
    const std::string_view taken = rest().substr(0, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }

  /// Little-endian, two's complement in as many bytes as there are.
  std::uint64_t unsigned_number(std::size_t n_bytes) {
    const std::string_view bytes = take(n_bytes);
    std::uint64_t value = 0;
    for (std::size_t i = n_bytes; i-- > 0;)
      value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
  }

  std::int64_t signed_number(std::size_t n_bytes) {
    if (n_bytes == 0) return 0;
    const std::uint64_t value = unsigned_number(n_bytes);
    const auto unused = static_cast<int>(64 - 8 * n_bytes);
    return static_cast<std::int64_t>(value << unused) >> unused;
  }

  double big_endian_double() {
    std::uint64_t bits = 0;
    for (const char byte : take(8)) bits = (bits << 8) | static_cast<unsigned char>(byte);
    return std::bit_cast<double>(bits);
  }

  std::string_view line() {
    const std::size_t end = rest().find('\n');
    if (end == std::string_view::npos) refuse("is truncated: a name without an end");
    const std::string_view text = take(end);
    take(1);
    return text;
  }

  // The stack of places, and marks into it.

  void push_place(Place place) {
    budget_.take(1, sizeof(Place), what_);
    stack_.push_back(place);
  }

  Place push(PickleValue value) {
    budget_.take(1, sizeof(PickleValue), what_);
    const auto place = static_cast<Place>(pickle_.values.size());
    pickle_.values.push_back(std::move(value));
    push_place(place);
    return place;
  }

  void push_kind(Kind kind) {
    PickleValue value;
    value.kind = kind;
    push(std::move(value));
  }

  void push_integer(std::int64_t integer, Kind kind = Kind::integer) {
    PickleValue value;
    value.kind = kind;
    value.integer = integer;
    push(std::move(value));
  }

  void push_text(std::string_view text, Kind kind = Kind::text) {
    PickleValue value;
    value.kind = kind;
    value.text = text;
    push(std::move(value));
  }

  PickleValue& value(Place place) { return pickle_.values[place]; }

  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  void require_items(std::size_t count) const {
    if (stack_.size() - floor() < count) refuse("takes more values than are there");
  }

  Place top() const {
    require_items(1);
    return stack_.back();
  }

  Place pop() {
    const Place place = top();
    stack_.pop_back();
    return place;
  }

  std::vector<Place> pop_last(std::size_t count) {
    require_items(count);
    std::vector<Place> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }

  std::vector<Place> pop_to_mark() {
    if (marks_.empty()) refuse("takes values up to a mark that is not there");
    std::vector<Place> items = pop_last(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  void push_sequence(std::vector<Place> items) {
    PickleValue sequence;
    sequence.kind = Kind::sequence;
    sequence.items = std::move(items);
    push(std::move(sequence));
  }

  void append(Kind kind, std::span<const Place> items) {
    if (kind == Kind::dictionary && items.size() % 2 != 0) refuse("gives a key without a value");
    PickleValue& container = value(top());
    if (container.kind != kind)
      refuse(kind == Kind::dictionary ? "puts a key into what is no dictionary"
                                      : "appends to what is no list");
    budget_.take(items.size(), sizeof(Place), what_);
    container.items.insert(container.items.end(), items.begin(), items.end());
  }

  void remember(std::uint64_t number) {
    if (number > bytes_.size())
      refuse(fmt::format("remembers a value as number {}, more than a pickle of {} bytes can hold",
                         number, bytes_.size()));
    memo_[number] = top();
  }

  void recall(std::uint64_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end())
      refuse(fmt::format("recalls value number {}, which was never kept", number));
    push_place(found->second);
  }

  void name_global() {
    const std::string_view module = line(), name = line();
    const std::string found = fmt::format("{}.{}", module, name);
    const auto* allowed = std::find(kAllowed.begin(), kAllowed.end(), found);
    if (allowed == kAllowed.end())
      refuse(
          fmt::format("names '{}', which weights do not need and which is never executed; expected "
                      "a state dictionary: torch.save(model.state_dict(), 'weights.pt')",
                      printable(found)));
    push_text(*allowed, Kind::global);
  }

  void reduce() {
    const PickleValue& arguments = value(pop());  // not copied: both may be long, and called often
    const PickleValue& function = value(pop());
    if (function.kind != Kind::global || arguments.kind != Kind::sequence)
      refuse("calls what is no function");
    PickleValue result;
    if (function.text == kOrderedDict && arguments.items.empty()) {
      result.kind = Kind::dictionary;
    } else if (function.text == kTensor && arguments.items.size() >= 4) {
      result.kind = Kind::tensor;
      result.items.assign(arguments.items.begin(), arguments.items.begin() + 4);
    } else if ((function.text == kParameter && !arguments.items.empty()) ||
               (function.text == kSize && arguments.items.size() == 1 &&
                value(arguments.items[0]).kind == Kind::sequence)) {
      return push_place(arguments.items[0]);
    } else if (function.text == kDevice) {
      result.kind = Kind::opaque;
    } else {
      refuse(fmt::format("calls '{}' with {} arguments", function.text, arguments.items.size()));
    }
    budget_.take(result.items.size(), sizeof(Place), what_);
    push(std::move(result));
  }

  /// An OrderedDict's attributes (_metadata of state dictionaries) say nothing about numbers.
  void build() {
    pop();
    if (value(top()).kind != Kind::dictionary) refuse("sets attributes of what is no dictionary");
  }

  void load_persistent() {
    const PickleValue& identity = value(pop());
    if (identity.kind != Kind::sequence || identity.items.size() != 5 ||
        value(identity.items[0]).text != "storage")
      refuse("has a persistent id that is no storage");
    budget_.take(identity.items.size(), sizeof(Place), what_);
    PickleValue storage;
    storage.kind = Kind::storage;
    storage.items = identity.items;
    push(std::move(storage));
  }

  void step() {
    at_ = position_;
    const char code = take(1)[0];
    if (step_containers(code) || step_scalars(code)) return;
    switch (code) {
      case '\x80':
        if (const std::uint64_t version = unsigned_number(1); version != 2)
          refuse(fmt::format("has protocol {}, expected 2, torch.save's default", version));
        return;
      case 'c':
        return name_global();
      case 'R':
        return reduce();
      case 'b':
        return build();
      case 'Q':
        return load_persistent();
      case 'q':
        return remember(unsigned_number(1));
      case 'r':
        return remember(unsigned_number(4));
      case 'h':
        return recall(unsigned_number(1));
      case 'j':
        return recall(unsigned_number(4));
      case '.':
        pickle_.root = pop();
        if (!stack_.empty() || !marks_.empty()) refuse("ends with values left over");
        is_done_ = true;
        return;
      default:
        refuse(fmt::format("has opcode 0x{:02x}, which weights do not need",
                           static_cast<unsigned char>(code)));
    }
  }

  bool step_containers(char code) {
    switch (code) {
      case '(':
        budget_.take(1, sizeof(std::size_t), what_);
        marks_.push_back(stack_.size());
        return true;
      case '}':
        push_kind(Kind::dictionary);
        return true;
      case ']':
      case ')':
        push_kind(Kind::sequence);
        return true;
      case 't':
        push_sequence(pop_to_mark());
        return true;
      case '\x85':
      case '\x86':
      case '\x87':
        push_sequence(pop_last(static_cast<std::size_t>(static_cast<unsigned char>(code) - 0x84)));
        return true;
      case 's':
        append(Kind::dictionary, pop_last(2));
        return true;
      case 'u':
        append(Kind::dictionary, pop_to_mark());
        return true;
      case 'a':
        append(Kind::sequence, pop_last(1));
        return true;
      case 'e':
        append(Kind::sequence, pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  bool step_scalars(char code) {
    switch (code) {
      case 'N':
        push_kind(Kind::none);
        return true;
      case '\x88':
      case '\x89':
        push_integer(code == '\x88' ? 1 : 0, Kind::boolean);
        return true;
      case 'K':
        push_integer(static_cast<std::int64_t>(unsigned_number(1)));
        return true;
      case 'M':
        push_integer(static_cast<std::int64_t>(unsigned_number(2)));
        return true;
      case 'J':
        push_integer(signed_number(4));
        return true;
      case '\x8a':
        push_long();
        return true;
      case 'G': {
        PickleValue number;
        number.kind = Kind::real;
        number.real = big_endian_double();
        push(std::move(number));
        return true;
      }
      case 'X':
      case 'T':
        push_text(take(unsigned_number(4)));
        return true;
      case 'U':
        push_text(take(unsigned_number(1)));
        return true;
      default:
        return false;
    }
  }

  /// Random generators keep longer integers; they are of no interest.
  void push_long() {
    const std::uint64_t n_bytes = unsigned_number(1);
    if (n_bytes <= 8) return push_integer(signed_number(static_cast<std::size_t>(n_bytes)));
    take(n_bytes);
    push_kind(Kind::opaque);
  }

  std::string_view bytes_;
  const std::string& what_;
  MemoryBudget& budget_;
  std::size_t position_ = 0, at_ = 0;
  bool is_done_ = false;
  Pickle pickle_;
  std::vector<Place> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint64_t, Place> memo_;
};

}  // namespace

Pickle unpickle(std::string_view bytes, const std::string& what, MemoryBudget& budget) {
  if (bytes.size() >= std::numeric_limits<Place>::max())
    throw FormatError(fmt::format("{}: pickle of {} bytes is too long", what, bytes.size()));
  return Machine(bytes, what, budget).run();
}

}  // namespace nullcline::io::internal
