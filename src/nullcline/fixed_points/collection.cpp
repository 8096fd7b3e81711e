// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/collection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/internal/rounding.hpp"
#include "nullcline/fixed_points/levenberg_marquardt.hpp"
#include "nullcline/fixed_points/newton.hpp"

namespace nullcline::fixed_points {

namespace {

using internal::kUlp;

constexpr double kDistinct = 1e-6;  // relative distance of two zeros, far above what solvers leave
constexpr int kMaxBentTests = 100;

// Whether r stays at its floor on the straight way between two zeros.
bool is_straight_way(const Equation& equation, const Vector& a, const Vector& b) {
  const double floor = std::max(rounding_floor(equation, a), rounding_floor(equation, b));
  for (const double share : {0.25, 0.5, 0.75})
    if (!(equation.residual_at(a + share * (b - a)).cwiseAbs().maxCoeff() <= floor)) return false;
  return true;
}

// Whether points of the way lead to degenerate zeros between the two: a bent continuum of zeros.
bool is_bent_way(const Equation& equation, const Vector& a, const Vector& b) {
  constexpr int kMaxSteps = 50;
  const Vector way = b - a;
  for (const double share : {0.25, 0.5, 0.75}) {
    const Vector start = a + share * way;
    const EndStates ends = solve_levenberg_marquardt(equation, Matrix(start.transpose()),
                                                     UniquenessBoxes(a.size()), kMaxSteps);
    const Vector zero = ends.points.row(0).transpose();
    const double residual = equation.residual_at(zero).cwiseAbs().maxCoeff();
    if (!(residual <= std::sqrt(rounding_floor(equation, zero))) ||
        (zero - start).norm() > way.norm() / 2 || certify(equation, zero, false).exists)
      return false;
  }
  return true;
}

// Zero where a coordinate may be zero: what symmetry or a kink puts there is there exactly.
Vector middle_of(const dynamics::Box& box) {
  Vector middle = (box.lower + box.upper) / 2;
  for (Index i = 0; i < middle.size(); ++i)
    if (box.lower(i) <= 0 && box.upper(i) >= 0) middle(i) = 0;
  return middle;
}

// Whether the zero of a box of an enumeration is that of a certificate: the one box lies in a box
// where the other zero is alone.
bool is_one_zero(const EnclosedPoint& enclosed, const Vector& point,
                 const Certificate& certificate) {
  constexpr double kRoom = 1 - 8 * kUlp;
  const auto holds = [](const Vector& lower, const Vector& upper, const Vector& below,
                        const Vector& above) {
    return (lower.array() <= below.array()).all() && (above.array() <= upper.array()).all();
  };
  const double near = certificate.radius / kRoom, far = certificate.uniqueness_radius * kRoom;
  const Vector slack = kUlp * point.cwiseAbs();
  return holds(enclosed.uniqueness.lower, enclosed.uniqueness.upper, (point - slack).array() - near,
               (point + slack).array() + near) ||
         holds((point + slack).array() - far, (point - slack).array() + far,
               enclosed.enclosure.lower, enclosed.enclosure.upper);
}

}  // namespace

Collection::Verdict Collection::add(ConstVectorRef end_state) {
  const Vector start = end_state;
  Index id = boxes_.find(start.data());
  if (id >= 0) return {Fate::found, id};
  const Polished polished = polish(equation_, start);
  if (!std::isfinite(polished.residual)) return {};
  id = boxes_.find(polished.point.data());
  if (id >= 0) return {Fate::found, id};
  const bool at_floor = polished.residual <= rounding_floor(equation_, polished.point);
  if (at_floor) {
    id = find_on_straight_way(polished.point);
    if (id >= 0) return {Fate::found, id};
  }
  const Certificate certificate = certify(equation_, polished.point);
  if (!certificate.exists && !at_floor) return {};
  if (!equation_.in_box(polished.point)) return {Fate::outside, -1};
  if (certificate.exists) {
    return {Fate::found, add_fixed(polished.point, certificate)};
  }
  if (has_all_) {
    id = find_nearest_undecided(polished.point);
    return id < 0 ? Verdict{} : Verdict{Fate::found, id};
  }
  id = find_on_bent_way(polished.point);
  return {Fate::found, id >= 0 ? id : add_undecided(polished.point)};
}

// Zeros with zeros all along the way between them are not isolated: they count as one.
Index Collection::find_on_straight_way(const Vector& point) const {
  for (std::size_t id = 0; id < points_.size(); ++id)
    if (points_[id].kind == Kind::undecided && is_straight_way(equation_, points_[id].point, point))
      return static_cast<Index>(id);
  return -1;
}

Index Collection::find_nearest_undecided(const Vector& point) const {
  Index nearest = -1;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t id = 0; id < points_.size(); ++id) {
    const double distance = (points_[id].point - point).norm();
    if (points_[id].kind != Kind::undecided || distance >= least) continue;
    least = distance;
    nearest = static_cast<Index>(id);
  }
  return nearest;
}

