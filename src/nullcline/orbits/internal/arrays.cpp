// SPDX-License-Identifier: BSD-3-Clause
// Orbits as named arrays, beside those of the fixed points. Orbits have different numbers of states
// and multipliers: states of all orbits stand in one list, and rows are filled up with NaN.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::orbits {

namespace {

using fixed_points::Completeness;
using fixed_points::Stability;
using fixed_points::Verdict;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class Writer {
 public:
  Writer(const std::vector<OrbitSet>& sets, NamedArrays& arrays) : arrays_(arrays) {
    for (std::size_t i = 0; i < sets.size(); ++i)
      for (const Orbit& orbit : sets[i].orbits) {
        orbits_.push_back(&orbit);
        input_index_.push_back(static_cast<std::int64_t>(i));
      }
  }

  bool is_empty() const { return orbits_.empty(); }
  void write() {
    arrays_.set_integers("orbit_input_index", input_index_, "orbit",
                         "the input that the orbit belongs to");
    write_values();
    write_points();
    rows("orbit_multipliers_re", "multiplier", "eigenvalues of DF^period, real part",
         [](const Orbit& orbit) { return Vector(orbit.multipliers.real()); });
    rows("orbit_multipliers_im", "multiplier", "eigenvalues of DF^period, imaginary part",
         [](const Orbit& orbit) { return Vector(orbit.multipliers.imag()); });
    rows(
        "orbit_exponents", "exponent", "largest Lyapunov exponents",
        [](const Orbit& orbit) { return orbit.exponents; }, "1/step");
    rows(
        "orbit_exponent_errors", "exponent", "their standard errors",
        [](const Orbit& orbit) { return orbit.exponent_errors; }, "1/step");
  }

 private:
  template <class Get>
  void integers(const char* name, const char* long_name, Get&& get) {
    std::vector<std::int64_t> values;
    for (const Orbit* orbit : orbits_) values.push_back(get(*orbit));
    arrays_.set_integers(name, std::move(values), "orbit", long_name);
  }
  template <class Get>
  void numbers(const char* name, const char* long_name, const char* units, Get&& get) {
    Vector values(static_cast<Index>(orbits_.size()));
    for (std::size_t i = 0; i < orbits_.size(); ++i)
      values(static_cast<Index>(i)) = get(*orbits_[i]);
    arrays_.set_vector(name, values, "orbit", long_name, units);
  }
  template <class Get>
  void strings(const char* name, const char* long_name, Get&& get) {
    std::vector<std::string> values;
    for (const Orbit* orbit : orbits_) values.emplace_back(get(*orbit));
    arrays_.set_strings(name, std::move(values), "orbit", long_name);
  }

  void write_values() {
    strings("orbit_kind", "periodic, invariant_circle, torus, chaotic or undecided",
            [](const Orbit& orbit) { return name_of(orbit.kind); });
    integers("orbit_period", "steps until the orbit closes; number of invariant circles",
             [](const Orbit& orbit) { return orbit.period; });
    numbers("orbit_rotation_number", "turn of an invariant circle in F^period", "1",
            [](const Orbit& orbit) { return orbit.rotation_number; });
    numbers("orbit_residual", "largest error of the equation that the orbit solves", "1",
            [](const Orbit& orbit) { return orbit.residual; });
    strings("orbit_verdict", "whether existence and uniqueness were proven",
            [](const Orbit& orbit) { return name_of(orbit.verdict); });
    numbers("orbit_radius", "error radius in the infinity norm", "1",
            [](const Orbit& orbit) { return orbit.radius; });
    numbers("orbit_uniqueness_radius", "no other orbit of this period is this near", "1",
            [](const Orbit& orbit) { return orbit.uniqueness_radius; });
    strings("orbit_stability", "stability of the orbit",
            [](const Orbit& orbit) { return name_of(orbit.stability); });
    integers("orbit_n_unstable", "number of unstable directions",
             [](const Orbit& orbit) { return orbit.n_unstable; });
    integers("orbit_index", "sign det(I - DF^period), 0 if not periodic",
             [](const Orbit& orbit) { return orbit.index; });
    integers("orbit_at_kink", "1 if a relu sits at its kink",
             [](const Orbit& orbit) { return orbit.at_kink ? 1 : 0; });
    integers("orbit_n_ends", "followed trajectories that end here",
             [](const Orbit& orbit) { return orbit.n_ends; });
    strings("orbit_evidence", "why it is what it is, in a sentence",
            [](const Orbit& orbit) { return orbit.evidence; });
  }

  void write_points() {
    Index n = 0;
    for (const Orbit* orbit : orbits_) n += orbit->points.rows();
    Matrix states(n, orbits_.front()->points.cols());
    Matrix readouts(n, orbits_.front()->readouts.cols());
    std::vector<std::int64_t> owner;
    for (std::size_t i = 0; i < orbits_.size(); ++i) {
      const Orbit& orbit = *orbits_[i];
      const Index first = static_cast<Index>(owner.size()), rows = orbit.points.rows();
      const Index n_read = readouts.cols() > 0 ? rows : 0;
      if (orbit.points.cols() != states.cols() || orbit.readouts.cols() != readouts.cols() ||
          orbit.readouts.rows() != n_read)
        throw InvalidInput("orbits: found states of different sizes, expected one system");
      states.middleRows(first, rows) = orbit.points;
      if (n_read > 0) readouts.middleRows(first, rows) = orbit.readouts;
      owner.insert(owner.end(), static_cast<std::size_t>(rows), static_cast<std::int64_t>(i));
    }
    arrays_.set("orbit_states", states, {"orbit_point", "state"}, "states of the orbits");
    if (readouts.cols() > 0)
      arrays_.set("orbit_readouts", readouts, {"orbit_point", "output"}, "readouts there");
    arrays_.set_integers("orbit_of_point", std::move(owner), "orbit_point",
                         "the orbit that the state belongs to");
  }

  // Vectors of different lengths, filled up with NaN.
  template <class Get>
  void rows(const char* name, const char* dimension, const char* long_name, Get&& get,
            const char* units = "1") {
    Index most = 0;
    for (const Orbit* orbit : orbits_) most = std::max(most, get(*orbit).size());
    if (most == 0) return;
    Matrix values = Matrix::Constant(static_cast<Index>(orbits_.size()), most, kNaN);
    for (std::size_t i = 0; i < orbits_.size(); ++i) {
      const Vector row = get(*orbits_[i]);
      values.row(static_cast<Index>(i)).head(row.size()) = row.transpose();
    }
    arrays_.set(name, values, {"orbit", dimension}, long_name, units);
  }

  std::vector<const Orbit*> orbits_;
  std::vector<std::int64_t> input_index_;
  NamedArrays& arrays_;
};

void write_periods(const std::vector<OrbitSet>& sets, NamedArrays& arrays) {
  std::vector<const PeriodAudit*> audits;
  std::vector<std::int64_t> input_index;
  for (std::size_t i = 0; i < sets.size(); ++i)
    for (const PeriodAudit& audit : sets[i].periods) {
      audits.push_back(&audit);
      input_index.push_back(static_cast<std::int64_t>(i));
    }
  if (audits.empty()) return;
  const auto integers = [&](const char* name, const char* long_name, auto get) {
    std::vector<std::int64_t> values;
    for (const PeriodAudit* audit : audits) values.push_back(get(*audit));
    arrays.set_integers(name, std::move(values), "searched_period", long_name);
  };
  arrays.set_integers("period_input_index", input_index, "searched_period",
                      "the input that the search belongs to");
  integers("period_length", "period of which all orbits were searched",
           [](const PeriodAudit& audit) { return audit.period; });
  integers("period_n_orbits", "orbits of this least period",
           [](const PeriodAudit& audit) { return audit.n_orbits; });
  integers("period_index_sum", "sum of the indices of F^period",
           [](const PeriodAudit& audit) { return audit.index_sum; });
  integers("period_n_undecided", "places where orbits cannot be told apart",
           [](const PeriodAudit& audit) { return audit.n_undecided; });
  Vector expected(static_cast<Index>(audits.size()));
  std::vector<std::string> completeness;
  for (std::size_t i = 0; i < audits.size(); ++i) {
    expected(static_cast<Index>(i)) =
        audits[i]->index_expected ? static_cast<double>(*audits[i]->index_expected) : kNaN;
    completeness.emplace_back(name_of(audits[i]->completeness));
  }
  arrays.set_vector("period_index_expected", expected, "searched_period",
                    "proven sum of the indices, NaN if there is none");
  arrays.set_strings("period_completeness", std::move(completeness), "searched_period",
                     "what is known about orbits that were not found");
}

void write_ends(const std::vector<OrbitSet>& sets, NamedArrays& arrays) {
  const auto integers = [&](const char* name, const char* long_name, auto get) {
    std::vector<std::int64_t> values;
    for (const OrbitSet& set : sets) values.push_back(get(set));
    arrays.set_integers(name, std::move(values), "input", long_name);
  };
  integers("n_trajectories", "trajectories followed to their end",
           [](const OrbitSet& set) { return set.n_trajectories; });
  integers("ends_at_points", "of them: end at fixed points",
           [](const OrbitSet& set) { return set.n_at_points; });
  integers("ends_at_orbits", "of them: end on orbits",
           [](const OrbitSet& set) { return set.n_at_orbits; });
  integers("ends_at_rest_elsewhere", "of them: at rest where no fixed point is listed",
           [](const OrbitSet& set) { return set.n_at_rest_elsewhere; });
  integers("ends_diverged", "of them: diverge", [](const OrbitSet& set) { return set.n_diverged; });
  integers("ends_undecided", "of them: no end was recognized",
           [](const OrbitSet& set) { return set.n_undecided; });
  std::vector<std::string> notes;
  Vector seconds(static_cast<Index>(sets.size()));
  std::vector<std::int64_t> at_point;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    notes.push_back(sets[i].note);
    seconds(static_cast<Index>(i)) = sets[i].seconds;
    at_point.insert(at_point.end(), sets[i].ends_at_point.begin(), sets[i].ends_at_point.end());
  }
  arrays.set_strings("ends_note", std::move(notes), "input", "where trajectories end");
  arrays.set_vector("ends_seconds", seconds, "input", "time that following them took", "s");
  arrays.set_integers("n_ends", std::move(at_point), "fixed_point",
                      "followed trajectories that end here");
}

