// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/network_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace nullcline::results {

std::string describe(const models::Network& network) {
  std::string cell(name_of(network.cell));
  if (cell == "gru" || cell == "ugrnn" || cell == "lstm")  // acronyms
    std::transform(cell.begin(), cell.end(), cell.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto count = [](Index n, const char* noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
  };
  std::string text = fmt::format("{}, {}, {}, {}, {}", cell, count(network.n_units(), "unit"),
                                 count(network.n_inputs(), "input"),
                                 count(network.n_outputs(), "output"), name_of(network.activation));
  if (network.cell == models::CellKind::gru)
    text += fmt::format(", reset {}", name_of(network.reset));
  return text;
}

}  // namespace nullcline::results
