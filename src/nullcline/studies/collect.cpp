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

// A fixed point without its state and eigenvectors, which would not fit in memory together.
struct Point {
  std::int64_t input = 0, n_unstable = 0;
  std::string kind;
  Vector readout;
  Eigen::VectorXcd eigenvalues;  // the first ones
};

// One network of the population, as far as there is one.
struct Member {
  UnitState state = UnitState::planned;
  double loss = kNone, accuracy = kNone, untrained_loss = kNone, untrained_accuracy = kNone;
  std::int64_t iterations = -1;
  // Of the first held input.
  std::int64_t n_fixed = -1, n_stable = -1, index_sum = -1;
  std::string completeness;
  std::vector<Point> points;  // of all inputs
};

void add_points(const std::vector<fixed_points::FixedPointSet>& sets, Member& member) {
  for (std::size_t j = 0; j < sets.size(); ++j)
    for (const fixed_points::FixedPoint& point : sets[j].points)
      member.points.push_back(
          {static_cast<std::int64_t>(j), point.n_unstable, std::string(name_of(point.kind)),
           point.readout,
           point.eigenvalues.head(std::min(kEigenvalues, point.eigenvalues.size()))});
  if (sets.empty()) return;
  const fixed_points::FixedPointSet& first = sets.front();
  member.n_fixed = first.n_fixed();
  member.n_stable = std::count_if(first.points.begin(), first.points.end(), [](const auto& point) {
    return point.kind == fixed_points::Kind::fixed && point.n_unstable == 0;
  });
  member.index_sum = first.audit.index_sum;
  member.completeness = name_of(first.audit.completeness);
}

Member read_member(const std::string& folder, const Unit& unit, const UnitStatus& status) {
  Member member;
  member.state = status.state;
  if (status.state != UnitState::done && status.state != UnitState::diverged) return member;
  const std::string path = unit_path(folder, unit.key);
  const NamedArrays file = results::read_result(path);
  results::reading(path, [&] {
    member.iterations = static_cast<std::int64_t>(file.values("loss").size());
    member.untrained_loss = file.scalar("untrained_loss");
    member.untrained_accuracy = file.scalar("untrained_accuracy");
    if (const std::vector<double> losses = file.values("validation_loss"); !losses.empty()) {
      member.loss = losses.back();
      member.accuracy = file.values("validation_accuracy").back();
    }
    if (status.state == UnitState::done)
      add_points(fixed_points::fixed_point_sets_from_arrays(file.group("analysis")), member);
  });
  return member;
}

Vector numbers(const std::vector<Member>& members, double Member::*value) {
  Vector result(static_cast<Index>(members.size()));
  for (std::size_t i = 0; i < members.size(); ++i)
    result[static_cast<Index>(i)] = members[i].*value;
  return result;
}

std::vector<std::int64_t> counts(const std::vector<Member>& members, std::int64_t Member::*value) {
  std::vector<std::int64_t> result;
  for (const Member& member : members) result.push_back(member.*value);
  return result;
}

void set_points(NamedArrays& file, const std::vector<Member>& members) {
  std::vector<std::int64_t> network, input, n_unstable;
  std::vector<std::string> kind;
  std::vector<const Point*> points;
  Index n_outputs = 0;
  for (std::size_t i = 0; i < members.size(); ++i)
    for (const Point& point : members[i].points) {
      network.push_back(static_cast<std::int64_t>(i));
      input.push_back(point.input);
      n_unstable.push_back(point.n_unstable);
      kind.push_back(point.kind);
      points.push_back(&point);
      n_outputs = std::max(n_outputs, point.readout.size());
    }
  const auto n = static_cast<Index>(points.size());
  Matrix readout = Matrix::Constant(n, n_outputs, kNone);
  Matrix re = Matrix::Constant(n, kEigenvalues, kNone), im = re;
  for (Index i = 0; i < n; ++i) {
    const Point& point = *points[static_cast<std::size_t>(i)];
    const Index n_values = point.eigenvalues.size();
    readout.row(i).head(point.readout.size()) = point.readout.transpose();
    re.row(i).head(n_values) = point.eigenvalues.real().transpose();
    im.row(i).head(n_values) = point.eigenvalues.imag().transpose();
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
  for (std::size_t i = 0; i < members.size(); ++i) {
    keys.push_back(plan.units[i].key);
    states.emplace_back(name_of(members[i].state));
    completeness.push_back(members[i].completeness);
    for (const auto& [name, value] : plan.units[i].factors) factors[name].push_back(value);
  }
  file.set_strings("key", keys, dimension, "hash of the configuration");
  file.set_strings("state", states, dimension, "done, diverged, failed, unfinished or planned");
  for (const auto& [name, values] : factors)
    file.set_strings("factor_" + name, values, dimension, "factor " + name);
  file.set_integers("iterations", counts(members, &Member::iterations), dimension,
                    "training iterations done");
  file.set_vector("validation_loss", numbers(members, &Member::loss), dimension,
                  "loss on held-out trials, without the penalty");
  file.set_vector("validation_accuracy", numbers(members, &Member::accuracy), dimension,
                  "share of correct outputs on held-out trials, or of the variance explained");
  file.set_vector("untrained_loss", numbers(members, &Member::untrained_loss), dimension,
                  "loss on these trials before training");
  file.set_vector("untrained_accuracy", numbers(members, &Member::untrained_accuracy), dimension,
                  "accuracy on these trials before training");
  file.set_integers("n_fixed_points", counts(members, &Member::n_fixed), dimension,
                    "fixed points under the first held input");
  file.set_integers("n_stable", counts(members, &Member::n_stable), dimension,
                    "of these, stable ones");
  file.set_integers("index_sum", counts(members, &Member::index_sum), dimension,
                    "sum of their indices");
  file.set_strings("completeness", completeness, dimension, "completeness of this set");
  set_points(file, members);
  file.attributes["plan_hash"] = plan.hash;
  file.attributes["study"] = plan.study;
  file.attributes["name"] = plan.name;
  file.attributes["result_hash"] = study_hash(status);
  return file;
}

}  // namespace nullcline::studies