// The same for a bent way, to the nearest of them. The test is dear and a continuum has no end of
// end states: after enough tests the nearest one stands for all.
Index Collection::find_on_bent_way(const Vector& point) {
  const Index nearest = find_nearest_undecided(point);
  if (nearest < 0 || n_bent_tests_ >= kMaxBentTests) return nearest;
  ++n_bent_tests_;
  const Vector& other = points_[static_cast<std::size_t>(nearest)].point;
  return is_bent_way(equation_, other, point) ? nearest : -1;
}

Index Collection::add_fixed(const Vector& point, Certificate certificate) {
  // The other way round: a known point in the new box is the same point, under the larger box.
  for (std::size_t id = 0; id < points_.size(); ++id) {
    const double distance = (points_[id].point - point).cwiseAbs().maxCoeff();
    if (points_[id].kind != Kind::fixed || distance > certificate.uniqueness_radius) continue;
    // Where that rests on samples it may be wrong, and two zeros far apart show it.
    if (certificate.verdict == fixed_points::Verdict::not_proven &&
        distance > kDistinct * (1 + point.cwiseAbs().maxCoeff())) {
      certificate.uniqueness_radius = distance / 2;
      continue;
    }
    boxes_.add(point, certificate.uniqueness_radius, static_cast<Index>(id));
    return static_cast<Index>(id);
  }
  if (has_all_) {
    contradicts_proof_ = true;
    has_all_ = false;
  }
  const auto id = static_cast<Index>(points_.size());
  boxes_.add(point, certificate.uniqueness_radius, id);
  const int index = dynamics::fixed_point_index(
      equation_.solved().time(), jacobian_at(equation_.solved(), point, equation_.input()));
  points_.push_back({point, Kind::fixed, certificate, index, true, 0, 0});
  return id;
}

// An enclosure is a certificate by itself; but the test from its middle is one that anybody can
// repeat, from the point alone.
void Collection::add_enclosed(const EnclosedPoint& enclosed) {
  Vector point = middle_of(enclosed.enclosure);
  const auto reach = [&](const dynamics::Box& box) {  // to the farthest corner, nearest face
    const Vector up = box.upper - point, down = point - box.lower;
    return std::pair{up.cwiseMax(down).maxCoeff() * (1 + 4 * kUlp),
                     up.cwiseMin(down).minCoeff() * (1 - 4 * kUlp)};
  };
  const auto [radius, inner_radius] = reach(enclosed.enclosure);
  double alone = reach(enclosed.uniqueness).second;
  Certificate certificate = certify(equation_, point);
  // One zero is in the enclosure and one in the box of the test: the same if either holds the
  // other.
  const bool is_same = certificate.exists && (radius <= certificate.uniqueness_radius ||
                                              certificate.radius <= inner_radius);
  if (!is_same) certificate = {true, fixed_points::Verdict::proven, radius, alone};
  // A wide enclosure, from whose middle nothing can be shown: the zero itself may be found.
  if (!is_same) {
    const Vector zero = polish(equation_, point).point;
    const Certificate nearer = certify(equation_, zero);
    if (nearer.exists && is_one_zero(enclosed, zero, nearer)) {
      certificate = nearer;
      point = zero;
      alone = 0;  // that was from the middle
    }
  }
  const int index =
      enclosed.index != 0
          ? enclosed.index
          : dynamics::fixed_point_index(equation_.solved().time(),
                                        jacobian_at(equation_.solved(), point, equation_.input()));
  boxes_.add(point, std::max(certificate.uniqueness_radius, alone),
             static_cast<Index>(points_.size()));
  points_.push_back({point, Kind::fixed, certificate, index, true, 0, 0});
}

