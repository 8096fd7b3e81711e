// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/models/network.hpp"

namespace nullcline::interchange::internal {

/// The letters of the gates in the names of weights, in the order of the blocks of rows.
inline std::vector<std::string> gate_letters(models::CellKind cell) {
  using models::CellKind;
  switch (cell) {
    case CellKind::vanilla:
    case CellKind::leaky:
    case CellKind::leaky_outside:
      return {"h"};
    case CellKind::ugrnn:
      return {"g", "h"};
    case CellKind::gru:
      return {"r", "z", "h"};
    case CellKind::lstm:
      return {"i", "f", "g", "o"};
  }
  return {};
}

}  // namespace nullcline::interchange::internal
