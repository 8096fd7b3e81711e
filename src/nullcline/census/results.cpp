// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/results.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/core/error.hpp"

namespace nullcline::census {

namespace {

constexpr const char* kTopology = "topology";

struct Total {
  const char* name;
  std::int64_t Census::*value;
  const char* text;
};
constexpr Total kTotals[] = {
    {"n_rounds", &Census::n_rounds, "rounds of 64 networks that are done"},
    {"n_networks", &Census::n_networks, "networks looked at"},
    {"n_decided", &Census::n_decided, "networks whose topology is known"},
    {"n_degenerate", &Census::n_degenerate, "networks with points of undecided type"},
    {"n_unproven", &Census::n_unproven, "networks whose points were not enumerated with proof"},
    {"n_near_connection", &Census::n_near_connection,
     "networks with a trajectory too near to a saddle to say where it goes"},
    {"n_undecided", &Census::n_undecided, "networks with a trajectory whose end is not known"},
};

std::size_t widest(const Census& census) {
  std::size_t n = 0;
  for (const Topology& topology : census.topologies) n = std::max(n, topology.counts.points.size());
  return n;
}

}  // namespace

NamedArrays to_arrays(const Census& census) {
  NamedArrays arrays;
  const auto n = static_cast<Index>(census.topologies.size());
  const auto n_parameters = static_cast<Index>(census.ranges.size());
  const std::size_t n_kinds = widest(census);
  std::vector<std::string> names, forms, parameters;
  std::vector<std::int64_t> counts, firsts, stable, unstable;
  Matrix points = Matrix::Zero(n, static_cast<Index>(n_kinds)), values(n, n_parameters);
  Matrix last_values(n, n_parameters);
  std::vector<std::int64_t> tori, chaotic;
  Vector exponents(n), exponent_errors(n);
  Matrix exponent_values =
      Matrix::Constant(n, n_parameters, std::numeric_limits<double>::quiet_NaN());
  for (Index i = 0; i < n; ++i) {
    const Topology& topology = census.topologies[static_cast<std::size_t>(i)];
    names.push_back(topology.name);
    forms.push_back(topology.form);
    counts.push_back(topology.n_networks);
    firsts.push_back(topology.first);
    stable.push_back(topology.counts.n_stable_cycles);
    unstable.push_back(topology.counts.n_unstable_cycles);
    tori.push_back(topology.counts.n_tori);
    chaotic.push_back(topology.counts.n_chaotic);
    exponents(i) = topology.exponent;
    exponent_errors(i) = topology.exponent_error;
    if (topology.exponent_values.size() > 0)
      exponent_values.row(i) = topology.exponent_values.transpose();
    for (std::size_t k = 0; k < topology.counts.points.size(); ++k)
      points(i, static_cast<Index>(k)) = topology.counts.points[k];
    values.row(i) = topology.values.transpose();
    last_values.row(i) = topology.last_values.transpose();
  }
  Vector lower(n_parameters), upper(n_parameters);
  for (Index i = 0; i < n_parameters; ++i) {
    const Range& range = census.ranges[static_cast<std::size_t>(i)];
    parameters.push_back(range.name);
    lower(i) = range.lower;
    upper(i) = range.upper;
  }
  arrays.set_strings("name", std::move(names), kTopology, "points by unstable directions, cycles");
  arrays.set_strings("form", std::move(forms), kTopology, "canonical form of the connection graph");
  arrays.set_integers("count", std::move(counts), kTopology, "networks that have it");
  arrays.set_integers("first", std::move(firsts), kTopology, "number of the first of them");
  arrays.set_integers("n_stable_cycles", std::move(stable), kTopology, "stable cycles");
  arrays.set_integers("n_unstable_cycles", std::move(unstable), kTopology, "unstable cycles");
  arrays.set_integers("n_tori", std::move(tori), kTopology, "tori and invariant circles");
  arrays.set_integers("n_chaotic", std::move(chaotic), kTopology, "chaotic attractors");
  arrays.set_vector("exponent", exponents, kTopology, "largest Lyapunov exponent of chaos");
  arrays.set_vector("exponent_error", exponent_errors, kTopology, "its standard error");
  arrays.set("exponent_values", exponent_values, {kTopology, "parameter"},
             "parameters of the network with the largest exponent");
  arrays.set("n_points", points, {kTopology, "unstable_directions"},
             "fixed points with 0, 1, ... unstable directions");
  arrays.set("values", values, {kTopology, "parameter"}, "parameters of the first of them");
  arrays.set("last_values", last_values, {kTopology, "parameter"},
             "parameters of the last of them");
  arrays.set_strings("parameter_name", std::move(parameters), "parameter", "name");
  arrays.set_vector("lower", lower, "parameter", "lower end of the range");
  arrays.set_vector("upper", upper, "parameter", "upper end of the range");
  for (const Total& total : kTotals)
    arrays.set_scalar(total.name, static_cast<double>(census.*total.value), total.text);
  return arrays;
}

Census census_from_arrays(const NamedArrays& arrays) {
  Census census;
  for (const Total& total : kTotals)
    census.*total.value = static_cast<std::int64_t>(arrays.scalar(total.name));
  const auto parameters = arrays.strings("parameter_name");
  const Vector lower = arrays.vector("lower"), upper = arrays.vector("upper");
  const auto names = arrays.strings("name"), forms = arrays.strings("form");
  const auto counts = arrays.integers("count"), firsts = arrays.integers("first");
  const auto stable = arrays.integers("n_stable_cycles");
  const auto unstable = arrays.integers("n_unstable_cycles");
  const Matrix points = arrays.matrix("n_points"), values = arrays.matrix("values");
  const Matrix last_values = arrays.matrix("last_values");
  const auto tori = arrays.integers("n_tori"), chaotic = arrays.integers("n_chaotic");
  const Vector exponents = arrays.vector("exponent");
  const Vector exponent_errors = arrays.vector("exponent_error");
  const Matrix exponent_values = arrays.matrix("exponent_values");
  const auto n = names.size();
  const auto n_rows = static_cast<Index>(n);
  const auto n_parameters = static_cast<Index>(parameters.size());
  if (lower.size() != n_parameters || upper.size() != n_parameters || forms.size() != n ||
      counts.size() != n || firsts.size() != n || stable.size() != n || unstable.size() != n ||
      points.rows() != n_rows || values.rows() != n_rows || values.cols() != n_parameters ||
      last_values.rows() != n_rows || last_values.cols() != n_parameters || tori.size() != n ||
      chaotic.size() != n || exponents.size() != n_rows || exponent_errors.size() != n_rows ||
      exponent_values.rows() != n_rows || exponent_values.cols() != n_parameters)
    throw FormatError("census: the arrays do not have the same numbers of topologies, parameters");
  for (Index i = 0; i < n_parameters; ++i)
    census.ranges.push_back({parameters[static_cast<std::size_t>(i)], lower(i), upper(i)});
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = static_cast<Index>(i);
    Counts nodes;
    for (Index k = 0; k < points.cols(); ++k)
      nodes.points.push_back(static_cast<int>(points(row, k)));
    nodes.n_stable_cycles = static_cast<int>(stable[i]);
    nodes.n_unstable_cycles = static_cast<int>(unstable[i]);
    nodes.n_tori = static_cast<int>(tori[i]);
    nodes.n_chaotic = static_cast<int>(chaotic[i]);
    census.topologies.push_back({names[i], forms[i], std::move(nodes), counts[i], firsts[i],
                                 values.row(row).transpose(), last_values.row(row).transpose()});
    if (std::isnan(exponents(row))) continue;
    Topology& topology = census.topologies.back();
    topology.exponent = exponents(row);
    topology.exponent_error = exponent_errors(row);
    topology.exponent_values = exponent_values.row(row).transpose();
  }
  return census;
}

}  // namespace nullcline::census
