// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/shard.hpp"

#include "nullcline/core/error.hpp"
#include "nullcline/core/options_text.hpp"

namespace nullcline {

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos)
    throw InvalidInput("shard: found '" + text + "', expected k/n, such as 0/8");
  Shard shard;
  shard.count = parse_integer(text.substr(slash + 1), "shard", 1, 1'000'000);
  shard.number = parse_integer(text.substr(0, slash), "shard", 0, shard.count - 1);
  return shard;
}

}  // namespace nullcline