// At a kink, Krawczyk's test with the generalized Jacobian may decide what patterns cannot.
bool Collection::add_if_certified(const Cluster& cluster) {
  const Vector middle = middle_of(cluster.hull);
  const double radius = (cluster.hull.upper - cluster.hull.lower).maxCoeff();
  const Certificate certificate = certify(equation_, middle);
  if (!certificate.exists || certificate.uniqueness_radius < radius) return false;
  add_fixed(middle, certificate);
  return true;
}

void Collection::set_all(const Proof& proof) {
  NULLCLINE_ASSERT(points_.empty());
  for (const EnclosedPoint& point : proof.points) add_enclosed(point);
  // The indices of all zeros sum to +1 in a trapping box: what the points leave is in the clusters.
  std::vector<Cluster> undecided;
  for (const Cluster& cluster : proof.clusters)
    if (!add_if_certified(cluster)) undecided.push_back(cluster);
  const bool has_index = equation_.is_trapping() && undecided.size() == 1;
  const int left = has_index ? index_in_clusters() : 0;
  for (const Cluster& cluster : undecided) {
    const Vector middle = (cluster.hull.lower + cluster.hull.upper) / 2;
    const double radius = (cluster.hull.upper - cluster.hull.lower).maxCoeff() / 2;
    points_.push_back({middle, Kind::undecided, {}, left, has_index, 0, radius * (1 + 4 * kUlp)});
    boxes_.add(middle, std::max(radius, kUlp), static_cast<Index>(points_.size()) - 1);
  }
  has_all_ = true;
}

Index Collection::add_undecided(const Vector& point) {
  points_.push_back({point, Kind::undecided, {}, 0, false, 0, 0});
  return static_cast<Index>(points_.size()) - 1;
}

Matrix Collection::fixed() const {
  Matrix rows(n_fixed(), equation_.size());
  Index row = 0;
  for (const FoundPoint& found : points_)
    if (found.kind == Kind::fixed) rows.row(row++) = found.point.transpose();
  return rows;
}

Index Collection::n_fixed() const {
  return std::count_if(points_.begin(), points_.end(),
                       [](const FoundPoint& found) { return found.kind == Kind::fixed; });
}

int Collection::index_sum() const {
  int sum = 0;
  for (const FoundPoint& found : points_) sum += found.index;
  return sum;
}

int Collection::index_in_clusters() const {
  int sum = 1;
  for (const FoundPoint& found : points_) sum -= found.kind == Kind::fixed ? found.index : 0;
  return sum;
}

bool Collection::is_proven_unique() const {
  if (!equation_.box_holds_all() || points_.size() != 1 ||
      points_[0].certificate.verdict != fixed_points::Verdict::proven)
    return false;
  const Vector& point = points_[0].point;
  const double reach = std::max((point - equation_.box()->lower).cwiseAbs().maxCoeff(),
                                (equation_.box()->upper - point).cwiseAbs().maxCoeff());
  // The subtraction may have rounded down by one unit in the last place of a number below reach.
  return reach * (1 + 4 * std::numeric_limits<double>::epsilon()) <=
         points_[0].certificate.uniqueness_radius;
}

}  // namespace nullcline::fixed_points