template <class Enum>
Enum read_enum(const std::string& text, const char* name) {
  try {
    return parse_enum<Enum>(text, name);
  } catch (const InvalidInput& error) {
    throw FormatError(fmt::format("array '{}': {}", name, error.what()));
  }
}

template <class Values>
Values checked(Values values, const char* name, std::size_t n) {
  if (static_cast<std::size_t>(values.size()) != n)
    throw FormatError(
        fmt::format("array '{}' has {} entries, expected {}", name, values.size(), n));
  return values;
}

int to_int(std::int64_t value, const char* name, std::int64_t least = -1000000000) {
  if (value < least || value > 1000000000)
    throw FormatError(fmt::format("array '{}': {} is out of range", name, value));
  return static_cast<int>(value);
}

bool closes(Kind kind) { return kind == Kind::periodic || kind == Kind::invariant_circle; }

// The set that entry i of an array belongs to.
OrbitSet& owner(std::vector<OrbitSet>& sets, std::int64_t input, const char* name) {
  if (input < 0 || input >= static_cast<std::int64_t>(sets.size()))
    throw FormatError(fmt::format("array '{}': found {}, expected 0 to {}", name, input,
                                  static_cast<std::int64_t>(sets.size()) - 1));
  return sets[static_cast<std::size_t>(input)];
}

