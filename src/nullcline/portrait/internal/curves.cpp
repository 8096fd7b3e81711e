// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/internal/curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace nullcline::portrait::internal {

namespace {

constexpr double kFlatness = 2e-4;  // of a segment, in shares of the box
constexpr int kMostHalvings = 6;
constexpr double kIsolated = 1e-12;  // value of an isolated zero, in units of its change

// A graph whose nodes are crossings and branch points; its paths are the curves.
class CurveGraph {
 public:
  explicit CurveGraph(Quadtree& tree) : tree_(tree) {}

  void join_regular() {
    for (const Cell& cell : tree_.regular()) {
      const std::vector<Crossing> ends = tree_.crossings(cell);
      for (std::size_t i = 0; i + 1 < ends.size(); i += 2) link(node(ends[i]), node(ends[i + 1]));
    }
  }

  void join_singular(Nullcline& result) {
    std::map<Corner, std::size_t> unseen;
    for (std::size_t i = 0; i < tree_.singular().size(); ++i)
      unseen[corner(tree_.singular()[i].x, tree_.singular()[i].y)] = i;
    while (!unseen.empty()) add_branch_point(take_cluster(unseen), result);
  }

  void trace(Nullcline& result) {
    std::vector<std::vector<bool>> used;
    for (const auto& neighbors : links_) used.emplace_back(neighbors.size(), false);
    const auto trace_from = [&](std::size_t begin, std::size_t first) {
      result.curves.push_back(curve(walk(begin, first, used)));
    };
    for (std::size_t i = 0; i < links_.size(); ++i)
      if (links_[i].size() != 2)
        for (std::size_t k = 0; k < links_[i].size(); ++k)
          if (!used[i][k]) trace_from(i, k);
    for (std::size_t i = 0; i < links_.size(); ++i)
      for (std::size_t k = 0; k < links_[i].size(); ++k)
        if (!used[i][k]) trace_from(i, k);
    std::erase_if(result.curves, [](const NullclineCurve& c) { return c.points.rows() < 2; });
  }

  double max_residual() const { return max_residual_; }

 private:
  std::size_t node(const Crossing& crossing) {
    const auto [entry, is_new] = nodes_.try_emplace(crossing, places_.size());
    if (is_new) add(tree_.root(crossing));
    return entry->second;
  }
  std::size_t add(const Vector& place) {
    places_.push_back(place);
    links_.emplace_back();
    return places_.size() - 1;
  }
  void link(std::size_t a, std::size_t b) {
    links_[a].push_back(b);
    links_[b].push_back(a);
  }

  // Cells that touch, corners included.
  std::vector<Cell> take_cluster(std::map<Corner, std::size_t>& unseen) {
    std::vector<Cell> cluster{tree_.singular()[unseen.begin()->second]};
    unseen.erase(unseen.begin());
    for (std::size_t next = 0; next < cluster.size(); ++next)
      for (int dx = -1; dx <= 1; ++dx)
        for (int dy = -1; dy <= 1; ++dy) {
          const Corner beside = corner(cluster[next].x + static_cast<std::uint32_t>(dx),
                                       cluster[next].y + static_cast<std::uint32_t>(dy));
          const auto entry = unseen.find(beside);
          if (entry == unseen.end()) continue;
          cluster.push_back(tree_.singular()[entry->second]);
          unseen.erase(entry);
        }
    return cluster;
  }

  void add_branch_point(const std::vector<Cell>& cluster, Nullcline& result) {
    std::vector<std::size_t> arms;
    for (const Cell& cell : cluster)
      for (const Crossing& crossing : tree_.crossings(cell)) {
        const auto entry = nodes_.find(crossing);
        if (entry != nodes_.end() && std::count(arms.begin(), arms.end(), entry->second) == 0)
          arms.push_back(entry->second);
      }
    drop_short_cuts(arms);
    const Vector place = critical_point(cluster);
    const Vector slope = tree_.gradient(tree_.place(0.0, 0.0)).cwiseProduct(tree_.widths());
    const double residual = std::abs(tree_.value(place)) / std::max(slope.norm(), 1e-300);
    if (arms.empty() && residual > kIsolated) return;
    result.branch_points.push_back({place, static_cast<int>(arms.size()), residual});
    if (arms.empty()) return;
    const std::size_t center = add(place);
    for (const std::size_t arm : arms) link(center, arm);
  }

  // A curve that leaves the cluster and returns to it within a few cells has never left it.
  void drop_short_cuts(std::vector<std::size_t>& arms) {
    constexpr std::size_t kFewCells = 8;
    for (std::size_t i = 0; i < arms.size();) {
      std::vector<std::size_t> path{arms[i]};
      while (path.size() <= kFewCells) {
        const std::size_t at = path.back(), before = path.size() > 1 ? path[path.size() - 2] : at;
        const auto next = std::find_if(links_[at].begin(), links_[at].end(),
                                       [&](std::size_t to) { return to != before; });
        if (next == links_[at].end()) break;
        path.push_back(*next);
        if (std::count(arms.begin(), arms.end(), *next) > 0) break;
      }
      const bool returns = path.size() > 1 && std::count(arms.begin(), arms.end(), path.back()) > 0;
      if (!returns) {
        ++i;
        continue;
      }
      for (const std::size_t node : path) links_[node].clear();
      std::erase_if(arms,
                    [&](std::size_t arm) { return arm == path.front() || arm == path.back(); });
    }
  }

