// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/cell_extras.hpp"

#include <limits>

#include "nullcline/models/gru.hpp"
#include "nullcline/models/internal/low_rank.hpp"
#include "nullcline/models/internal/reset_latent.hpp"
#include "nullcline/models/lstm.hpp"
#include "nullcline/models/vanilla.hpp"

namespace nullcline::models::internal {

using dynamics::Time;
using numerics::Interval;

namespace {

// The fixed points of leaky cells and of the UGRNN are those of a vanilla network: the leak and the
// gate only scale F - h by positive factors.
Network vanilla_core(const Network& net) {
  const Index n = net.n_units();
  Network core = net;
  core.cell = CellKind::vanilla;
  core.input_weights = net.input_weights.bottomRows(n);
  core.recurrent_weights = net.recurrent_weights.bottomRows(n);
  core.bias = net.bias.tail(n);
  core.alpha.resize(0);
  core.forget_bias = 0;
  core.mask.resize(0, 0);
  core.dale_signs.resize(0);
  return core;
}

// Smallest |pre-activation| of the rows of gate `gate`.
double gate_kink(const Network& net, Index gate, ConstVectorRef h, ConstVectorRef x) {
  double distance = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < net.n_units(); ++i)
    distance = std::min(distance, std::abs(preactivation(net, gate, i, h.data(), x.data())));
  return distance;
}

dynamics::Box symmetric_box(const Vector& upper) { return {-upper, upper}; }

CellExtras basic_extras(const Network& net) {
  CellExtras extras;
  extras.n_states = net.n_layer_states();
  if (net.activation != Activation::relu)
    extras.box = symmetric_box(Vector::Ones(extras.n_states));
  else
    extras.no_box_reason =
        "relu is unbounded, so no trapping set is known and the indices need not sum to +1";
  return extras;
}

double gru_kink(const Network& net, ConstVectorRef h, ConstVectorRef x) {
  const Index n = net.n_units();
  Vector gates(GruCell::kSlots * n);
  GruCell::gates(net, h.data(), x.data(), gates.data());
  const Vector r = gates.head(n), m = gates.tail(n);
  const Eigen::Map<const Matrix> a(input_block(net, 2), n, net.n_inputs());
  const Eigen::Map<const Matrix> w(recurrent_block(net, 2), n, n);
  Vector candidate = a * x + net.bias.tail(n);
  candidate +=
      net.reset == Reset::after ? Vector(r.cwiseProduct(m)) : Vector(w * r.cwiseProduct(h));
  return candidate.cwiseAbs().minCoeff();
}

enum class LstmForm { full, reduced };

template <LstmForm Form>
double lstm_kink(const Network& net, ConstVectorRef h, ConstVectorRef x) {
  const Index n = net.n_units();
  Vector gates(LstmCell::kSlots * n);
  LstmCell::gates(net, h.data(), x.data(), gates.data());
  double distance = gate_kink(net, 2, h, x);
  for (Index k = 0; k < n; ++k) {
    const double cell = Form == LstmForm::full
                            ? LstmCell::cell_state(net, h.data(), gates.data(), k)
                            : ReducedLstmCell::cell_state(net, gates.data(), k);
    distance = std::min(distance, std::abs(cell));
  }
  return distance;
}

dynamics::ReluForm relu_form(const Network& net, ConstVectorRef input) {
  const std::vector<numerics::Interval> x(input.begin(), input.end());
  dynamics::ReluForm form{net.recurrent_weights, {}};
  for (Index i = 0; i < net.n_units(); ++i)
    form.offset.push_back(row_product(input_block(net, 0), i, net.n_inputs(), x.data()) +
                          numerics::Interval(net.bias(i)));
  return form;
}

// |h_i| is below 1, or below the sum of |P_ij| over j.
Vector largest_outputs(const Network& net) {
  if (!net.is_projected()) return Vector::Ones(net.n_units());
  constexpr double kRounding = 4 * std::numeric_limits<double>::epsilon();
  const Vector sums = net.projection.cwiseAbs().rowwise().sum();
  const double growth = 1 + kRounding * static_cast<double>(net.n_units());
  return sums.unaryExpr([growth](double sum) { return sum > 0 ? sum * growth : 1.0; });
}

}  // namespace

CellExtras vanilla_extras(const Network& net, Time time) {
  CellExtras extras = basic_extras(net);
  if (time == Time::continuous)  // the flow F - h has the fixed points of the map F
    extras.reduced =
        std::make_unique<CellSystem<VanillaCell>>(net, Time::discrete, vanilla_extras(net));
  extras.kink_distance = [](const Network& network, ConstVectorRef h, ConstVectorRef x) {
    return gate_kink(network, 0, h, x);
  };
  if (net.activation == Activation::relu) extras.relu_form = relu_form;
  extras.latent = make_latent<VanillaCell>;
  return extras;
}

