// SPDX-License-Identifier: BSD-3-Clause
// Sets of fixed points back from named arrays. The arrays come from a file: nothing in them is
// trusted.
#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

namespace {

template <class Enum>
Enum read_enum(const std::string& text, const char* name) {
  try {
    return parse_enum<Enum>(text, name);
  } catch (const InvalidInput& error) {
    throw FormatError(error.what());
  }
}

int to_int(std::int64_t value, const char* name) {
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
    throw FormatError(fmt::format("array '{}': {} is out of range", name, value));
  return static_cast<int>(value);
}

// The arrays of points; each must have one entry per point.
class Reader {
 public:
  explicit Reader(const NamedArrays& arrays) : arrays_(arrays) {
    const NamedArray& states = arrays.at("states");
    if (states.shape.size() != 2)
      throw FormatError(fmt::format("array 'states' has {} axes, expected 2", states.shape.size()));
    n_points_ = states.shape[0];
    n_states_ = states.shape[1];
  }

  std::size_t n_points() const { return n_points_; }
  std::size_t n_states() const { return n_states_; }

  std::vector<double> block(const char* name, const std::vector<std::size_t>& shape) const {
    if (arrays_.at(name).shape != shape)
      throw FormatError(fmt::format("array '{}' has another shape than the states demand", name));
    return arrays_.values(name);
  }
  std::vector<double> numbers(const char* name) const { return block(name, {n_points_}); }
  std::vector<std::int64_t> integers(const char* name) const {
    require_one_each(name);
    return arrays_.integers(name);
  }
  std::vector<std::string> strings(const char* name) const {
    require_one_each(name);
    return arrays_.strings(name);
  }
  const NamedArrays& arrays() const { return arrays_; }

 private:
  void require_one_each(const char* name) const {
    if (arrays_.at(name).shape != std::vector<std::size_t>{n_points_})
      throw FormatError(
          fmt::format("array '{}' must have one entry for each of {} points", name, n_points_));
  }

