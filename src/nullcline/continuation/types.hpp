// SPDX-License-Identifier: BSD-3-Clause
// What a continuation returns: plain data.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/core/named_arrays.hpp"

namespace nullcline::continuation {

/// How a curve is followed.
struct StepOptions {
  double max_step = 0.02;     ///< longest step, in shares of the interval and of 1 + |state|
  double first_step = 0.005;  ///< the step to begin with
  double min_step = 1e-9;     ///< a step below it ends the branch: step_too_small
  int max_points = 20000;     ///< points of one branch
  double max_state = 1e3;     ///< a state beyond it, in the infinity norm, left the box

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("max_step", self.max_step, "longest step, in shares of the interval and of 1 + |state|");
    field("first_step", self.first_step, "step to begin with");
    field("min_step", self.min_step, "a step below it ends the branch");
    field("max_points", self.max_points, "points of one branch");
    field("max_state", self.max_state, "a branch ends where a coordinate exceeds it");
  }
};

/// Why a branch ends. interval_end: the parameter reached the end of its interval; left_box: a
/// coordinate exceeded max_state; closed: it returned to its start; joined: it met a branch that
/// was traced before; codimension_two: a curve of Hopf or Neimark-Sacker points ends at a
/// Bogdanov-Takens point or a strong resonance.
enum class EndReason {
  not_run,
  interval_end,
  left_box,
  closed,
  joined,
  codimension_two,
  step_too_small,
  max_points,
  interrupted
};

/// What a branch is made of: equilibria of a flow, fixed points of a map, orbits of period k of a
/// map; or, in two parameters, points where such a branch has an event.
enum class BranchKind {
  equilibrium,
  fixed_point,
  period_k,
  fold_curve,
  hopf_curve,
  flip_curve,
  neimark_sacker_curve
};

/// Codimension one: fold ... neimark_sacker. Codimension two: the rest; generalized_flip and
/// chenciner are the points of flip and Neimark-Sacker curves where criticality changes,
/// resonance_1_1 and resonance_1_2 those where the two multipliers meet at 1 and at -1. At
/// zero_hopf, fold_flip, fold_neimark_sacker and flip_neimark_sacker a further eigenvalue becomes
/// critical: 0 of a flow, 1 or -1 of a map.
enum class EventType {
  fold,
  hopf,
  branch_point,
  flip,
  neimark_sacker,
  bogdanov_takens,
  cusp,
  generalized_hopf,
  generalized_flip,
  chenciner,
  resonance_1_1,
  resonance_1_2,
  zero_hopf,
  fold_flip,
  fold_neimark_sacker,
  flip_neimark_sacker
};

/// supercritical: what is born is stable in the critical directions (cycle, 2-cycle, invariant
/// circle, the outer branches of a pitchfork); subcritical: unstable. unknown: neither applies.
enum class Criticality { unknown, supercritical, subcritical };

struct Event {
  EventType type = EventType::fold;
  Vector parameters;  ///< one or two values
  Vector state;
  Criticality criticality = Criticality::unknown;
  /// The normal form's: fold and cusp a, Hopf and generalized Hopf l1, flip b, Neimark-Sacker d,
  /// pitchfork c; NaN where it does not apply.
  double coefficient = std::numeric_limits<double>::quiet_NaN();
  /// Of the cycle that is born: 2 pi / omega, or steps per turn of the map; NaN elsewhere.
  double period = std::numeric_limits<double>::quiet_NaN();
  /// How exactly it was located: the size of the last step of Newton's method on the defining
  /// equations, or of the interval where only bisection worked.
  double error = std::numeric_limits<double>::infinity();
  std::string note;  ///< "pitchfork", a strong resonance, a degeneracy; may be empty
  Index point = 0;   ///< of the branch: the event is between this point and the next one
};

