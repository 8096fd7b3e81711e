// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/collect.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::studies {

namespace {

constexpr Index kEigenvalues = 32;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// One network of the population, as far as there is one.
struct Member {
  UnitState state = UnitState::planned;
  double loss = kNone, accuracy = kNone;
  std::int64_t iterations = -1;
  std::vector<fixed_points::FixedPointSet> sets;
};

Member read_member(const std::string& folder, const Unit& unit, const UnitStatus& status) {
  Member member;
  member.state = status.state;
  if (status.state != UnitState::done && status.state != UnitState::diverged) return member;
  const std::string path = unit_path(folder, unit.key);
  const NamedArrays file = results::read_result(path);
  results::reading(path, [&] {
    member.iterations = static_cast<std::int64_t>(file.values("loss").size());
    if (const std::vector<double> losses = file.values("validation_loss"); !losses.empty()) {
      member.loss = losses.back();
      member.accuracy = file.values("validation_accuracy").back();
    }
    if (status.state == UnitState::done)
      member.sets = fixed_points::fixed_point_sets_from_arrays(file.group("analysis"));
  });
  return member;
}

Vector numbers(const std::vector<Member>& members, double Member::*value) {
  Vector result(static_cast<Index>(members.size()));
  for (std::size_t i = 0; i < members.size(); ++i)
    result[static_cast<Index>(i)] = members[i].*value;
  return result;
}

// Of the first held input; -1 where there is none.
template <class Count>
std::vector<std::int64_t> counts(const std::vector<Member>& members, Count count) {
  std::vector<std::int64_t> result;
  for (const Member& member : members)
    result.push_back(member.sets.empty() ? -1 : count(member.sets.front()));
  return result;
}

void add_points(NamedArrays& file, const std::vector<Member>& members) {
  std::vector<std::int64_t> network, input, n_unstable;
  std::vector<std::string> kind;
  std::vector<const fixed_points::FixedPoint*> points;
  Index n_outputs = 0;
  for (std::size_t i = 0; i < members.size(); ++i)
    for (std::size_t j = 0; j < members[i].sets.size(); ++j)
      for (const fixed_points::FixedPoint& point : members[i].sets[j].points) {
        network.push_back(static_cast<std::int64_t>(i));
        input.push_back(static_cast<std::int64_t>(j));
        n_unstable.push_back(point.n_unstable);
        kind.emplace_back(name_of(point.kind));
        points.push_back(&point);
        n_outputs = std::max(n_outputs, point.readout.size());
      }
  const auto n = static_cast<Index>(points.size());
  Matrix readout = Matrix::Constant(n, n_outputs, kNone);
  Matrix re = Matrix::Constant(n, kEigenvalues, kNone), im = re;
  for (Index i = 0; i < n; ++i) {
    const fixed_points::FixedPoint& point = *points[static_cast<std::size_t>(i)];
    const Index n_values = std::min(kEigenvalues, point.eigenvalues.size());
    readout.row(i).head(point.readout.size()) = point.readout.transpose();
    re.row(i).head(n_values) = point.eigenvalues.head(n_values).real().transpose();
    im.row(i).head(n_values) = point.eigenvalues.head(n_values).imag().transpose();
  }
  const char* dimension = "fixed_point";
  file.set_integers("network_index", network, dimension, "position of the network");
  file.set_integers("input_index", input, dimension, "held input of the network");
  file.set_strings("kind", kind, dimension, "fixed, slow or undecided");
  file.set_integers("n_unstable", n_unstable, dimension, "unstable directions");
  file.set("readout", readout, {dimension, "output"}, "readout at the point");
  file.set("eigenvalues_re", re, {dimension, "eigenvalue"}, "real part, by falling magnitude");
  file.set("eigenvalues_im", im, {dimension, "eigenvalue"}, "imaginary part");
}

}  // namespace

NamedArrays collect(const std::string& folder, const Plan& plan) {
  const std::vector<UnitStatus> status = read_status(folder, plan);
  std::vector<Member> members(plan.units.size());
  parallel_for(members.size(),
               [&](std::size_t i) { members[i] = read_member(folder, plan.units[i], status[i]); });

  NamedArrays file;
  const char* dimension = "network";
  std::vector<std::string> keys, states, completeness;
  std::map<std::string, std::vector<std::string>> factors;
  std::vector<std::int64_t> iterations;
  for (std::size_t i = 0; i < members.size(); ++i) {
    keys.push_back(plan.units[i].key);
    states.emplace_back(name_of(members[i].state));
    completeness.emplace_back(
        members[i].sets.empty() ? "" : name_of(members[i].sets.front().audit.completeness));
    iterations.push_back(members[i].iterations);
    for (const auto& [name, value] : plan.units[i].factors) factors[name].push_back(value);
  }
  file.set_strings("key", keys, dimension, "hash of the configuration");
  file.set_strings("state", states, dimension, "done, diverged, failed, unfinished or planned");
  for (const auto& [name, values] : factors)
    file.set_strings("factor_" + name, values, dimension, "factor " + name);
  file.set_integers("iterations", iterations, dimension, "training iterations done");
  file.set_vector("validation_loss", numbers(members, &Member::loss), dimension,
                  "loss on held-out trials, without the penalty");
  file.set_vector("validation_accuracy", numbers(members, &Member::accuracy), dimension,
                  "share of correct outputs on held-out trials, or of the variance explained");
  file.set_integers("n_fixed_points",
                    counts(members, [](const auto& set) { return set.n_fixed(); }), dimension,
                    "fixed points under the first held input");
  file.set_integers("n_stable",
                    counts(members,
                           [](const auto& set) {
                             return std::count_if(
                                 set.points.begin(), set.points.end(), [](const auto& p) {
                                   return p.kind == fixed_points::Kind::fixed && p.n_unstable == 0;
                                 });
                           }),
                    dimension, "of these, stable ones");
  file.set_integers(
      "index_sum",
      counts(members,
             [](const auto& set) { return static_cast<std::int64_t>(set.audit.index_sum); }),
      dimension, "sum of their indices");
  file.set_strings("completeness", completeness, dimension, "completeness of this set");
  add_points(file, members);
  file.attributes["plan_hash"] = plan.hash;
  file.attributes["study"] = plan.study;
  file.attributes["name"] = plan.name;
  file.attributes["result_hash"] = study_hash(status);
  return file;
}

}  // namespace nullcline::studies
