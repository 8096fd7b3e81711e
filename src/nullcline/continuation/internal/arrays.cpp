// SPDX-License-Identifier: BSD-3-Clause
// Results of continuations as the arrays that a file holds, and back.
#include <fmt/format.h>

#include <algorithm>

#include "nullcline/continuation/types.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::continuation {

namespace {

using Integers = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

// All branches and curves, in the order of the file.
std::vector<const Branch*> all_of(const Continuation& result) {
  std::vector<const Branch*> all;
  for (const auto* list : {&result.branches, &result.curves})
    for (const Branch& branch : *list) all.push_back(&branch);
  return all;
}

// Parameters of a row; the second is NaN where only the first varies.
void set_row(Matrix& to, Index row, ConstVectorRef values) {
  to.row(row).setConstant(std::numeric_limits<double>::quiet_NaN());
  to.row(row).head(values.size()) = values.transpose();
}

void add_branches(NamedArrays& arrays, const std::vector<const Branch*>& all) {
  Texts kind, begin, end, origin;
  Integers period, n_points;
  for (const Branch* branch : all) {
    kind.emplace_back(name_of(branch->kind));
    begin.emplace_back(name_of(branch->begin));
    end.emplace_back(name_of(branch->end));
    origin.push_back(branch->origin);
    period.push_back(branch->period);
    n_points.push_back(branch->states.rows());
  }
  arrays.set_strings("branch_kind", kind, "branch", "what the branch is made of");
  arrays.set_strings("begin_reason", begin, "branch", "why it ends at its first point");
  arrays.set_strings("end_reason", end, "branch", "why it ends at its last point");
  arrays.set_strings("origin", origin, "branch", "where it was started");
  arrays.set_integers("period", period, "branch", "steps of the map until a state returns");
  arrays.set_integers("n_branch_points", n_points, "branch", "number of its points");
}

void add_points(NamedArrays& arrays, const std::vector<const Branch*>& all, Index n_states,
                Index n_parameters) {
  Index n = 0;
  for (const Branch* branch : all) n += branch->states.rows();
  Matrix states(n, n_states), parameters(n, n_parameters);
  Integers number, n_unstable;
  Index row = 0;
  for (std::size_t b = 0; b < all.size(); ++b)
    for (Index i = 0; i < all[b]->states.rows(); ++i, ++row) {
      states.row(row) = all[b]->states.row(i);
      set_row(parameters, row, all[b]->parameters.row(i).transpose());
      number.push_back(static_cast<std::int64_t>(b));
      n_unstable.push_back(all[b]->n_unstable[static_cast<std::size_t>(i)]);
    }
  arrays.set("states", states, {"branch_point", "state"},
             "states of all branches, one after another");
  arrays.set("parameters", parameters, {"branch_point", "parameter"},
             "parameters; NaN: as at the start");
  arrays.set_integers("branch_of_point", number, "branch_point", "number of its branch");
  arrays.set_integers("n_unstable", n_unstable, "branch_point", "unstable eigenvalues");
}

void add_events(NamedArrays& arrays, const std::vector<const Branch*>& all, Index n_states,
                Index n_parameters) {
  Texts type, criticality, note;
  Integers number, point;
  Index n = 0;
  for (const Branch* branch : all) n += static_cast<Index>(branch->events.size());
  Matrix states(n, n_states), parameters(n, n_parameters);
  Vector coefficient(n), period(n), error(n);
  Index row = 0;
  for (std::size_t b = 0; b < all.size(); ++b)
    for (const Event& event : all[b]->events) {
      type.emplace_back(name_of(event.type));
      criticality.emplace_back(name_of(event.criticality));
      note.push_back(event.note);
      number.push_back(static_cast<std::int64_t>(b));
      point.push_back(event.point);
      states.row(row) = event.state.transpose();
      set_row(parameters, row, event.parameters);
      coefficient(row) = event.coefficient;
      period(row) = event.period;
      error(row++) = event.error;
    }
  arrays.set_strings("event_type", type, "event", "type of the event");
  arrays.set_strings("event_criticality", criticality, "event", "criticality");
  arrays.set_strings("event_note", note, "event", "what else is to be said");
  arrays.set_integers("event_branch", number, "event", "number of its branch");
  arrays.set_integers("event_point", point, "event", "point of its branch before it");
  arrays.set("event_state", states, {"event", "state"}, "state at the event");
  arrays.set("event_parameter", parameters, {"event", "parameter"},
             "parameters of the event; NaN: as at the start");
  arrays.set_vector("event_coefficient", coefficient, "event", "normal form coefficient");
  arrays.set_vector("event_period", period, "event", "period of what is born, in time or steps");
  arrays.set_vector("event_error", error, "event", "how exactly it was located");
}

template <class Enum>
Enum read_enum(const std::string& text, const char* name) {
  try {
    return parse_enum<Enum>(text, name);
  } catch (const InvalidInput& error) {
    throw FormatError(std::string("continuation: ") + error.what());
  }
}

void require(bool fits, const char* what) {
  if (!fits) throw FormatError(fmt::format("continuation: {} does not fit the other arrays", what));
}

// Without the NaN of a parameter that did not vary.
Vector varied(const Matrix& parameters, Index row, Index n) {
  return parameters.row(row).head(n).transpose();
}

bool is_curve(BranchKind kind) {
  return kind == BranchKind::fold_curve || kind == BranchKind::hopf_curve ||
         kind == BranchKind::flip_curve || kind == BranchKind::neimark_sacker_curve;
}

std::vector<Branch> read_branches(const NamedArrays& arrays) {
  const Texts kind = arrays.strings("branch_kind"), begin = arrays.strings("begin_reason"),
              end = arrays.strings("end_reason"), origin = arrays.strings("origin");
  const Integers period = arrays.integers("period"), n_points = arrays.integers("n_branch_points"),
                 n_unstable = arrays.integers("n_unstable");
  const Matrix states = arrays.matrix("states"), parameters = arrays.matrix("parameters");
  require(begin.size() == kind.size() && end.size() == kind.size() &&
              origin.size() == kind.size() && period.size() == kind.size() &&
              n_points.size() == kind.size(),
          "branch");
  require(static_cast<Index>(n_unstable.size()) == states.rows() &&
              parameters.rows() == states.rows() && parameters.cols() >= 1 &&
              parameters.cols() <= 2,
          "branch_point");
  std::vector<Branch> branches;
  Index row = 0;
  for (std::size_t b = 0; b < kind.size(); ++b) {
    require(n_points[b] >= 0 && n_points[b] <= states.rows() - row, "n_branch_points");
    Branch branch;
    branch.kind = read_enum<BranchKind>(kind[b], "branch_kind");
    branch.begin = read_enum<EndReason>(begin[b], "begin_reason");
    branch.end = read_enum<EndReason>(end[b], "end_reason");
    branch.origin = origin[b];
    branch.period = static_cast<int>(period[b]);
    branch.states = states.middleRows(row, n_points[b]);
    const Index n_parameters = is_curve(branch.kind) ? 2 : 1;
    require(n_parameters <= parameters.cols(), "parameter");
    branch.parameters = parameters.middleRows(row, n_points[b]).leftCols(n_parameters);
    for (Index i = 0; i < n_points[b]; ++i, ++row)
      branch.n_unstable.push_back(static_cast<int>(n_unstable[static_cast<std::size_t>(row)]));
    branches.push_back(std::move(branch));
  }
  require(row == states.rows(), "n_branch_points");
  return branches;
}

void read_events(const NamedArrays& arrays, std::vector<Branch>& branches) {
  const Texts type = arrays.strings("event_type"),
              criticality = arrays.strings("event_criticality"),
              note = arrays.strings("event_note");
  const Integers number = arrays.integers("event_branch"), point = arrays.integers("event_point");
  const Matrix states = arrays.matrix("event_state"), parameters = arrays.matrix("event_parameter");
  const Vector coefficient = arrays.vector("event_coefficient"),
               period = arrays.vector("event_period"), error = arrays.vector("event_error");
  const auto n = static_cast<Index>(type.size());
  require(criticality.size() == type.size() && note.size() == type.size() &&
              number.size() == type.size() && point.size() == type.size() && states.rows() == n &&
              parameters.rows() == n && coefficient.size() == n && period.size() == n &&
              error.size() == n,
          "event");
  for (Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    require(number[k] >= 0 && number[k] < static_cast<std::int64_t>(branches.size()),
            "event_branch");
    Branch& branch = branches[static_cast<std::size_t>(number[k])];
    require(branch.parameters.cols() <= parameters.cols(), "event_parameter");
    Event event;
    event.type = read_enum<EventType>(type[k], "event_type");
    event.criticality = read_enum<Criticality>(criticality[k], "event_criticality");
    event.note = note[k];
    event.point = point[k];
    event.state = states.row(i).transpose();
    event.parameters = varied(parameters, i, branch.parameters.cols());
    event.coefficient = coefficient(i);
    event.period = period(i);
    event.error = error(i);
    branch.events.push_back(std::move(event));
  }
}

}  // namespace

