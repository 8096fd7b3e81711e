// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/network.hpp"

#include <fmt/format.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/results/network_text.hpp"

namespace nullcline::python {

namespace {

using models::Network;
using namespace nb::literals;

template <class Enum>
Enum enum_argument(const char* name, nb::handle value) {
  return parse_enum<Enum>(text_argument(name, value), name);
}

/// One number, or one for each unit.
Vector leak(nb::handle value, Index n_units) {
  if (value.is_none()) return {};
  const Floats floats("alpha", value);
  if (floats.n_axes() == 0) return Vector::Constant(n_units, *floats.data());
  return vector_or_empty("alpha", value);
}

/// What is absent is zero, where the cell has it.
void fill_absent(Network& network) {
  const Index n = network.n_units();
  if (network.bias.size() == 0) network.bias = Vector::Zero(models::n_gates(network.cell) * n);
  const bool has_recurrent_bias =
      network.cell == models::CellKind::gru && network.reset == models::Reset::after;
  if (has_recurrent_bias && network.recurrent_bias.size() == 0)
    network.recurrent_bias = Vector::Zero(n);
  if (network.readout_bias.size() == 0) network.readout_bias = Vector::Zero(network.n_outputs());
  if (network.initial_state.size() == 0) network.initial_state = Vector::Zero(network.n_states());
}

/// A caller who sets what the cell does not have means another cell.
void refuse_idle_fields(const Network& network) {
  if (network.forget_bias != 0 && models::n_gates(network.cell) == 1)
    throw InvalidInput(fmt::format("forget_bias: found {} in a {}, which has no gates",
                                   network.forget_bias, name_of(network.cell)));
  if (network.reset == models::Reset::before && network.cell != models::CellKind::gru)
    throw InvalidInput(fmt::format("reset: found before in a {}, expected it in a gru alone",
                                   name_of(network.cell)));
}

/// The layer with those above it; without any, itself.
Network stacked(Network first, const std::vector<const Network*>& upper) {
  if (upper.empty()) return first;
  std::vector<Network> layers{std::move(first)};
  for (const Network* layer : upper) layers.push_back(*layer);
  return models::stack(std::move(layers));
}

void construct(Network* place, nb::object cell, nb::object input_weights,
               nb::object recurrent_weights, nb::object bias, nb::object activation,
               nb::object reset, nb::object recurrent_bias, nb::object forget_bias,
               nb::object alpha, nb::object mask, nb::object dale_signs, nb::object projection,
               nb::object readout_weights, nb::object readout_bias, nb::object initial_state,
               nb::object above) {
  std::vector<const Network*> upper;
  if (!nb::try_cast(above, upper))
    throw InvalidInput("upper: found " + nb::cast<std::string>(above.type().attr("__name__")) +
                       ", expected a sequence of Network");
  Network network;
  network.cell = enum_argument<models::CellKind>("cell", cell);
  network.activation = enum_argument<models::Activation>("activation", activation);
  network.reset = enum_argument<models::Reset>("reset", reset);
  network.forget_bias = number_argument("forget_bias", forget_bias);
  refuse_idle_fields(network);
  network.input_weights = matrix_or_empty("input_weights", input_weights);
  network.recurrent_weights = matrix_or_empty("recurrent_weights", recurrent_weights);
  network.bias = vector_or_empty("bias", bias);
  network.recurrent_bias = vector_or_empty("recurrent_bias", recurrent_bias);
  network.projection = matrix_or_empty("projection", projection);
  network.alpha = leak(alpha, network.n_units());
  network.mask = matrix_or_empty("mask", mask);
  network.dale_signs = vector_or_empty("dale_signs", dale_signs);
  fill_absent(network);
  network = stacked(std::move(network), upper);
  if (!readout_weights.is_none() || !readout_bias.is_none()) {
    network.readout_weights = matrix_or_empty("readout_weights", readout_weights);
    network.readout_bias = vector_or_empty("readout_bias", readout_bias);
    if (network.readout_bias.size() == 0) network.readout_bias = Vector::Zero(network.n_outputs());
  }
  if (!initial_state.is_none())
    network.initial_state = vector_or_empty("initial_state", initial_state);
  models::validate(network);
  new (place) Network(std::move(network));
}

double verify(Network& network, nb::handle x, nb::handle h, nb::handle h_next, nb::object allowed) {
  const double tolerance = number_argument("tolerance", allowed);
  NamedArrays probe;
  const auto add = [&probe](const char* name, nb::handle value) {
    const Matrix rows = matrix_or_empty(name, value);
    probe.set(name, rows, {}, name);
  };
  add("x", x);
  add("h", h);
  add("h_next", h_next);
  const double error = interchange::probe_error(network, probe);
  interchange::verify_with_probe(network, probe, tolerance);
  return error;
}

std::string text(const Network& network) {
  return fmt::format("<nullcline.Network: {}{}>", results::describe(network),
                     network.verified ? "" : ", not verified");
}

/// A field as a read-only view that keeps the network alive; None where it is absent.
template <auto field>
nb::object array_of(nb::handle self) {
  const auto& values = nb::inst_ptr<Network>(self)->*field;
  constexpr bool kIsMatrix = std::is_same_v<std::decay_t<decltype(values)>, Matrix>;
  const std::size_t shape[] = {static_cast<std::size_t>(values.rows()),
                               static_cast<std::size_t>(values.cols())};
  static const double kNothing = 0;
  const double* data = values.size() > 0 ? values.data() : &kNothing;
  return nb::cast(
      nb::ndarray<nb::numpy, const double, nb::c_contig>(data, kIsMatrix ? 2 : 1, shape, self));
}

template <auto field>
nb::object optional_array_of(nb::handle self) {
  if ((nb::inst_ptr<Network>(self)->*field).size() == 0) return nb::none();
  return array_of<field>(self);
}

constexpr const char* kDoc =
    R"(A recurrent network as data: which cell, its weights, its readout.

One step is h' = F(h, x), with pre-activations a = A x + W h + b and gates as blocks of rows:

- vanilla: h' = phi(a)
- leaky: h' = (1 - alpha) h + alpha phi(a)
- leaky-outside: v' = (1 - alpha) v + alpha (W phi(v) + A x + b)
- ugrnn (g, c): h' = g h + (1 - g) c
- gru (r, z, n): h' = z h + (1 - z) n
- lstm (i, f, g, o): c' = f c + i g, h' = o phi(c'); the state is [h; c]

Parameters
----------
cell : {"vanilla", "leaky", "leaky-outside", "ugrnn", "gru", "lstm"}
input_weights : (n_gates * n_units, n_inputs) float64
    A.
recurrent_weights : (n_gates * n_units, n_units) float64
    W, with mask and signs applied.
bias : (n_gates * n_units,) float64, optional
    b; zero if absent.
activation : {"tanh", "relu"}
    phi; gates are logistic.
reset : {"after", "before"}
    GRU: where the reset gate acts. After the product (PyTorch, cuDNN, Keras):
    n = phi(A x + b + r * (W h + recurrent_bias)). Before it (Cho et al. 2014):
    n = phi(A x + W (r * h) + b).
recurrent_bias : (n_units,) float64, optional
    GRU with reset after; zero if absent.
forget_bias : float
    Added to the pre-activation of g (ugrnn), z (gru), f (lstm).
alpha : float or (n_units,) float64
    Leak dt/tau in (0, 1], leaky cells only.
mask : (n_units, n_units) of 0 and 1, optional
    Connectivity, which recurrent_weights must obey.
dale_signs : (n_units,) of +1 and -1, optional
    Sign of each presynaptic unit, which recurrent_weights must obey.
projection : (n_hidden, n_units) float64, optional
    P, LSTM only: h' = P (o * phi(c')), PyTorch's proj_size; recurrent_weights are then
    (4 n_units, n_hidden) and the state has n_hidden + n_units entries.
readout_weights : (n_outputs, n_units) float64, optional
    C of y = C h + d (leaky-outside: y = C phi(v) + d), with h of the top layer.
readout_bias : (n_outputs,) float64, optional
    d; zero if absent.
initial_state : (n_states,) float64, optional
    Zero if absent.
upper : sequence of Network, optional
    The layers above this one, first to last. Each is driven by the output of the layer below after
    its update, as in PyTorch; the state is that of all layers in turn.

Raises
------
ValueError
    An array does not fit, holds NaN or infinity, or disobeys mask or signs; the message names the
    array, found and expected shape.)";

}  // namespace

