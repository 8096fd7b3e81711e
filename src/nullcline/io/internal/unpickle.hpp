// SPDX-License-Identifier: BSD-3-Clause
// The part of pickle protocol 2 that torch.save writes for weights, read as data: no name is looked
// up, nothing is called.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/io/internal/checks.hpp"

namespace nullcline::io::internal {

/// One object of a pickle. `items` are places in Pickle::values.
struct PickleValue {
  enum class Kind {
    none,
    boolean,
    integer,
    real,
    text,
    sequence,    ///< list, tuple, torch.Size
    dictionary,  ///< items: key, value, key, value, ...
    global,      ///< text: "module.name", one of the allowed
    storage,     ///< items: those of the persistent id ('storage', type, key, location, count)
    tensor,      ///< items: arguments of _rebuild_tensor_v2 (storage, offset, shape, strides, ...)
    opaque,      ///< allowed, and of no interest: torch.device
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;  ///< into the pickle's bytes, or of static life
  std::vector<std::uint32_t> items;
};

struct Pickle {
  std::vector<PickleValue> values;
  std::uint32_t root = 0;
};

/// Reads a pickle. `bytes` must outlive the result. Allowed are the opcodes of protocol 2 that
/// tensors, containers, numbers and text need, and of globals collections.OrderedDict,
/// torch._utils._rebuild_tensor_v2, torch._utils._rebuild_parameter, torch.*Storage, torch.Size,
/// torch.device and the names of torch's types. Values may refer to each other in a circle.
/// @throws FormatError starting with `what`, naming the opcode or global that is not allowed.
Pickle unpickle(std::string_view bytes, const std::string& what, MemoryBudget& budget);

}  // namespace nullcline::io::internal
