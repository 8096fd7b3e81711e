// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/topology/graph.hpp"

namespace nullcline::topology {

/// @throws InvalidInput naming the option that is out of range, as build_graph itself would.
void check_options(const GraphOptions& options);

}  // namespace nullcline::topology