void bind_network(nb::module_& module) {
  nb::class_<Network> network(module, "Network", kDoc);
  network.def(
      "__init__", &construct, "cell"_a.none(), nb::kw_only(), "input_weights"_a,
      "recurrent_weights"_a, "bias"_a = nb::none(), "activation"_a.none() = "tanh",
      "reset"_a.none() = "after", "recurrent_bias"_a = nb::none(), "forget_bias"_a = 0.0,
      "alpha"_a = nb::none(), "mask"_a = nb::none(), "dale_signs"_a = nb::none(),
      "projection"_a = nb::none(), "readout_weights"_a = nb::none(), "readout_bias"_a = nb::none(),
      "initial_state"_a = nb::none(), "upper"_a = nb::make_tuple(),
      nb::sig("def __init__(self, cell: str, *, input_weights: numpy.typing.ArrayLike, "
              "recurrent_weights: numpy.typing.ArrayLike, "
              "bias: numpy.typing.ArrayLike | None = None, activation: str = \"tanh\", "
              "reset: str = \"after\", recurrent_bias: numpy.typing.ArrayLike | None = None, "
              "forget_bias: float = 0.0, alpha: numpy.typing.ArrayLike | None = None, "
              "mask: numpy.typing.ArrayLike | None = None, "
              "dale_signs: numpy.typing.ArrayLike | None = None, "
              "projection: numpy.typing.ArrayLike | None = None, "
              "readout_weights: numpy.typing.ArrayLike | None = None, "
              "readout_bias: numpy.typing.ArrayLike | None = None, "
              "initial_state: numpy.typing.ArrayLike | None = None, "
              "upper: collections.abc.Sequence[Network] = ()) -> None"));
  const auto array = [&network]<auto field>(const char* name, const char* doc) {
    network.def_prop_ro(name, &array_of<field>,
                        nb::sig(fmt::format("def {}(self) -> numpy.ndarray", name).c_str()), doc);
  };
  const auto optional_array = [&network]<auto field>(const char* name, const char* doc) {
    network.def_prop_ro(name, &optional_array_of<field>,
                        nb::sig(fmt::format("def {}(self) -> numpy.ndarray | None", name).c_str()),
                        doc);
  };
  network.def_prop_ro("cell", [](const Network& n) { return std::string(name_of(n.cell)); });
  network.def_prop_ro("activation",
                      [](const Network& n) { return std::string(name_of(n.activation)); });
  network.def_prop_ro("reset", [](const Network& n) { return std::string(name_of(n.reset)); });
  network.def_ro("forget_bias", &Network::forget_bias);
  array.operator()<&Network::input_weights>("input_weights", "A: (n_gates * n_units, n_inputs)");
  array.operator()<&Network::recurrent_weights>("recurrent_weights",
                                                "W: (n_gates * n_units, n_units)");
  array.operator()<&Network::bias>("bias", "b: (n_gates * n_units,)");
  optional_array.operator()<&Network::recurrent_bias>("recurrent_bias",
                                                      "(n_units,), GRU with reset after");
  optional_array.operator()<&Network::alpha>("alpha", "leak: (n_units,), leaky cells");
  optional_array.operator()<&Network::mask>("mask", "connectivity: (n_units, n_units)");
  optional_array.operator()<&Network::dale_signs>("dale_signs",
                                                  "signs of presynaptic units: (n_units,)");
  optional_array.operator()<&Network::projection>("projection",
                                                  "P: (n_hidden, n_units), projected LSTM");
  array.operator()<&Network::readout_weights>("readout_weights", "C: (n_outputs, n_units)");
  array.operator()<&Network::readout_bias>("readout_bias", "d: (n_outputs,)");
  array.operator()<&Network::initial_state>("initial_state", "(n_states,)");
  network.def_prop_ro(
      "upper", [](const Network& n) { return n.upper; },
      nb::sig("def upper(self) -> list[Network]"), "The layers above this one.");
  network.def_prop_ro("n_units", &Network::n_units);
  network.def_prop_ro("n_layers", &Network::n_layers);
  network.def_prop_ro("n_inputs", &Network::n_inputs);
  network.def_prop_ro("n_outputs", &Network::n_outputs);
  network.def_prop_ro("n_states", &Network::n_states);
  network.def_ro("verified", &Network::verified,
                 "Whether the weights are known to mean what the equations say: trained here, or "
                 "imported with a probe that was replayed.");
  network.def("verify", &verify, "x"_a, "h"_a, "h_next"_a, "tolerance"_a,
              nb::sig("def verify(self, x: numpy.typing.ArrayLike, h: numpy.typing.ArrayLike, "
                      "h_next: numpy.typing.ArrayLike, tolerance: float) -> float"),
              "Replays steps (x, h) -> h_next and marks the network as verified.\n\n"
              "x: (n, n_inputs), h and h_next: (n, n_states). Returns max |F(h, x) - h_next|.\n"
              "Raises FormatError (a ValueError) above `tolerance`; the message says which other\n"
              "convention would fit, if one does.");
  network.def(
      "system",
      [](const Network& n, nb::object time) {
        return models::make_system(n, enum_argument<dynamics::Time>("time", time));
      },
      "time"_a = "discrete", nb::sig("def system(self, time: str = \"discrete\") -> System"),
      "The network as a system: the map h' = F(h, x) (\"discrete\"), or the flow\n"
      "dh/dt = F(h, x) - h (\"continuous\"). Both share their fixed points.");
  network.def(
      "readout",
      [](const Network& n, nb::object states) {
        const Floats floats("states", states);
        return to_numpy(models::readout(
            n, floats.rows({1, 2}, n.n_states(), fmt::format("(n, {})", n.n_states()))));
      },
      "states"_a, nb::sig("def readout(self, states: numpy.typing.ArrayLike) -> numpy.ndarray"),
      "y = C h + d for each row of states: (n, n_states) to (n, n_outputs).");
  network.def("__repr__", &text);
  network.def("__getstate__", [](const Network& n) { return to_python(models::to_arrays(n)); });
  network.def("__setstate__", [](Network& n, const nb::tuple& state) {
    new (&n) Network(models::network_from_arrays(named_arrays(state)));
  });
}

}  // namespace nullcline::python
