// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/parameters.hpp"

#include <cstddef>

#include "nullcline/core/error.hpp"

namespace nullcline::training::internal {

namespace {

/// Calls visit(block, array) for each trainable array.
template <class NetworkType, class Visitor>
void for_each_block(const ParameterLayout& layout, NetworkType& network, Visitor visit) {
  visit(layout.input_weights, network.input_weights);
  visit(layout.recurrent_weights, network.recurrent_weights);
  visit(layout.bias, network.bias);
  visit(layout.recurrent_bias, network.recurrent_bias);
  visit(layout.readout_weights, network.readout_weights);
  visit(layout.readout_bias, network.readout_bias);
  visit(layout.initial_state, network.initial_state);
}

}  // namespace

ParameterLayout::ParameterLayout(const models::Network& network) {
  const auto add = [&](ParameterBlock& block, const auto& array, bool is_weight) {
    block = {size, array.rows(), array.cols(), is_weight};
    size += block.size();
  };
  add(input_weights, network.input_weights, true);
  add(recurrent_weights, network.recurrent_weights, true);
  add(bias, network.bias, false);
  add(recurrent_bias, network.recurrent_bias, false);
  add(readout_weights, network.readout_weights, true);
  add(readout_bias, network.readout_bias, false);
  add(initial_state, network.initial_state, false);
}

template <class T>
void flatten(const models::Network& network, std::vector<T>& values) {
  const ParameterLayout layout(network);
  values.resize(static_cast<std::size_t>(layout.size));
  for_each_block(layout, network, [&](const ParameterBlock& block, const auto& array) {
    for (Index i = 0; i < block.size(); ++i)
      values[static_cast<std::size_t>(block.offset + i)] = static_cast<T>(array.data()[i]);
  });
}

template <class T>
void unflatten(const std::vector<T>& values, models::Network& network) {
  const ParameterLayout layout(network);
  NULLCLINE_ASSERT(static_cast<Index>(values.size()) == layout.size);
  for_each_block(layout, network, [&](const ParameterBlock& block, auto& array) {
    for (Index i = 0; i < block.size(); ++i)
      array.data()[i] = static_cast<double>(values[static_cast<std::size_t>(block.offset + i)]);
  });
}

Constraints::Constraints(const models::Network& network, bool train_initial_state) {
  const ParameterLayout layout(network);
  const ParameterBlock& recurrent = layout.recurrent_weights;
  const Index n_units = network.n_units();
  const bool masked = network.mask.size() > 0;
  if (masked || !train_initial_state) fixed_.assign(static_cast<std::size_t>(layout.size), 0);
  if (masked)
    for (Index i = 0; i < recurrent.size(); ++i)
      if (network.mask((i / n_units) % n_units, i % n_units) == 0)
        fixed_[static_cast<std::size_t>(recurrent.offset + i)] = 1;
  if (!train_initial_state)
    for (Index i = 0; i < layout.initial_state.size(); ++i)
      fixed_[static_cast<std::size_t>(layout.initial_state.offset + i)] = 1;
  if (network.dale_signs.size() > 0) {
    sign_.assign(static_cast<std::size_t>(layout.size), 0);
    for (Index i = 0; i < recurrent.size(); ++i)
      sign_[static_cast<std::size_t>(recurrent.offset + i)] =
          network.dale_signs[i % n_units] > 0 ? 1 : -1;
  }
}

template <class T>
void Constraints::apply_to_gradient(std::vector<T>& gradient) const {
  for (std::size_t i = 0; i < fixed_.size(); ++i)
    if (fixed_[i] != 0) gradient[i] = 0;
}

template <class T>
void Constraints::apply_to_values(std::vector<T>& values) const {
  for (std::size_t i = 0; i < sign_.size(); ++i)
    if (static_cast<T>(sign_[i]) * values[i] < 0) values[i] = 0;
}

template void flatten(const models::Network&, std::vector<float>&);
template void flatten(const models::Network&, std::vector<double>&);
template void unflatten(const std::vector<float>&, models::Network&);
template void unflatten(const std::vector<double>&, models::Network&);
template void Constraints::apply_to_gradient(std::vector<float>&) const;
template void Constraints::apply_to_gradient(std::vector<double>&) const;
template void Constraints::apply_to_values(std::vector<float>&) const;
template void Constraints::apply_to_values(std::vector<double>&) const;

}  // namespace nullcline::training::internal