  const NamedArrays& arrays_;
  std::size_t n_points_ = 0, n_states_ = 0;
};

Eigen::Map<const Vector> slice(const std::vector<double>& data, std::size_t point, std::size_t n) {
  return {data.data() + point * n, static_cast<Index>(n)};
}

ComplexVector complex_slice(const std::vector<double>& re, const std::vector<double>& im,
                            std::size_t point, std::size_t n) {
  ComplexVector result(static_cast<Index>(n));
  result.real() = slice(re, point, n);
  result.imag() = slice(im, point, n);
  return result;
}

ComplexMatrix complex_block(const std::vector<double>& re, const std::vector<double>& im,
                            std::size_t point, std::size_t rows, std::size_t cols) {
  const ComplexVector flat = complex_slice(re, im, point, rows * cols);
  return Eigen::Map<const ComplexMatrix>(flat.data(), static_cast<Index>(rows),
                                         static_cast<Index>(cols));
}

// Eigenvectors are kept of all eigenvalues or of the leading ones.
std::size_t number_of_modes(const NamedArrays& arrays, std::size_t n_states) {
  const std::vector<std::size_t>& shape = arrays.at("right_eigenvectors_re").shape;
  if (shape.size() != 3 || shape[2] > n_states)
    throw FormatError("array 'right_eigenvectors_re' has another shape than the states demand");
  return shape[2];
}

void read_states(const Reader& reader, std::vector<FixedPoint>& points) {
  const std::size_t n = reader.n_states();
  const auto states = reader.block("states", {reader.n_points(), n});
  std::vector<double> readouts;
  std::size_t n_outputs = 0;
  if (reader.arrays().has("readouts")) {
    const NamedArray& array = reader.arrays().at("readouts");
    n_outputs = array.shape.size() == 2 ? array.shape[1] : 0;
    readouts = reader.block("readouts", {reader.n_points(), n_outputs});
  }
  const auto speed = reader.numbers("speed"), residual = reader.numbers("residual");
  const auto radius = reader.numbers("radius"), lifetime = reader.numbers("lifetime");
  const auto uniqueness = reader.numbers("uniqueness_radius");
  // Absent in files of earlier versions.
  const auto hull_radius = reader.arrays().has("hull_radius")
                               ? reader.numbers("hull_radius")
                               : std::vector<double>(points.size(), 0.0);
  const auto has_index = reader.arrays().has("has_index")
                             ? reader.integers("has_index")
                             : std::vector<std::int64_t>(points.size(), 1);
  const auto kind = reader.strings("kind"), verdict = reader.strings("verdict");
  const auto stability = reader.strings("stability");
  const auto exclusion = reader.numbers("exclusion_radius");
  const auto stability_verdict = reader.strings("stability_verdict");
  const auto eigenvalue_radius = reader.numbers("eigenvalue_radius");
  const auto n_unstable = reader.integers("n_unstable"), index = reader.integers("index");
  const auto hits = reader.integers("hits"), defective = reader.integers("defective");
  const auto at_kink = reader.integers("at_kink");
  for (std::size_t i = 0; i < points.size(); ++i) {
    FixedPoint& point = points[i];
    point.state = slice(states, i, n);
    point.readout = slice(readouts, i, n_outputs);
    point.speed = speed[i];
    point.residual = residual[i];
    point.radius = radius[i];
    point.uniqueness_radius = uniqueness[i];
    point.hull_radius = hull_radius[i];
    point.lifetime = lifetime[i];
    point.exclusion_radius = exclusion[i];
    point.kind = read_enum<Kind>(kind[i], "kind");
    point.verdict = read_enum<Verdict>(verdict[i], "verdict");
    point.stability = read_enum<Stability>(stability[i], "stability");
    point.stability_verdict = read_enum<Verdict>(stability_verdict[i], "stability_verdict");
    point.eigenvalue_radius = eigenvalue_radius[i];
    point.n_unstable = to_int(n_unstable[i], "n_unstable");
    point.index = to_int(index[i], "index");
    point.has_index = has_index[i] != 0;
    point.hits = hits[i];
    point.defective = defective[i] != 0;
    point.at_kink = at_kink[i] != 0;
  }
}

void read_modes(const Reader& reader, std::vector<FixedPoint>& points) {
  const std::size_t n = reader.n_states();
  const std::size_t n_modes = number_of_modes(reader.arrays(), n);
  const std::vector<std::size_t> values{reader.n_points(), n};
  const std::vector<std::size_t> columns{reader.n_points(), n, n_modes};
  const std::vector<std::size_t> rows{reader.n_points(), n_modes, n};
  const auto re = reader.block("eigenvalues_re", values),
             im = reader.block("eigenvalues_im", values);
  const auto time_constants = reader.block("time_constants", values);
  const auto frequencies = reader.block("frequencies", values);
  const auto right_re = reader.block("right_eigenvectors_re", columns);
  const auto right_im = reader.block("right_eigenvectors_im", columns);
  const auto left_re = reader.block("left_eigenvectors_re", rows);
  const auto left_im = reader.block("left_eigenvectors_im", rows);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].eigenvalues = complex_slice(re, im, i, n);
    points[i].time_constants = slice(time_constants, i, n);
    points[i].frequencies = slice(frequencies, i, n);
    points[i].right_eigenvectors = complex_block(right_re, right_im, i, n, n_modes);
    points[i].left_eigenvectors = complex_block(left_re, left_im, i, n_modes, n);
  }
}

template <class Value>
void require_inputs(const std::vector<Value>& values, std::size_t n, const char* name) {
  if (values.size() != n)
    throw FormatError(fmt::format("array '{}' has {} entries, expected {} (one per input)", name,
                                  values.size(), n));
}

// Arrays with one entry per input.
class AuditReader {
 public:
  AuditReader(const NamedArrays& arrays, std::size_t n_inputs)
      : arrays_(arrays), n_inputs_(n_inputs) {}