/// A branch of one parameter or a curve of two, in order along it.
struct Branch {
  BranchKind kind = BranchKind::equilibrium;
  int period = 1;               ///< steps of the map until a state returns
  Matrix states;                ///< (n_points, n_states); of orbits the state they start from
  Matrix parameters;            ///< (n_points, 1 or 2)
  std::vector<int> n_unstable;  ///< (n_points)
  EndReason begin = EndReason::not_run, end = EndReason::not_run;
  std::vector<Event> events;  ///< in order along it
  std::string origin;         ///< "fixed points at 0.3", "branch_point 2", "hopf 0"
};

/// What continuation of one system found.
struct Continuation {
  std::vector<std::string> parameters;    ///< names, one or two
  Matrix intervals;                       ///< (1 or 2, 2): from, to
  Index n_states = 0;                     ///< of the system
  Vector input;                           ///< held input; varied components as at the start
  std::vector<Branch> branches;           ///< in the first parameter
  std::vector<Branch> curves;             ///< in both
  std::vector<double> search_values;      ///< parameter values where all points were searched
  std::vector<std::int64_t> n_found;      ///< and how many there were
  std::vector<std::int64_t> n_undecided;  ///< and in how many places they could not be told apart
  std::vector<std::string> completeness;  ///< and what the audit says
  std::vector<std::string> warnings;
  bool interrupted = false;
  double seconds = 0;
};

/// Dimensions branch, branch_point, event, state, parameter; points of all branches and curves
/// stand in one list, branches first, with their branch's number in `branch_of_point`.
NamedArrays to_arrays(const Continuation& result);
/// @throws FormatError
Continuation continuation_from_arrays(const NamedArrays& arrays);

}  // namespace nullcline::continuation

template <>
struct nullcline::EnumNames<nullcline::continuation::EndReason> {
  using E = nullcline::continuation::EndReason;
  static constexpr std::array values{
      std::pair{E::not_run, "not_run"},
      std::pair{E::interval_end, "interval_end"},
      std::pair{E::left_box, "left_box"},
      std::pair{E::closed, "closed"},
      std::pair{E::joined, "joined"},
      std::pair{E::codimension_two, "codimension_two"},
      std::pair{E::step_too_small, "step_too_small"},
      std::pair{E::max_points, "max_points"},
      std::pair{E::interrupted, "interrupted"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::continuation::BranchKind> {
  using E = nullcline::continuation::BranchKind;
  static constexpr std::array values{
      std::pair{E::equilibrium, "equilibrium"},
      std::pair{E::fixed_point, "fixed_point"},
      std::pair{E::period_k, "period_k"},
      std::pair{E::fold_curve, "fold_curve"},
      std::pair{E::hopf_curve, "hopf_curve"},
      std::pair{E::flip_curve, "flip_curve"},
      std::pair{E::neimark_sacker_curve, "neimark_sacker_curve"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::continuation::EventType> {
  using E = nullcline::continuation::EventType;
  static constexpr std::array values{
      std::pair{E::fold, "fold"},
      std::pair{E::hopf, "hopf"},
      std::pair{E::branch_point, "branch_point"},
      std::pair{E::flip, "flip"},
      std::pair{E::neimark_sacker, "neimark_sacker"},
      std::pair{E::bogdanov_takens, "bogdanov_takens"},
      std::pair{E::cusp, "cusp"},
      std::pair{E::generalized_hopf, "generalized_hopf"},
      std::pair{E::generalized_flip, "generalized_flip"},
      std::pair{E::chenciner, "chenciner"},
      std::pair{E::resonance_1_1, "resonance_1_1"},
      std::pair{E::resonance_1_2, "resonance_1_2"},
      std::pair{E::zero_hopf, "zero_hopf"},
      std::pair{E::fold_flip, "fold_flip"},
      std::pair{E::fold_neimark_sacker, "fold_neimark_sacker"},
      std::pair{E::flip_neimark_sacker, "flip_neimark_sacker"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::continuation::Criticality> {
  using E = nullcline::continuation::Criticality;
  static constexpr std::array values{
      std::pair{E::unknown, "unknown"},
      std::pair{E::supercritical, "supercritical"},
      std::pair{E::subcritical, "subcritical"},
  };
};
