// SPDX-License-Identifier: BSD-3-Clause
// Sets of fixed points as named arrays. A variable may not bear the name of a dimension, so the
// states along dimension "state" are called "states".
#include <bit>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

namespace {

struct Sizes {
  std::size_t n_points = 0, n_states = 0, n_modes = 0, n_outputs = 0;
};

// Every point of the list must have the same sizes; a readout may be absent everywhere.
Sizes common_sizes(const std::vector<FixedPointSet>& sets) {
  Sizes sizes;
  for (const FixedPointSet& set : sets)
    for (const FixedPoint& point : set.points) {
      const auto n_states = static_cast<std::size_t>(point.state.size());
      const auto n_outputs = static_cast<std::size_t>(point.readout.size());
      const auto n_modes = static_cast<std::size_t>(point.right_eigenvectors.cols());
      if (sizes.n_points++ == 0) {
        sizes.n_states = n_states;
        sizes.n_modes = n_modes;
        sizes.n_outputs = n_outputs;
      }
      const bool has_modes = point.eigenvalues.size() == point.state.size() &&
                             point.right_eigenvectors.rows() == point.state.size() &&
                             n_modes == sizes.n_modes && n_modes <= n_states &&
                             point.left_eigenvectors.rows() == point.right_eigenvectors.cols() &&
                             point.left_eigenvectors.cols() == point.state.size() &&
                             point.time_constants.size() == point.state.size() &&
                             point.frequencies.size() == point.state.size();
      if (n_states != sizes.n_states || n_outputs != sizes.n_outputs || !has_modes)
        throw InvalidInput("fixed points: found points of different sizes, expected one system");
    }
  return sizes;
}

// Collects one value, row or matrix for each point, and stores them as one array.
class Writer {
 public:
  Writer(const std::vector<FixedPointSet>& sets, Index n_states, NamedArrays& arrays)
      : sets_(sets), sizes_(common_sizes(sets)), arrays_(arrays) {
    if (sizes_.n_points == 0) sizes_.n_modes = sizes_.n_states = static_cast<std::size_t>(n_states);
  }

  const Sizes& sizes() const { return sizes_; }

  template <class Get>
  void numbers(const char* name, const char* long_name, const char* units, Get&& get) {
    array(name, {"fixed_point"}, {sizes_.n_points}, long_name, units,
          [&](const FixedPoint& point, std::vector<double>& data) { data.push_back(get(point)); });
  }

  template <class Get>
  void integers(const char* name, const char* long_name, Get&& get) {
    std::vector<std::int64_t> values;
    for_each([&](const FixedPoint& point) { values.push_back(get(point)); });
    arrays_.set_integers(name, std::move(values), "fixed_point", long_name);
  }

  template <class Get>
  void strings(const char* name, const char* long_name, Get&& get) {
    std::vector<std::string> values;
    for_each([&](const FixedPoint& point) { values.emplace_back(get(point)); });
    arrays_.set_strings(name, std::move(values), "fixed_point", long_name);
  }

  /// `append(point, data)` adds the point's numbers, row-major.
  template <class Append>
  void array(const char* name, std::vector<std::string> dimensions, std::vector<std::size_t> shape,
             const char* long_name, const char* units, Append&& append) {
    std::vector<double> data;
    for_each([&](const FixedPoint& point) { append(point, data); });
    NamedArray result{std::move(dimensions), std::move(shape), std::move(data), {}};
    result.attributes["long_name"] = std::string(long_name);
    result.attributes["units"] = std::string(units);
    arrays_.set(name, std::move(result));
  }

  template <class Body>
  void for_each(Body&& body) {
    for (const FixedPointSet& set : sets_)
      for (const FixedPoint& point : set.points) body(point);
  }

