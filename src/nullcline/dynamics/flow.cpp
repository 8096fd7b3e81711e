// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/flow.hpp"

#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/dense_output_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <boost/numeric/odeint/util/odeint_error.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "nullcline/core/error.hpp"

namespace nullcline::dynamics {

namespace {

namespace odeint = boost::numeric::odeint;
using State = std::vector<double>;
using Method = odeint::runge_kutta_dopri5<State>;

constexpr double kFirstStep = 1e-2;
constexpr double kShortestStep = 1e-13;  // relative to the time that has passed

Eigen::Map<const Vector> as_vector(const State& state) {
  return {state.data(), static_cast<Index>(state.size())};
}

struct NotFinite {};

}  // namespace

struct FlowStepper::Stepper {
  Stepper(const System& f, ConstVectorRef x, double tolerance, int direction)
      : flow(f),
        input(x.transpose()),
        row(1, f.n_states()),
        rate(1, f.n_states()),
        sense(direction),
        method(odeint::make_dense_output(tolerance, tolerance, Method())),
        now(f.n_states()) {}

  // Odeint never asks whether a step is finite, and would shorten it without end.
  void evaluate(const State& h, State& out) {
    row.row(0) = as_vector(h).transpose();
    flow.evaluate(row, input, rate);
    if (!rate.allFinite()) throw NotFinite{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = sense * rate(0, static_cast<Index>(i));
  }

  const System& flow;
  const Matrix input;
  Matrix row, rate;
  const int sense;
  odeint::result_of::make_dense_output<Method>::type method;
  Vector now;
  double begin = 0, end = 0;
  bool has_stepped = false;
};

FlowStepper::FlowStepper(const System& flow, ConstVectorRef input, double tolerance, int sense) {
  if (flow.time() != Time::continuous)
    throw InvalidInput("time: found a map, expected a flow to follow in continuous time");
  if (input.size() != flow.n_inputs())
    throw InvalidInput("input: found " + std::to_string(input.size()) + " numbers, expected " +
                       std::to_string(flow.n_inputs()));
  stepper_ = std::make_unique<Stepper>(flow, input, tolerance, sense);
}

FlowStepper::~FlowStepper() = default;

void FlowStepper::start(ConstVectorRef state) {
  Stepper& s = *stepper_;
  s.now = state;
  s.begin = s.end = 0;
  s.has_stepped = false;
  s.method.initialize(State(state.data(), state.data() + state.size()), 0.0, kFirstStep);
}

bool FlowStepper::step() {
  Stepper& s = *stepper_;
  try {
    const auto [begin, end] =
        s.method.do_step([&s](const State& h, State& out, double) { s.evaluate(h, out); });
    if (!(end - begin > kShortestStep * end)) return false;
    s.begin = begin;
    s.end = end;
  } catch (const NotFinite&) {
    return false;
  } catch (const odeint::step_adjustment_error&) {
    return false;
  }
  s.has_stepped = true;
  s.now = as_vector(s.method.current_state());
  return s.now.allFinite();
}

double FlowStepper::time() const { return stepper_->end; }
double FlowStepper::previous_time() const { return stepper_->begin; }
const Vector& FlowStepper::state() const { return stepper_->now; }

Vector FlowStepper::at(double time) const {
  const Stepper& s = *stepper_;
  if (!s.has_stepped) return s.now;
  State out(static_cast<std::size_t>(s.now.size()));
  s.method.calc_state(time, out);
  return as_vector(out);
}

Matrix integrate(const System& flow, ConstVectorRef input, ConstVectorRef start,
                 ConstVectorRef times, double tolerance, int sense, double escape) {
  Matrix states =
      Matrix::Constant(times.size(), flow.n_states(), std::numeric_limits<double>::quiet_NaN());
  FlowStepper stepper(flow, input, tolerance, sense);
  stepper.start(start);
  for (Index i = 0; i < times.size(); ++i) {
    while (stepper.time() < times(i))
      if (!stepper.step() || !(stepper.state().squaredNorm() <= escape * escape)) return states;
    states.row(i) = stepper.at(times(i)).transpose();
  }
  return states;
}

}  // namespace nullcline::dynamics
