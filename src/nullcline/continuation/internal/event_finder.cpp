// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/internal/event_finder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdlib>

#include "nullcline/continuation/normal_form.hpp"

namespace nullcline::continuation::internal {

namespace {

constexpr int kMaxDepth = 30;      // halvings, below which events count as simultaneous
constexpr int kIsolateDepth = 12;  // halvings that tell several events apart

// The upper one of the complex pair nearest to the boundary of stability, over both points.
struct CriticalPair {
  std::complex<double> value;
  bool is_at_b = false;
  bool exists = false;
};

CriticalPair critical_pair(const EventPoint& a, const EventPoint& b, bool is_flow) {
  CriticalPair best;
  double least = std::numeric_limits<double>::infinity();
  for (const bool at_b : {false, true})
    for (const std::complex<double> value : (at_b ? b : a).spectrum.values) {
      const double distance = std::abs(is_flow ? value.real() : std::abs(value) - 1);
      if (value.imag() <= 0 || distance >= least) continue;
      least = distance;
      best = {value, at_b, true};
    }
  return best;
}

NormalForm normal_form_of(const Family& family, Singularity kind, ConstVectorRef state,
                          ConstVectorRef p, double kappa) {
  const dynamics::System& system = family.full_system(p);
  const Vector input = family.input_at(p);
  if (kind == Singularity::fold) return fold_form(system, state, input);
  if (kind == Singularity::flip) return flip_form(system, state, input);
  if (family.time() == dynamics::Time::continuous)
    return hopf_form(system, state, input, std::sqrt(kappa));
  return neimark_sacker_form(system, state, input, std::acos(kappa));
}

}  // namespace

struct EventFinder::Changes {
  bool branching = false;  // orientation of the curve
  bool turn = false;       // direction of the parameter
  bool flip = false;
  int rotations = 0;  // pairs of eigenvalues, as far as they must have crossed
  int count() const { return (branching || turn ? 1 : 0) + (flip ? 1 : 0) + rotations; }
};

EventFinder::Changes EventFinder::changes(const EventPoint& a, const EventPoint& b) const {
  Changes c;
  const Index last = a.curve.y.size() - 1;
  c.branching = a.curve.orientation != b.curve.orientation;
  c.turn = (a.curve.tangent(last) > 0) != (b.curve.tangent(last) > 0);
  c.flip = (a.spectrum.n_flipped - b.spectrum.n_flipped) % 2 != 0;
  // A real eigenvalue passes zero where exactly one of them changes.
  const int real = (c.branching != c.turn ? 1 : 0) + (c.flip ? 1 : 0);
  const int difference = std::abs(a.spectrum.n_unstable - b.spectrum.n_unstable);
  c.rotations = std::max(0, difference - real + 1) / 2;
  return c;
}

bool EventFinder::between(const EventPoint& a, const EventPoint& b,
                          std::vector<TracedEvent>& events) {
  const std::size_t n_warnings = warnings_.size();
  if (search(a, b, 0, events)) return true;
  warnings_.resize(n_warnings);
  return false;
}

bool EventFinder::search(const EventPoint& a, const EventPoint& b, int depth,
                         std::vector<TracedEvent>& events) {
  const Changes c = changes(a, b);
  if (c.count() == 0) return true;
  if (c.count() == 1 || depth >= kIsolateDepth) {
    if (auto found = locate(a, b, c)) {
      events.push_back(std::move(*found));
      return true;
    }
  }
  if (depth >= kMaxDepth) {
    if (!is_pole(a, b)) events.push_back(degenerate(a, b, c));
    return true;
  }
  const auto middle = point_between(problem_, a.curve, b.curve, 0.5);
  if (!middle || !is_between(a, b, middle->y)) {
    if (c.branching) return false;
    if (!is_pole(a, b)) events.push_back(degenerate(a, b, c));
    return true;
  }
  const EventPoint m = at(*middle);
  return search(a, m, depth + 1, events) && search(m, b, depth + 1, events);
}

std::optional<TracedEvent> EventFinder::locate(const EventPoint& a, const EventPoint& b,
                                               const Changes& c) const {
  if (c.count() != 1) return std::nullopt;
  if (c.branching) return locate_branching(a, b);
  if (c.turn) return locate_turn(a, b);
  return locate_singular(a, b, c.flip ? Singularity::flip : Singularity::rotation);
}

bool EventFinder::is_between(const EventPoint& a, const EventPoint& b, ConstVectorRef y) const {
  const Vector chord = b.curve.y - a.curve.y;
  const double fraction = chord.dot(y - a.curve.y) / chord.squaredNorm();
  const double slack = 1e-3 + 1e-9 * (1 + y.norm()) / chord.norm();
  return fraction >= -slack && fraction <= 1 + slack &&
         (a.curve.y + fraction * chord - y).norm() <= (0.3 + slack) * chord.norm();
}

Event EventFinder::event_at(EventType type, ConstVectorRef state, ConstVectorRef p) const {
  Event event;
  event.type = type;
  event.parameters = p;
  event.state = state;
  return event;
}

std::optional<TracedEvent> EventFinder::locate_turn(const EventPoint& a,
                                                    const EventPoint& b) const {
  if (auto found = locate_singular(a, b, Singularity::fold)) return found;
  return std::nullopt;
}

std::optional<TracedEvent> EventFinder::locate_singular(const EventPoint& a, const EventPoint& b,
                                                        Singularity kind) const {
  const Family& family = problem_.family();
  const Index last = a.curve.y.size() - 1;
  bool at_b = std::abs(b.curve.tangent(last)) < std::abs(a.curve.tangent(last));
  double kappa = 0;
  EventType type = kind == Singularity::fold ? EventType::fold : EventType::flip;
  if (kind == Singularity::rotation) {
    type = is_flow() ? EventType::hopf : EventType::neimark_sacker;
    const CriticalPair pair = critical_pair(a, b, is_flow());
    if (!pair.exists) return std::nullopt;
    kappa = is_flow() ? pair.value.imag() * pair.value.imag()
                      : pair.value.real() / std::abs(pair.value);
    at_b = pair.is_at_b;
  }
  const Vector& y = at_b ? b.curve.y : a.curve.y;
  const Vector p = problem_.chart().p(y);
  const Vector x = kind == Singularity::fold ? problem_.chart().x(y) : problem_.state(y);
  const SingularityProblem singular(family, problem_.chart().intervals(), kind, x, p, kappa);
  const double length = (b.curve.y - a.curve.y).norm();
  const auto located = solve_square(singular, 4 * length + 1e-6);
  if (!located) return std::nullopt;
  TracedEvent found;
  const Vector at = singular.chart().p(located->y);
  const Vector state = singular.state(located->y);
  found.y = problem_.chart().unknowns(family.period() == 1 && kind == Singularity::fold
                                          ? singular.chart().x(located->y)
                                          : family.restrict_state(state, at),
                                      Vector(0), at);
  if (!is_between(a, b, found.y)) return std::nullopt;
  const double q = singular.kappa(located->y);
  if (kind == Singularity::rotation && !(is_flow() ? q > 1e-12 : std::abs(q) < 1 - 1e-12))
    return std::nullopt;
  found.event = event_at(type, state, at);
  found.event.error = located->error;
  const NormalForm form = normal_form_of(family, kind, state, at, q);
  found.event.coefficient = form.coefficient;
  found.event.criticality = form.criticality;
  found.event.period = form.period;
  found.event.note = form.note;
  if (type == EventType::neimark_sacker && found.event.note.empty())
    found.event.note = "the invariant circle born here is not followed";
  return found;
}

std::optional<TracedEvent> EventFinder::locate_branching(const EventPoint& a,
                                                         const EventPoint& b) const {
  const Family& family = problem_.family();
  const double length = (b.curve.y - a.curve.y).norm();
  const auto located =
      locate_branch_point(problem_, (a.curve.y + b.curve.y) / 2, 4 * length + 1e-6);
  if (!located || !is_between(a, b, located->y)) return std::nullopt;
  TracedEvent found;
  found.y = located->y;
  const Vector p = problem_.chart().p(located->y), state = problem_.state(located->y);
  found.event = event_at(EventType::branch_point, state, p);
  found.event.error = located->error;
  if (family.period() > 1) {
    // An orbit whose states coincide has a shorter period.
    Vector next = state;
    for (int k = 1; k < family.period(); ++k) {
      next = evaluate_at(family.base_system(p), next, family.input_at(p));
      if ((next - state).lpNorm<Eigen::Infinity>() <= 1e-6 * (1 + state.norm())) {
        found.event.note = kMeetsShorterOrbit;
        return found;
      }
    }
  }
  const NormalForm form = branch_point_form(family.full_system(p), state, family.input_at(p));
  found.event.coefficient = form.coefficient;
  found.event.criticality = form.criticality;
  found.event.note = form.note;
  found.tangents = located->tangents;
  if (found.tangents.size() == 0)
    found.event.note = "degenerate: the branches that meet here have no two tangents";
  return found;
}

// Whether an eigenvalue changes its side through infinity: no bifurcation.
bool EventFinder::is_pole(const EventPoint& a, const EventPoint& b) {
  constexpr double kHuge = 1e6;
  const double largest =
      std::max(a.spectrum.values.cwiseAbs().maxCoeff(), b.spectrum.values.cwiseAbs().maxCoeff());
  if (!(largest > kHuge * (1 + (a.curve.y - b.curve.y).norm()))) return false;
  const Vector p = problem_.chart().p((a.curve.y + b.curve.y) / 2);
  warnings_.push_back(fmt::format(
      "the equations have a pole on a branch at {:.10g}: stability changes there without a "
      "bifurcation",
      p(0)));
  return true;
}

// What Newton's method does not solve: several eigenvalues at the boundary at once, or a kink.
TracedEvent EventFinder::degenerate(const EventPoint& a, const EventPoint& b, const Changes& c) {
  const Family& family = problem_.family();
  TracedEvent found;
  found.y = (a.curve.y + b.curve.y) / 2;
  const Vector p = problem_.chart().p(found.y), state = problem_.state(found.y);
  EventType type = is_flow() ? EventType::hopf : EventType::neimark_sacker;
  if (c.turn && !c.branching) {
    type = EventType::fold;
  } else if (c.flip) {
    type = EventType::flip;
  } else {
    // Real eigenvalues at 0 (map: 1) make it a branch point of several branches.
    const double boundary = is_flow() ? 0 : 1;
    for (const std::complex<double> value : a.spectrum.values)
      if (std::abs(value - boundary) < 1e-3) type = EventType::branch_point;
  }
  found.event = event_at(type, state, p);
  found.event.error = (b.curve.y - a.curve.y).norm();
  const dynamics::System& base = family.base_system(p);
  const bool at_kink = base.has_kinks() && base.kink_distance(state, family.input_at(p)) < 1e-6;
  const int n = std::abs(a.spectrum.n_unstable - b.spectrum.n_unstable);
  found.event.note = at_kink ? "at a kink of relu: stability jumps"
                             : fmt::format(
                                   "degenerate: {} eigenvalue{} at the boundary of "
                                   "stability at once; what leaves here is not followed",
                                   std::max(n, 1), n > 1 ? "s are" : " is");
  warnings_.push_back(fmt::format("{} at {:.10g}: {}", name_of(type), p(0), found.event.note));
  return found;
}

}  // namespace nullcline::continuation::internal
