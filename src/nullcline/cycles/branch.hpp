// SPDX-License-Identifier: BSD-3-Clause
// Limit cycles followed through a parameter.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nullcline/continuation/family.hpp"
#include "nullcline/core/enum_names.hpp"
#include "nullcline/cycles/find.hpp"
#include "nullcline/cycles/types.hpp"

namespace nullcline::cycles {

/// Why a branch of cycles ends. interval_end: the parameter reached the end of its interval; hopf:
/// the cycle shrank to an equilibrium; snic: its period grew without bound like delta^(-1/2), at a
/// saddle-node on the cycle; homoclinic: like -ln(delta), at a saddle; long_period: without
/// following either law; vertical: cycles of all sizes at one value of the parameter; closed: it
/// returned to its start; left_box: a coordinate is more than five sizes of the
/// system's box outside of it, or beyond 1000.
enum class BranchEnd {
  not_run,
  interval_end,
  hopf,
  snic,
  homoclinic,
  long_period,
  vertical,
  closed,
  left_box,
  step_too_small,
  max_points,
  interrupted
};

/// fold_of_cycles: a multiplier at 1; period_doubling: at -1; torus: a pair on the unit circle.
enum class CycleEventType { fold_of_cycles, period_doubling, torus };

struct CycleEvent {
  CycleEventType type = CycleEventType::fold_of_cycles;
  double parameter = 0;
  Cycle cycle;
  std::size_t point = 0;  ///< it lies between this cycle of the branch and the next
};

/// What is known of the end of a branch, where it is more than a place on it.
struct Limit {
  double parameter = 0;  ///< of the Hopf point, the saddle-node, the homoclinic orbit
  Vector equilibrium;    ///< the equilibrium there, or zero size
  ComplexVector eigenvalues;
  /// snic: the limit of T sqrt|p - p*|; homoclinic: d(-ln|p - p*|)/dT, as fitted, and the smaller
  /// of the saddle's rates, which it must equal.
  double law = 0, expected_law = 0;
  std::string evidence;  ///< in a sentence
};

struct CycleBranch {
  std::vector<double> parameters;
  std::vector<Cycle> cycles;       ///< one per parameter
  std::vector<CycleEvent> events;  ///< in order along it
  BranchEnd begin = BranchEnd::not_run, end = BranchEnd::not_run;
  Limit begin_limit, end_limit;
  std::string origin;  ///< "hopf at alpha = 0.84", "cycle at alpha = 0.5"
};

struct BranchOptions {
  double max_step = 0.1;  ///< in shares of the interval, of the states and of ln T
  double min_step = 1e-9;
  int max_points = 2000;
  int n_intervals = 60;  ///< of the mesh
  double longest = 30;   ///< a branch ends where the period is this many times the first one

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("max_step", self.max_step, "longest step, in shares of the interval and of ln T");
    field("min_step", self.min_step, "a step below it ends the branch");
    field("max_points", self.max_points, "cycles of one branch");
    field("n_intervals", self.n_intervals, "intervals of the mesh");
    field("longest", self.longest, "a branch ends where the period is so many times the first one");
  }
};

/// @throws InvalidInput if an option is out of range.
void check_options(const BranchOptions& options);

/// Follows a cycle of the family at `parameter` in both directions within [from, to], by
/// pseudo-arclength continuation of the equations of collocation on an adaptive mesh.
/// `is_stopped` is asked at each step.
CycleBranch continue_cycle(const continuation::Family& family, const Cycle& cycle, double parameter,
                           double from, double to, const BranchOptions& options = {},
                           const std::function<bool()>& is_stopped = {});

/// The same; nothing if the cycle does not solve the equations on a mesh of `n_intervals`.
std::optional<CycleBranch> try_continue_cycle(const continuation::Family& family,
                                              const Cycle& cycle, double parameter, double from,
                                              double to, const BranchOptions& options = {},
                                              const std::function<bool()>& is_stopped = {});

/// Whether a branch passes this cycle at this value of the parameter.
bool passes(const CycleBranch& branch, const continuation::Family& family, double parameter,
            const Cycle& cycle);

/// The interval of a parameter, "input[i]" or a name of System::parameter_names().
struct Interval {
  std::string parameter;
  double from = 0, to = 1;
};
/// Whether cycles of `flow` as it is can be followed in this interval, before they are known.
/// @throws InvalidInput as continue_cycles.
void check_interval(const dynamics::System& flow, ConstVectorRef input, const Interval& interval,
                    const BranchOptions& options = {});
/// The branches of all these cycles, which are those of `flow` as it is; each branch once.
/// @throws InvalidInput as continue_cycle and Family.
std::vector<CycleBranch> continue_cycles(const dynamics::System& flow, ConstVectorRef input,
                                         const CycleSet& set, const Interval& interval,
                                         const BranchOptions& options = {},
                                         const std::function<bool()>& is_stopped = {});

/// The small cycle that a Hopf point gives birth to, of this amplitude, and its parameter: an
/// eigenvector's ellipse, corrected. Nothing if the correction fails.
struct BornCycle {
  Cycle cycle;
  double parameter = 0;
};
std::optional<BornCycle> cycle_at_hopf(const continuation::Family& family, ConstVectorRef state,
                                       double parameter, double amplitude = 1e-3);

}  // namespace nullcline::cycles

template <>
struct nullcline::EnumNames<nullcline::cycles::BranchEnd> {
  using E = nullcline::cycles::BranchEnd;
  static constexpr std::array values{
      std::pair{E::not_run, "not_run"},
      std::pair{E::interval_end, "interval_end"},
      std::pair{E::hopf, "hopf"},
      std::pair{E::snic, "snic"},
      std::pair{E::homoclinic, "homoclinic"},
      std::pair{E::long_period, "long_period"},
      std::pair{E::vertical, "vertical"},
      std::pair{E::closed, "closed"},
      std::pair{E::left_box, "left_box"},
      std::pair{E::step_too_small, "step_too_small"},
      std::pair{E::max_points, "max_points"},
      std::pair{E::interrupted, "interrupted"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::cycles::CycleEventType> {
  using E = nullcline::cycles::CycleEventType;
  static constexpr std::array values{
      std::pair{E::fold_of_cycles, "fold_of_cycles"},
      std::pair{E::period_doubling, "period_doubling"},
      std::pair{E::torus, "torus"},
  };
};
