// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/model_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/internal/gate_letters.hpp"

namespace nullcline::interchange {

namespace {

using models::CellKind;
using models::Network;

// A whole number of TOML has no negative zero.
std::string number(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string list(ConstVectorRef values) {
  std::vector<std::string> texts;
  for (Index i = 0; i < values.size(); ++i) texts.push_back(number(values(i)));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::string rows(ConstMatrixRef values) {
  std::vector<std::string> texts;
  for (Index i = 0; i < values.rows(); ++i) texts.push_back(list(values.row(i).transpose()));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

/// The gate that the forget bias is added to.
std::string forget_letter(CellKind cell) {
  if (cell == CellKind::ugrnn) return "g";
  return cell == CellKind::gru ? "z" : "f";
}

std::string weights_text(const Network& network) {
  const Index n = network.n_units();
  std::string text;
  Index first = 0;
  for (const std::string& gate : internal::gate_letters(network.cell)) {
    text += fmt::format("U_{} = {}\n", gate, rows(network.recurrent_weights.middleRows(first, n)));
    if (network.n_inputs() > 0)
      text += fmt::format("W_{} = {}\n", gate, rows(network.input_weights.middleRows(first, n)));
    Vector bias = network.bias.segment(first, n);
    if (network.forget_bias != 0 && gate == forget_letter(network.cell))
      bias.array() += network.forget_bias;
    text += fmt::format("b_{} = {}\n", gate, list(bias));
    first += n;
  }
  if (network.recurrent_bias.size() > 0)
    text += fmt::format("c_h = {}\n", list(network.recurrent_bias));
  if (network.alpha.size() > 0) text += fmt::format("alpha = {}\n", list(network.alpha));
  return text;
}

}  // namespace

std::string model_text(const Network& network, dynamics::Time time) {
  if (network.n_layers() > 1)
    throw InvalidInput(fmt::format("found {} layers, expected one: a model file has no stacks",
                                   network.n_layers()));
  if (network.is_projected())
    throw InvalidInput("found a projected LSTM, expected one without: model files have none");
  std::string text =
      fmt::format("[system]\ncell = \"{}\"\ntime = \"{}\"\nunits = {}\ninputs = {}\n",
                  name_of(network.cell), name_of(time), network.n_units(), network.n_inputs());
  text += fmt::format("activation = \"{}\"\n", name_of(network.activation));
  if (network.cell == CellKind::gru)
    text += fmt::format("reset = \"{}\"\n", name_of(network.reset));
  return text + "\n[weights]\n" + weights_text(network);
}

}  // namespace nullcline::interchange
