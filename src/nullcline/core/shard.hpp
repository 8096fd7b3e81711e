// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

namespace nullcline {

/// Part `number` of `count` of a list: the items at positions number, number + count, ...
struct Shard {
  std::int64_t number = 0, count = 1;
};

/// "k/n", such as 0/8. @throws InvalidInput
Shard parse_shard(const std::string& text);

}  // namespace nullcline