NamedArrays to_arrays(const Continuation& result) {
  NamedArrays arrays;
  const std::vector<const Branch*> all = all_of(result);
  const auto n_parameters = static_cast<Index>(result.parameters.size());
  const Index n_states = result.n_states;
  add_branches(arrays, all);
  add_points(arrays, all, n_states, n_parameters);
  add_events(arrays, all, n_states, n_parameters);
  arrays.set_strings("parameter_name", result.parameters, "parameter", "names of the parameters");
  arrays.set("interval", result.intervals, {"parameter", "end"}, "interval of each parameter");
  arrays.set_vector("input", result.input, "input", "held input at the start");
  arrays.set_vector("search_value",
                    Eigen::Map<const Vector>(result.search_values.data(),
                                             static_cast<Index>(result.search_values.size())),
                    "search", "values of the first parameter where all points were searched");
  arrays.set_integers("n_found", result.n_found, "search", "points that the search found");
  arrays.set_integers("n_undecided", result.n_undecided, "search",
                      "places where points could not be told apart, as at a fold");
  arrays.set_strings("completeness", result.completeness, "search", "what its audit says");
  arrays.set_strings("warning", result.warnings, "warning", "what else is to be said");
  arrays.set_scalar("seconds", result.seconds, "time that it took", "s");
  return arrays;
}