 private:
  const std::vector<FixedPointSet>& sets_;
  Sizes sizes_;
  NamedArrays& arrays_;
};

void append(std::vector<double>& data, const Vector& values) {
  data.insert(data.end(), values.data(), values.data() + values.size());
}

void append(std::vector<double>& data, const Matrix& values) {
  data.insert(data.end(), values.data(), values.data() + values.size());
}

void write_states(Writer& writer) {
  const Sizes& n = writer.sizes();
  writer.array("states", {"fixed_point", "state"}, {n.n_points, n.n_states}, "state", "1",
               [](const FixedPoint& p, auto& data) { append(data, p.state); });
  if (n.n_outputs > 0)
    writer.array("readouts", {"fixed_point", "output"}, {n.n_points, n.n_outputs},
                 "readout at the state", "1",
                 [](const FixedPoint& p, auto& data) { append(data, p.readout); });
  writer.numbers("speed", "q = 1/2 |F(h) - h|^2", "1", [](const auto& p) { return p.speed; });
  writer.numbers("residual", "infinity norm of F(h) - h", "1",
                 [](const auto& p) { return p.residual; });
  writer.numbers("radius", "error radius in the infinity norm", "1",
                 [](const auto& p) { return p.radius; });
  writer.numbers("uniqueness_radius", "no other fixed point is this near (reduced coordinates)",
                 "1", [](const auto& p) { return p.uniqueness_radius; });
  writer.numbers("hull_radius",
                 "fixed points that cannot be told apart are this near (undecided points of an "
                 "enumeration)",
                 "1", [](const auto& p) { return p.hull_radius; });
  writer.numbers("lifetime", "time that a passage takes, slow points only", "step",
                 [](const auto& p) { return p.lifetime; });
  writer.numbers("exclusion_radius", "no fixed point is this near, slow points only", "1",
                 [](const auto& p) { return p.exclusion_radius; });
  writer.strings("kind", "fixed, slow or undecided", [](const auto& p) { return name_of(p.kind); });
  writer.strings("verdict", "whether existence and uniqueness were proven",
                 [](const auto& p) { return name_of(p.verdict); });
  writer.strings("stability", "stability of the linearization",
                 [](const auto& p) { return name_of(p.stability); });
  writer.strings("stability_verdict", "whether n_unstable and stability were proven",
                 [](const auto& p) { return name_of(p.stability_verdict); });
  writer.numbers("eigenvalue_radius", "proven error of the eigenvalues", "1",
                 [](const auto& p) { return p.eigenvalue_radius; });
  writer.integers("n_unstable", "number of unstable directions",
                  [](const auto& p) { return p.n_unstable; });
  writer.integers("index", "sign det(I - J)", [](const auto& p) { return p.index; });
  writer.integers("has_index", "0 where the index is not known (undecided points)",
                  [](const auto& p) { return p.has_index ? 1 : 0; });
  writer.integers("hits", "counted starts that met this point",
                  [](const auto& p) { return p.hits; });
  writer.integers("defective", "1 if the modes are unreliable",
                  [](const auto& p) { return p.defective ? 1 : 0; });
  writer.integers("at_kink", "1 if a relu sits at its kink",
                  [](const auto& p) { return p.at_kink ? 1 : 0; });
}

void write_modes(Writer& writer) {
  const Sizes& n = writer.sizes();
  const std::vector<std::string> values{"fixed_point", "eigenvalue"};
  const std::vector<std::size_t> values_shape{n.n_points, n.n_states};
  writer.array("eigenvalues_re", values, values_shape, "eigenvalues of dF/dh, real part", "1",
               [](const auto& p, auto& data) { append(data, Vector(p.eigenvalues.real())); });
  writer.array("eigenvalues_im", values, values_shape, "eigenvalues of dF/dh, imaginary part", "1",
               [](const auto& p, auto& data) { append(data, Vector(p.eigenvalues.imag())); });
  writer.array("time_constants", values, values_shape, "time constants of the modes", "step",
               [](const auto& p, auto& data) { append(data, p.time_constants); });
  writer.array("frequencies", values, values_shape, "frequencies of the modes", "cycle/step",
               [](const auto& p, auto& data) { append(data, p.frequencies); });
  const std::vector<std::size_t> right_shape{n.n_points, n.n_states, n.n_modes};
  const std::vector<std::string> right{"fixed_point", "state", "mode"};
  writer.array(
      "right_eigenvectors_re", right, right_shape, "right eigenvectors, real part", "1",
      [](const auto& p, auto& data) { append(data, Matrix(p.right_eigenvectors.real())); });
  writer.array(
      "right_eigenvectors_im", right, right_shape, "right eigenvectors, imaginary part", "1",
      [](const auto& p, auto& data) { append(data, Matrix(p.right_eigenvectors.imag())); });
  const std::vector<std::string> left{"fixed_point", "mode", "state"};
  const std::vector<std::size_t> left_shape{n.n_points, n.n_modes, n.n_states};
  writer.array("left_eigenvectors_re", left, left_shape, "left eigenvectors, real part", "1",
               [](const auto& p, auto& data) { append(data, Matrix(p.left_eigenvectors.real())); });
  writer.array("left_eigenvectors_im", left, left_shape, "left eigenvectors, imaginary part", "1",
               [](const auto& p, auto& data) { append(data, Matrix(p.left_eigenvectors.imag())); });
}

// One number for each input.
class SetWriter {
 public:
  SetWriter(const std::vector<FixedPointSet>& sets, NamedArrays& arrays)
      : sets_(sets), arrays_(arrays) {}