  std::vector<double> numbers(const char* name) const {
    return checked(arrays_.values(name), name);
  }
  std::vector<std::int64_t> integers(const char* name) const {
    return checked(arrays_.integers(name), name);
  }
  std::vector<std::string> strings(const char* name) const {
    return checked(arrays_.strings(name), name);
  }

 private:
  template <class Values>
  Values checked(Values values, const char* name) const {
    require_inputs(values, n_inputs_, name);
    return values;
  }

  const NamedArrays& arrays_;
  std::size_t n_inputs_;
};

void read_counts(const AuditReader& reader, std::vector<FixedPointSet>& sets) {
  const auto min_hits = reader.integers("min_hits"), n_starts = reader.integers("n_starts");
  const auto n_converged = reader.integers("n_converged");
  const auto n_outside_box = reader.integers("n_outside_box");
  const auto n_unconverged = reader.integers("n_unconverged");
  const auto n_newton_steps = reader.integers("n_newton_steps");
  for (std::size_t i = 0; i < sets.size(); ++i) {
    Audit& audit = sets[i].audit;
    audit.min_hits = min_hits[i];
    audit.n_starts = n_starts[i];
    audit.n_converged = n_converged[i];
    audit.n_outside_box = n_outside_box[i];
    audit.n_unconverged = n_unconverged[i];
    audit.n_newton_steps = n_newton_steps[i];
  }
}

void read_audits(const AuditReader& reader, std::vector<FixedPointSet>& sets) {
  const auto seconds = reader.numbers("seconds");
  const auto seed = reader.integers("seed"), index_sum = reader.integers("index_sum");
  const auto expected = reader.numbers("index_expected");
  const auto completeness = reader.strings("completeness");
  const auto note = reader.strings("completeness_note");
  const auto unseen = reader.numbers("unseen_estimate"), coverage = reader.numbers("coverage");
  const auto capture_bound = reader.numbers("capture_bound");
  for (std::size_t i = 0; i < sets.size(); ++i) {
    sets[i].seconds = seconds[i];
    sets[i].seed = std::bit_cast<std::uint64_t>(seed[i]);
    Audit& audit = sets[i].audit;
    audit.index_sum = to_int(index_sum[i], "index_sum");
    if (!std::isnan(expected[i])) {
      if (!(std::abs(expected[i]) <= 1e6))
        throw FormatError(fmt::format("array 'index_expected': {} is out of range", expected[i]));
      audit.index_expected = static_cast<int>(expected[i]);
    }
    audit.completeness = read_enum<Completeness>(completeness[i], "completeness");
    audit.completeness_note = note[i];
    audit.unseen_estimate = unseen[i];
    audit.coverage = coverage[i];
    audit.capture_bound = capture_bound[i];
  }
  read_counts(reader, sets);
}

}  // namespace

std::vector<FixedPointSet> fixed_point_sets_from_arrays(const NamedArrays& arrays) {
  const Reader reader(arrays);
  std::vector<FixedPoint> points(reader.n_points());
  read_states(reader, points);
  read_modes(reader, points);
  std::vector<FixedPointSet> sets(arrays.strings("completeness").size());
  read_audits(AuditReader(arrays, sets.size()), sets);
  Matrix inputs(static_cast<Index>(sets.size()), 0);
  if (arrays.has("inputs")) inputs = arrays.matrix("inputs");
  if (inputs.rows() != static_cast<Index>(sets.size()))
    throw FormatError(fmt::format("array 'inputs' has {} rows, expected {} (one per input)",
                                  inputs.rows(), sets.size()));
  for (std::size_t i = 0; i < sets.size(); ++i)
    sets[i].input = inputs.row(static_cast<Index>(i)).transpose();
  const auto input_index = reader.integers("input_index");
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (input_index[i] < 0 || input_index[i] >= static_cast<std::int64_t>(sets.size()))
      throw FormatError(fmt::format("array 'input_index': found {}, expected 0 to {}",
                                    input_index[i], static_cast<std::int64_t>(sets.size()) - 1));
    sets[static_cast<std::size_t>(input_index[i])].points.push_back(std::move(points[i]));
  }
  return sets;
}

}  // namespace nullcline::fixed_points