Continuation continuation_from_arrays(const NamedArrays& arrays) {
  Continuation result;
  result.parameters = arrays.strings("parameter_name");
  result.intervals = arrays.matrix("interval");
  require(
      result.intervals.cols() == 2 &&
          result.intervals.rows() == static_cast<Index>(result.parameters.size()) &&
          result.parameters.size() == static_cast<std::size_t>(arrays.matrix("parameters").cols()),
      "interval");
  result.input = arrays.vector("input");
  std::vector<Branch> all = read_branches(arrays);
  read_events(arrays, all);
  result.n_states = arrays.matrix("states").cols();
  for (Branch& branch : all)
    (is_curve(branch.kind) ? result.curves : result.branches).push_back(std::move(branch));
  const Vector values = arrays.vector("search_value");
  result.search_values.assign(values.begin(), values.end());
  result.n_found = arrays.integers("n_found");
  result.n_undecided = arrays.integers("n_undecided");
  result.completeness = arrays.strings("completeness");
  require(result.n_found.size() == result.search_values.size() &&
              result.n_undecided.size() == result.search_values.size() &&
              result.completeness.size() == result.search_values.size(),
          "search");
  result.warnings = arrays.strings("warning");
  result.seconds = arrays.scalar("seconds");
  return result;
}

}  // namespace nullcline::continuation