  template <class Get>
  void numbers(const char* name, const char* long_name, const char* units, Get&& get) {
    Vector values(static_cast<Index>(sets_.size()));
    for (std::size_t i = 0; i < sets_.size(); ++i) values(static_cast<Index>(i)) = get(sets_[i]);
    arrays_.set_vector(name, values, "input", long_name, units);
  }

  template <class Get>
  void integers(const char* name, const char* long_name, Get&& get) {
    std::vector<std::int64_t> values;
    for (const FixedPointSet& set : sets_) values.push_back(get(set));
    arrays_.set_integers(name, std::move(values), "input", long_name);
  }

  template <class Get>
  void strings(const char* name, const char* long_name, Get&& get) {
    std::vector<std::string> values;
    for (const FixedPointSet& set : sets_) values.emplace_back(get(set));
    arrays_.set_strings(name, std::move(values), "input", long_name);
  }

 private:
  const std::vector<FixedPointSet>& sets_;
  NamedArrays& arrays_;
};

void write_inputs(const std::vector<FixedPointSet>& sets, NamedArrays& arrays) {
  const Index n_channels = sets.empty() ? 0 : sets.front().input.size();
  Matrix inputs(static_cast<Index>(sets.size()), n_channels);
  std::vector<std::int64_t> input_index;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].input.size() != n_channels)
      throw InvalidInput("fixed points: found inputs of different sizes, expected one system");
    inputs.row(static_cast<Index>(i)) = sets[i].input.transpose();
    input_index.insert(input_index.end(), sets[i].points.size(), static_cast<std::int64_t>(i));
  }
  if (n_channels > 0) arrays.set("inputs", inputs, {"input", "channel"}, "held inputs");
  arrays.set_integers("input_index", std::move(input_index), "fixed_point",
                      "the input that the point belongs to");
}

void write_audits(SetWriter& writer) {
  writer.numbers("seconds", "time that the search took", "s",
                 [](const auto& set) { return set.seconds; });
  writer.integers("seed", "seed of the starts (64 bits)",
                  [](const FixedPointSet& set) { return std::bit_cast<std::int64_t>(set.seed); });
  writer.integers("index_sum", "sum of the indices",
                  [](const auto& set) { return set.audit.index_sum; });
  writer.numbers("index_expected", "proven sum of the indices, NaN if there is none", "1",
                 [](const auto& set) {
                   return set.audit.index_expected ? static_cast<double>(*set.audit.index_expected)
                                                   : std::numeric_limits<double>::quiet_NaN();
                 });
  writer.strings("completeness", "what is known about points that were not found",
                 [](const auto& set) { return name_of(set.audit.completeness); });
  writer.strings("completeness_note", "the same in a sentence",
                 [](const auto& set) { return set.audit.completeness_note; });
  writer.numbers("unseen_estimate", "Chao1 estimate of points not found", "1",
                 [](const auto& set) { return set.audit.unseen_estimate; });
  writer.numbers("coverage", "Good-Turing coverage", "1",
                 [](const auto& set) { return set.audit.coverage; });
  writer.numbers("capture_bound", "capture probability found with 99.9 %", "1",
                 [](const auto& set) { return set.audit.capture_bound; });
  writer.integers("min_hits", "fewest hits of a fixed point",
                  [](const auto& set) { return set.audit.min_hits; });
  writer.integers("n_starts", "counted starts", [](const auto& set) { return set.audit.n_starts; });
  writer.integers("n_converged", "counted starts that met a point",
                  [](const auto& set) { return set.audit.n_converged; });
  writer.integers("n_outside_box", "end states outside the trapping box",
                  [](const auto& set) { return set.audit.n_outside_box; });
  writer.integers("n_unconverged", "counted starts that met none",
                  [](const auto& set) { return set.audit.n_unconverged; });
  writer.integers("n_newton_steps", "linear solves in all",
                  [](const auto& set) { return set.audit.n_newton_steps; });
}

}  // namespace

NamedArrays to_arrays(const std::vector<FixedPointSet>& sets, Index n_states) {
  NamedArrays arrays;
  Writer points(sets, n_states, arrays);
  write_states(points);
  write_modes(points);
  write_inputs(sets, arrays);
  SetWriter audits(sets, arrays);
  write_audits(audits);
  return arrays;
}

}  // namespace nullcline::fixed_points
