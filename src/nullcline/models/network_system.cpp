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
#include "nullcline/models/network_family.hpp"
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

// The family of networks with scaled recurrent weights.
class GainFamily : public NetworkFamily {
 public:
  explicit GainFamily(std::shared_ptr<const Network> base, double gain = 1)
      : base_(std::move(base)), gain_(gain) {}

  std::vector<std::string> names() const override { return {"gain"}; }
  double value(std::string_view) const override { return gain_; }
  std::shared_ptr<const NetworkFamily> with(std::string_view, double value) const override {
    return std::make_shared<GainFamily>(base_, value);
  }
  Network network() const override {
    Network result = *base_;
    for_each_layer(result, [this](Network& layer) { layer.recurrent_weights *= gain_; });
    return result;
  }
  Network derivative(std::string_view) const override {
    Network result = *base_;
    for_each_layer(result, [](Network& layer) {
      layer.input_weights.setZero();
      layer.bias.setZero();
      layer.recurrent_bias.setZero();
      layer.alpha.setZero();
    });
    return result;
  }

 private:
  template <class Change>
  static void for_each_layer(Network& network, Change&& change) {
    change(network);
    for (Network& layer : network.upper) change(layer);
  }

  std::shared_ptr<const Network> base_;
  double gain_;
};

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
  return make_system(std::make_shared<GainFamily>(std::make_shared<Network>(network)), time);
}

}  // namespace nullcline::models