Matrix optional_rows(const NamedArrays& arrays, const char* name, std::size_t n) {
  if (!arrays.has(name)) return Matrix(static_cast<Index>(n), 0);
  Matrix rows = arrays.matrix(name);
  if (rows.rows() != static_cast<Index>(n))
    throw FormatError(fmt::format("array '{}' has {} rows, expected {}", name, rows.rows(), n));
  return rows;
}

// The numbers before the first NaN.
Vector unpadded(const Matrix& rows, std::size_t i) {
  const auto row = rows.row(static_cast<Index>(i));
  Index n = 0;
  while (n < row.size() && !std::isnan(row(n))) ++n;
  return row.head(n).transpose();
}

void read_points(const NamedArrays& arrays, std::vector<Orbit>& orbits) {
  const Matrix states = arrays.matrix("orbit_states");
  const auto n = static_cast<std::size_t>(states.rows());
  const Matrix readouts = optional_rows(arrays, "orbit_readouts", n);
  const auto owners = checked(arrays.integers("orbit_of_point"), "orbit_of_point", n);
  Index first = 0;
  for (std::size_t i = 0; i < orbits.size(); ++i) {
    Index end = first;
    while (end < states.rows() &&
           owners[static_cast<std::size_t>(end)] == static_cast<std::int64_t>(i))
      ++end;
    orbits[i].points = states.middleRows(first, end - first);
    if (readouts.cols() > 0) orbits[i].readouts = readouts.middleRows(first, end - first);
    const Index rows = orbits[i].points.rows(), period = orbits[i].period;
    const bool fits = orbits[i].kind == Kind::periodic           ? rows == period
                      : orbits[i].kind == Kind::invariant_circle ? rows % period == 0
                                                                 : true;
    if (rows == 0 || !fits)
      throw FormatError(fmt::format("array 'orbit_of_point': orbit {} has {} states", i, rows));
    first = end;
  }
  if (first != states.rows())
    throw FormatError("array 'orbit_of_point': not in the order of the orbits");
}

