// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/results.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace nullcline::cycles {

namespace {

// Every base point of the mesh, and the first one again at the end.
void set_cycles(NamedArrays& arrays, const std::vector<const Cycle*>& cycles, Index n) {
  const auto count = static_cast<Index>(cycles.size());
  Index n_points = 0;
  for (const Cycle* cycle : cycles) n_points += cycle->states.rows() + 1;
  Matrix states(n_points, n), lowest(count, n), highest(count, n);
  Matrix re =
      Matrix::Constant(count, std::max<Index>(n - 1, 0), std::numeric_limits<double>::quiet_NaN());
  Matrix im = re;
  Vector times(n_points), periods(count), trivial(count), errors(count), residuals(count);
  std::vector<std::int64_t> owners, n_unstable, stable;
  Index row = 0;
  for (Index k = 0; k < count; ++k) {
    const Cycle& cycle = *cycles[static_cast<std::size_t>(k)];
    for (Index i = 0; i <= cycle.states.rows(); ++i, ++row) {
      states.row(row) = cycle.states.row(i % cycle.states.rows());
      const Index interval = std::min(i / kDegree, cycle.mesh.size() - 2);
      const double share =
          static_cast<double>(i - interval * kDegree) / static_cast<double>(kDegree);
      times(row) =
          cycle.period * ((1 - share) * cycle.mesh(interval) + share * cycle.mesh(interval + 1));
      owners.push_back(k);
    }
    lowest.row(k) = cycle.minimum.transpose();
    highest.row(k) = cycle.maximum.transpose();
    re.row(k).head(cycle.multipliers.size()) = cycle.multipliers.real().transpose();
    im.row(k).head(cycle.multipliers.size()) = cycle.multipliers.imag().transpose();
    periods(k) = cycle.period;
    trivial(k) = cycle.trivial_multiplier;
    errors(k) = cycle.period_error;
    residuals(k) = cycle.residual;
    n_unstable.push_back(cycle.n_unstable);
    stable.push_back(cycle.is_stable ? 1 : 0);
  }
  arrays.set("states", states, {"cycle_point", "state"}, "states along the cycles");
  arrays.set_vector("time", times, "cycle_point", "time since the first state of the cycle");
  arrays.set_integers("cycle_of_point", std::move(owners), "cycle_point",
                      "the cycle that a point belongs to");
  arrays.set_vector("period", periods, "cycle", "period");
  arrays.set_vector("period_error", errors, "cycle", "change of the period by the last remeshing");
  arrays.set_vector("residual", residuals, "cycle", "relative residual between the Gauss points");
  arrays.set("minimum", lowest, {"cycle", "state"}, "least value of each coordinate");
  arrays.set("maximum", highest, {"cycle", "state"}, "largest value of each coordinate");
  arrays.set("multipliers_re", re, {"cycle", "multiplier"}, "Floquet multipliers, real part");
  arrays.set("multipliers_im", im, {"cycle", "multiplier"}, "Floquet multipliers, imaginary part");
  arrays.set_vector("trivial_multiplier", trivial, "cycle", "the multiplier that is 1");
  arrays.set_integers("n_unstable", std::move(n_unstable), "cycle",
                      "multipliers beyond the unit circle");
  arrays.set_integers("stable", std::move(stable), "cycle", "1: attracting");
}

}  // namespace

NamedArrays to_arrays(const CycleSet& set) {
  NamedArrays arrays;
  std::vector<const Cycle*> cycles;
  for (const Cycle& cycle : set.cycles) cycles.push_back(&cycle);
  set_cycles(arrays, cycles, set.n_states);
  const auto total = [&](const char* name, std::int64_t count, const char* text) {
    arrays.set_scalar(name, static_cast<double>(count), text);
  };
  total("n_at_rest", set.n_at_rest, "trajectories that came to rest");
  total("n_on_cycles", set.n_on_cycles, "trajectories that came to a cycle that attracts them");
  total("n_met_cycles", set.n_met_cycles,
        "trajectories that returned near a cycle that does not attract them");
  total("n_escaped", set.n_escaped, "trajectories that escaped");
  total("n_undecided", set.n_undecided, "trajectories whose end was not recognized");
  return arrays;
}

NamedArrays to_arrays(const std::vector<CycleBranch>& branches) {
  NamedArrays arrays;
  std::vector<const Cycle*> cycles;
  std::vector<double> parameters, event_parameters, begin_places, end_places;
  std::vector<std::int64_t> owners, event_owners;
  std::vector<std::string> begins, ends, types, begin_evidence, end_evidence, origins;
  for (std::size_t b = 0; b < branches.size(); ++b) {
    const CycleBranch& branch = branches[b];
    for (std::size_t i = 0; i < branch.cycles.size(); ++i) {
      cycles.push_back(&branch.cycles[i]);
      parameters.push_back(branch.parameters[i]);
      owners.push_back(static_cast<std::int64_t>(b));
    }
    origins.push_back(branch.origin);
    begins.emplace_back(name_of(branch.begin));
    ends.emplace_back(name_of(branch.end));
    begin_evidence.push_back(branch.begin_limit.evidence);
    end_evidence.push_back(branch.end_limit.evidence);
    const auto place = [](BranchEnd end, const Limit& limit) {
      const bool is_known =
          end == BranchEnd::hopf || end == BranchEnd::snic || end == BranchEnd::homoclinic;
      return is_known ? limit.parameter : std::numeric_limits<double>::quiet_NaN();
    };
    begin_places.push_back(place(branch.begin, branch.begin_limit));
    end_places.push_back(place(branch.end, branch.end_limit));
    for (const CycleEvent& event : branch.events) {
      types.emplace_back(name_of(event.type));
      event_parameters.push_back(event.parameter);
      event_owners.push_back(static_cast<std::int64_t>(b));
    }
  }
  set_cycles(arrays, cycles, cycles.empty() ? 0 : cycles[0]->states.cols());
  const auto vector = [](const std::vector<double>& values) {
    return Vector(Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size())));
  };
  arrays.set_vector("parameter", vector(parameters), "cycle", "parameter");
  arrays.set_integers("branch_of_cycle", std::move(owners), "cycle",
                      "the branch that a cycle belongs to");
  arrays.set_strings("origin", std::move(origins), "branch", "where it was started");
  arrays.set_strings("begin_reason", std::move(begins), "branch",
                     "why the branch ends where it begins");
  arrays.set_strings("end_reason", std::move(ends), "branch", "why the branch ends");
  arrays.set_strings("begin_evidence", std::move(begin_evidence), "branch",
                     "what is known of the end where the branch begins");
  arrays.set_strings("end_evidence", std::move(end_evidence), "branch", "what is known of the end");
  arrays.set_vector("begin_parameter", vector(begin_places), "branch",
                    "parameter of the bifurcation where the branch begins");
  arrays.set_vector("end_parameter", vector(end_places), "branch",
                    "parameter of the bifurcation where the branch ends");
  arrays.set_strings("event_type", std::move(types), "event", "kind of event");
  arrays.set_vector("event_parameter", vector(event_parameters), "event", "parameter");
  arrays.set_integers("branch_of_event", std::move(event_owners), "event",
                      "the branch that an event belongs to");
  return arrays;
}

}  // namespace nullcline::cycles
