// SPDX-License-Identifier: BSD-3-Clause
// What a group holds: a symbol table (III.A.1, III.B to III.D), or link messages (IV.A.2.g) in its
// header or in a heap.
#pragma once

#include "nullcline/io/internal/hdf5_header.hpp"

namespace nullcline::io::internal {

struct Link {
  std::string name;
  std::uint64_t address = kUndefined;
  bool is_hard = false;  ///< not a soft or external link
};

/// Whether the object is a group.
bool is_group(const ObjectHeader& header);

/// The links of a group. @throws FormatError if they are damaged or more than `max_links`.
std::vector<Link> read_links(Hdf5File& file, const ObjectHeader& header, std::size_t max_links);

}  // namespace nullcline::io::internal