std::vector<Orbit> read_orbits(const NamedArrays& arrays) {
  const auto kind = arrays.strings("orbit_kind");
  const std::size_t n = kind.size();
  const auto integers = [&](const char* name) { return checked(arrays.integers(name), name, n); };
  const auto numbers = [&](const char* name) { return checked(arrays.values(name), name, n); };
  const auto strings = [&](const char* name) { return checked(arrays.strings(name), name, n); };
  const auto period = integers("orbit_period"), n_unstable = integers("orbit_n_unstable");
  const auto index = integers("orbit_index"), n_ends = integers("orbit_n_ends");
  const auto rotation = numbers("orbit_rotation_number"), residual = numbers("orbit_residual");
  const auto radius = numbers("orbit_radius"), unique = numbers("orbit_uniqueness_radius");
  const auto verdict = strings("orbit_verdict"), stability = strings("orbit_stability");
  const auto evidence = strings("orbit_evidence");
  // Absent in files of earlier versions.
  const auto at_kink =
      arrays.has("orbit_at_kink") ? integers("orbit_at_kink") : std::vector<std::int64_t>(n, 0);
  const Matrix re = optional_rows(arrays, "orbit_multipliers_re", n);
  const Matrix im = optional_rows(arrays, "orbit_multipliers_im", n);
  if (re.cols() != im.cols()) throw FormatError("array 'orbit_multipliers_im': sizes do not fit");
  const Matrix exponents = optional_rows(arrays, "orbit_exponents", n);
  const Matrix errors = optional_rows(arrays, "orbit_exponent_errors", n);
  std::vector<Orbit> orbits(n);
  for (std::size_t i = 0; i < n; ++i) {
    Orbit& orbit = orbits[i];
    orbit.kind = read_enum<Kind>(kind[i], "orbit_kind");
    orbit.period = to_int(period[i], "orbit_period", closes(orbit.kind) ? 1 : 0);
    orbit.rotation_number = rotation[i];
    orbit.residual = residual[i];
    orbit.verdict = read_enum<Verdict>(verdict[i], "orbit_verdict");
    orbit.radius = radius[i];
    orbit.uniqueness_radius = unique[i];
    orbit.stability = read_enum<Stability>(stability[i], "orbit_stability");
    orbit.n_unstable = to_int(n_unstable[i], "orbit_n_unstable", 0);
    orbit.index = to_int(index[i], "orbit_index");
    orbit.at_kink = at_kink[i] != 0;
    orbit.n_ends = n_ends[i];
    orbit.evidence = evidence[i];
    const Vector real = unpadded(re, i), imaginary = unpadded(im, i);
    if (real.size() != imaginary.size())
      throw FormatError("array 'orbit_multipliers_im': sizes do not fit");
    orbit.multipliers = real.cast<std::complex<double>>() +
                        std::complex<double>(0, 1) * imaginary.cast<std::complex<double>>();
    orbit.exponents = unpadded(exponents, i);
    orbit.exponent_errors = unpadded(errors, i);
  }
  read_points(arrays, orbits);
  return orbits;
}