CellExtras leaky_extras(const Network& net) {
  CellExtras extras = vanilla_extras(net);
  extras.latent = {};  // the reduced map has these
  extras.relu_form = {};
  const Network core = vanilla_core(net);
  extras.reduced =
      std::make_unique<CellSystem<VanillaCell>>(core, Time::discrete, vanilla_extras(core));
  return extras;
}

CellExtras leaky_outside_extras(const Network& net) {
  CellExtras extras = leaky_extras(net);
  extras.box.reset();
  if (net.activation != Activation::relu)
    extras.no_box_reason =
        "currents are bounded through the rates: the box belongs to the reduced map";
  extras.lift = [](const Network& network, ConstMatrixRef points, ConstMatrixRef inputs) {
    Matrix currents(points.rows(), points.cols());
    preactivations(network, 0, 1, points, inputs, currents);
    return currents;
  };
  extras.lift_box = [](const Network& network, const Interval* points, const Interval* input,
                       Interval* currents) {
    for (Index k = 0; k < network.n_units(); ++k)
      currents[k] = preactivation(network, 0, k, points, input);
  };
  extras.restrict_states = [](const Network& network, ConstMatrixRef states) -> Matrix {
    return states.unaryExpr([&](double v) { return phi(network.activation, v).value; });
  };
  extras.kink_distance = [](const Network&, ConstVectorRef v, ConstVectorRef) {
    return v.cwiseAbs().minCoeff();
  };
  return extras;
}

CellExtras ugrnn_extras(const Network& net) {
  CellExtras extras = leaky_extras(net);
  extras.kink_distance = [](const Network& network, ConstVectorRef h, ConstVectorRef x) {
    return gate_kink(network, 1, h, x);
  };
  return extras;
}

CellExtras gru_extras(const Network& net) {
  CellExtras extras = basic_extras(net);
  extras.kink_distance = gru_kink;
  CellExtras reduced = basic_extras(net);
  reduced.kink_distance = gru_kink;
  reduced.latent = net.reset == Reset::before ? make_reset_latent : make_latent<ReducedGruCell>;
  extras.reduced =
      std::make_unique<CellSystem<ReducedGruCell>>(net, Time::discrete, std::move(reduced));
  return extras;
}

CellExtras lstm_extras(const Network& net) {
  CellExtras reduced = basic_extras(net);
  reduced.n_states = net.n_hidden();
  if (reduced.box) reduced.box = symmetric_box(largest_outputs(net));
  reduced.kink_distance = lstm_kink<LstmForm::reduced>;
  reduced.latent = make_latent<ReducedLstmCell>;
  CellExtras extras = basic_extras(net);
  extras.box.reset();
  if (net.activation != Activation::relu)
    extras.no_box_reason =
        "the memory cells have no fixed bound: the box belongs to the reduced map";
  extras.kink_distance = lstm_kink<LstmForm::full>;
  extras.reduced =
      std::make_unique<CellSystem<ReducedLstmCell>>(net, Time::discrete, std::move(reduced));
  extras.lift = [](const Network& network, ConstMatrixRef points, ConstMatrixRef inputs) {
    const Index n = network.n_units();
    Matrix states(points.rows(), network.n_layer_states());
    Matrix gates(points.rows(), LstmCell::kSlots * n);
    LstmCell::gates_batch(network, points, inputs, gates);
    states.leftCols(network.n_hidden()) = points;
    for (Index b = 0; b < points.rows(); ++b)
      for (Index k = 0; k < n; ++k)
        states(b, network.n_hidden() + k) =
            ReducedLstmCell::cell_state(network, gates.row(b).data(), k);
    return states;
  };
  extras.lift_box = [](const Network& network, const Interval* points, const Interval* input,
                       Interval* states) {
    std::vector<Interval> gates(static_cast<std::size_t>(LstmCell::kSlots * network.n_units()));
    LstmCell::gates(network, points, input, gates.data());
    std::copy(points, points + network.n_hidden(), states);
    for (Index k = 0; k < network.n_units(); ++k)
      states[network.n_hidden() + k] =
          ReducedLstmCell::cell_state(network, static_cast<const Interval*>(gates.data()), k);
  };
  extras.restrict_states = [](const Network& network, ConstMatrixRef states) -> Matrix {
    return states.leftCols(network.n_hidden());
  };
  return extras;
}

}  // namespace nullcline::models::internal
