// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/network_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/models/gru.hpp"
#include "nullcline/models/internal/cell_extras.hpp"
#include "nullcline/models/internal/stack_system.hpp"
#include "nullcline/models/lstm.hpp"
#include "nullcline/models/network_gain.hpp"
#include "nullcline/models/ugrnn.hpp"
#include "nullcline/models/vanilla.hpp"

namespace nullcline::models {

namespace {

using dynamics::System;
using dynamics::Time;
using internal::CellExtras;
using internal::CellSystem;

// Calls make.operator()<Cell>(extras) for the network's cell.
template <class Make>
auto with_cell(const Network& net, Time time, Make&& make) {
  switch (net.cell) {
    case CellKind::vanilla:
      return make.template operator()<VanillaCell>(internal::vanilla_extras(net, time));
    case CellKind::leaky:
      return make.template operator()<LeakyCell>(internal::leaky_extras(net));
    case CellKind::leaky_outside:
      return make.template operator()<LeakyOutsideCell>(internal::leaky_outside_extras(net));
    case CellKind::ugrnn:
      return make.template operator()<UgrnnCell>(internal::ugrnn_extras(net));
    case CellKind::gru:
      return make.template operator()<GruCell>(internal::gru_extras(net));
    case CellKind::lstm:
      return make.template operator()<LstmCell>(internal::lstm_extras(net));
  }
  throw InternalError("make_system: unknown cell");
}

// The system of one member of a family.
template <class Base>
class FamilySystem : public Base {
 public:
  template <class... Arguments>
  explicit FamilySystem(std::shared_ptr<const NetworkFamily> family, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), family_(std::move(family)) {}

  std::vector<std::string> parameter_names() const override { return family_->names(); }
  double parameter(std::string_view name) const override {
    return has(name) ? family_->value(name) : System::parameter(name);
  }
  std::unique_ptr<System> with_parameter(std::string_view name, double value) const override {
    if (!has(name)) return System::with_parameter(name, value);
    if (!std::isfinite(value))
      throw InvalidInput(fmt::format("parameter '{}': found {}, expected a number", name, value));
    return make_system(family_->with(name, value), this->time());
  }
  void parameter_derivative(std::string_view name, ConstMatrixRef states, ConstMatrixRef inputs,
                            MatrixRef out) const override {
    if (!has(name)) return System::parameter_derivative(name, states, inputs, out);
    this->weight_derivative(family_->derivative(name), states, inputs, out);
  }

 private:
  bool has(std::string_view name) const {
    const std::vector<std::string> names = family_->names();
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  std::shared_ptr<const NetworkFamily> family_;
};

Network single_layer(const Network& network, Index k) {
  Network layer = network.layer(k);
  layer.upper.clear();
  return layer;
}

internal::StackLayer make_layer(const Network& layer) {
  auto map = with_cell(
      layer, Time::discrete,
      [&]<class Cell>(CellExtras extras) -> std::shared_ptr<const internal::MapSystem> {
        return std::make_shared<CellSystem<Cell>>(layer, Time::discrete, std::move(extras));
      });
  internal::StackLayer result{std::move(map), layer.n_hidden(), {}};
  if (layer.cell == CellKind::leaky_outside) result.squash = layer.activation;
  return result;
}

}  // namespace

std::unique_ptr<System> make_system(std::shared_ptr<const NetworkFamily> family, Time time) {
  const Network net = family->network();
  if (net.upper.empty())
    return with_cell(net, time, [&]<class Cell>(CellExtras extras) -> std::unique_ptr<System> {
      return std::make_unique<FamilySystem<CellSystem<Cell>>>(std::move(family), net, time,
                                                              std::move(extras));
    });
  std::vector<internal::StackLayer> layers;
  for (Index k = 0; k < net.n_layers(); ++k) layers.push_back(make_layer(single_layer(net, k)));
  return std::make_unique<FamilySystem<internal::StackSystem>>(std::move(family), std::move(layers),
                                                               internal::Coupling::updated, time);
}

std::unique_ptr<System> make_system(const Network& network, Time time) {
  validate(network);
  return make_system(with_gain(network), time);
}

}  // namespace nullcline::models