  // Where the gradient vanishes, by Newton's method with differences; the cluster's middle if it
  // leads away.
  Vector critical_point(const std::vector<Cell>& cluster) const {
    Vector middle = Vector::Zero(2);
    for (const Cell& cell : cluster) middle += tree_.place(cell.x + 0.5, cell.y + 0.5);
    middle /= static_cast<double>(cluster.size());
    const Vector& widths = tree_.widths();
    const double reach =
        10 * std::sqrt(static_cast<double>(cluster.size())) *
        (tree_.place(1.0, 1.0) - tree_.place(0.0, 0.0)).cwiseQuotient(widths).norm();
    Vector at = middle;
    constexpr double kDifference = 1e-5;
    for (int i = 0; i < 4; ++i) {
      Eigen::Matrix2d hessian;
      for (Index j = 0; j < 2; ++j) {
        Vector forward = at, backward = at;
        forward(j) += kDifference * widths(j);
        backward(j) -= kDifference * widths(j);
        hessian.col(j) =
            (tree_.gradient(forward) - tree_.gradient(backward)) / (2 * kDifference * widths(j));
      }
      const double determinant = hessian(0, 0) * hessian(1, 1) - hessian(0, 1) * hessian(1, 0);
      if (!(std::abs(determinant) > 0)) break;
      const Vector g = tree_.gradient(at);
      at(0) -= (hessian(1, 1) * g(0) - hessian(0, 1) * g(1)) / determinant;
      at(1) -= (hessian(0, 0) * g(1) - hessian(1, 0) * g(0)) / determinant;
    }
    const bool is_near = (at - middle).cwiseQuotient(widths).norm() <= reach;
    return is_near ? at : middle;
  }

  std::vector<std::size_t> walk(std::size_t begin, std::size_t first,
                                std::vector<std::vector<bool>>& used) const {
    std::vector<std::size_t> path{begin};
    std::size_t at = begin, way = first;
    while (true) {
      used[at][way] = true;
      const std::size_t next = links_[at][way];
      for (std::size_t k = 0; k < links_[next].size(); ++k)
        if (links_[next][k] == at && !used[next][k]) {
          used[next][k] = true;
          break;
        }
      path.push_back(next);
      if (links_[next].size() != 2 || next == begin) return path;
      at = next;
      way = used[next][0] ? 1 : 0;
      if (used[next][way]) return path;
    }
  }

  NullclineCurve curve(const std::vector<std::size_t>& path) {
    std::vector<Vector> points{places_[path.front()]};
    for (std::size_t i = 1; i < path.size(); ++i) append(points, places_[path[i]], kMostHalvings);
    NullclineCurve result;
    result.is_closed =
        path.size() > 2 && path.front() == path.back() && links_[path.front()].size() == 2;
    result.points.resize(static_cast<Index>(points.size()), 2);
    for (std::size_t i = 0; i < points.size(); ++i) {
      result.points.row(static_cast<Index>(i)) = points[i].transpose();
      const double slope = tree_.gradient(points[i]).norm();
      if (slope > 0)
        max_residual_ = std::max(max_residual_, std::abs(tree_.value(points[i])) / slope);
    }
    return result;
  }

  double length(const Vector& difference) const {
    return difference.cwiseQuotient(tree_.widths()).norm();
  }

  // Halves a segment until it follows the curve.
  void append(std::vector<Vector>& points, const Vector& end, int halvings) const {
    const Vector begin = points.back();
    const double chord = length(end - begin);
    if (chord <= 1e-13) return;
    const Vector middle = (begin + end) / 2;
    const std::optional<Vector> on_curve = projected(middle, chord / 2);
    if (halvings > 0 && on_curve && length(*on_curve - middle) > kFlatness) {
      append(points, *on_curve, halvings - 1);
      append(points, end, halvings - 1);
      return;
    }
    points.push_back(end);
  }

  // Newton's method along the gradient; nothing if it leads further away than that.
  std::optional<Vector> projected(Vector at, double reach) const {
    const Vector begin = at;
    for (int i = 0; i < 8; ++i) {
      const Vector slope = tree_.gradient(at);
      const Vector direction = slope.cwiseProduct(tree_.widths().cwiseAbs2());
      const double square = slope.dot(direction);
      if (!(square > 0)) return std::nullopt;
      const Vector step = tree_.value(at) / square * direction;
      at -= step;
      if (!(length(at - begin) <= reach)) return std::nullopt;
      if (length(step) <= 1e-15) break;
    }
    return at;
  }

  Quadtree& tree_;
  std::map<Crossing, std::size_t> nodes_;
  std::vector<Vector> places_;
  std::vector<std::vector<std::size_t>> links_;
  double max_residual_ = 0;
};

}  // namespace

Nullcline join_curves(Quadtree& tree) {
  Nullcline result;
  CurveGraph graph(tree);
  graph.join_regular();
  graph.join_singular(result);
  graph.trace(result);
  result.max_residual = graph.max_residual();
  const bool is_proven = tree.is_proven() && tree.is_complete();
  result.verdict = is_proven ? fixed_points::Verdict::proven : fixed_points::Verdict::not_proven;
  if (!tree.is_complete())
    result.note = "it is degenerate along curves or fills an area, and was not followed there";
  else if (!tree.is_proven())
    result.note = "the system has no intervals: cells were judged by samples";
  return result;
}

}  // namespace nullcline::portrait::internal
