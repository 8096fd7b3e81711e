// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/network_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace nullcline::results {

namespace {

std::string cell_text(models::CellKind kind) {
  std::string cell(name_of(kind));
  if (cell == "gru" || cell == "ugrnn" || cell == "lstm")  // acronyms
    std::transform(cell.begin(), cell.end(), cell.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return cell;
}

void add_if_new(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

}  // namespace

std::string describe(const models::Network& network) {
  const auto count = [](Index n, const char* noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
  };
  std::vector<std::string> cells, sizes;
  bool has_gru = false;
  for (Index k = 0; k < network.n_layers(); ++k) {
    const models::Network& layer = network.layer(k);
    has_gru = has_gru || layer.cell == models::CellKind::gru;
    add_if_new(cells, cell_text(layer.cell));
    add_if_new(sizes,
               count(layer.n_units(), "unit") +
                   (layer.is_projected() ? fmt::format(" projected to {}", layer.n_hidden()) : ""));
  }
  std::string text = fmt::format("{}, ", fmt::join(cells, " and "));
  if (network.n_layers() > 1) text += fmt::format("{} layers of ", network.n_layers());
  text +=
      fmt::format("{}, {}, {}, {}", fmt::join(sizes, " or "), count(network.n_inputs(), "input"),
                  count(network.n_outputs(), "output"), name_of(network.activation));
  if (has_gru) text += fmt::format(", reset {}", name_of(network.reset));
  return text;
}

}  // namespace nullcline::results