void read_periods(const NamedArrays& arrays, std::vector<OrbitSet>& sets) {
  if (!arrays.has("period_length")) return;
  const auto length = arrays.integers("period_length");
  const std::size_t n = length.size();
  const auto integers = [&](const char* name) { return checked(arrays.integers(name), name, n); };
  const auto input = integers("period_input_index"), n_orbits = integers("period_n_orbits");
  const auto sum = integers("period_index_sum");
  const auto n_undecided = arrays.has("period_n_undecided") ? integers("period_n_undecided")
                                                            : std::vector<std::int64_t>(n, 0);
  const auto expected = checked(arrays.values("period_index_expected"), "period_index_expected", n);
  const auto completeness =
      checked(arrays.strings("period_completeness"), "period_completeness", n);
  for (std::size_t i = 0; i < n; ++i) {
    PeriodAudit audit;
    audit.period = to_int(length[i], "period_length", 1);
    audit.n_orbits = to_int(n_orbits[i], "period_n_orbits", 0);
    audit.index_sum = to_int(sum[i], "period_index_sum");
    audit.n_undecided = to_int(n_undecided[i], "period_n_undecided", 0);
    if (std::abs(expected[i]) <= 1e6) audit.index_expected = static_cast<int>(expected[i]);
    audit.completeness = read_enum<Completeness>(completeness[i], "period_completeness");
    owner(sets, input[i], "period_input_index").periods.push_back(audit);
  }
}

void read_ends(const NamedArrays& arrays, std::vector<OrbitSet>& sets) {
  const auto integers = [&](const char* name) {
    return checked(arrays.integers(name), name, sets.size());
  };
  const auto followed = integers("n_trajectories"), at_points = integers("ends_at_points");
  const auto at_orbits = integers("ends_at_orbits"), elsewhere = integers("ends_at_rest_elsewhere");
  const auto diverged = integers("ends_diverged"), undecided = integers("ends_undecided");
  const auto notes = checked(arrays.strings("ends_note"), "ends_note", sets.size());
  const auto seconds = checked(arrays.values("ends_seconds"), "ends_seconds", sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i) {
    OrbitSet& set = sets[i];
    set.n_trajectories = followed[i];
    set.n_at_points = at_points[i];
    set.n_at_orbits = at_orbits[i];
    set.n_at_rest_elsewhere = elsewhere[i];
    set.n_diverged = diverged[i];
    set.n_undecided = undecided[i];
    set.note = notes[i];
    set.seconds = seconds[i];
  }
  const auto n_ends = arrays.integers("n_ends");
  const auto input = checked(arrays.integers("input_index"), "input_index", n_ends.size());
  for (std::size_t i = 0; i < n_ends.size(); ++i)
    owner(sets, input[i], "input_index").ends_at_point.push_back(n_ends[i]);
}

}  // namespace

void add_arrays(NamedArrays& arrays, const std::vector<OrbitSet>& sets) {
  write_ends(sets, arrays);
  write_periods(sets, arrays);
  Writer writer(sets, arrays);
  if (!writer.is_empty()) writer.write();
}

std::vector<OrbitSet> orbit_sets_from_arrays(const NamedArrays& arrays, std::size_t n_inputs) {
  std::vector<OrbitSet> sets(n_inputs);
  if (!arrays.has("ends_note")) return sets;
  read_ends(arrays, sets);
  read_periods(arrays, sets);
  if (!arrays.has("orbit_kind")) return sets;
  std::vector<Orbit> orbits = read_orbits(arrays);
  const auto input =
      checked(arrays.integers("orbit_input_index"), "orbit_input_index", orbits.size());
  for (std::size_t i = 0; i < orbits.size(); ++i)
    owner(sets, input[i], "orbit_input_index").orbits.push_back(std::move(orbits[i]));
  return sets;
}

}  // namespace nullcline::orbits
