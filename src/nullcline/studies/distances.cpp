// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/distances.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::studies {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kBetweenSaves = std::chrono::minutes(1);
constexpr double kUnknown = -1;       // no distance is; one that is not defined is NaN
constexpr std::size_t kColumns = 32;  // networks against which the rows are taken at a time
constexpr std::size_t kTile = 4;      // networks whose data stay in the cache

class Computation {
 public:
  Computation(PairSource& source, const DistanceFile& file, const Progress& progress)
      : source_(source), file_(file), progress_(progress), n_(file.networks.size()) {}

  Distances run() {
    values_ = Matrix::Constant(index(n_), index(n_), kUnknown);
    values_.diagonal().setZero();
    if (!file_.path.empty()) read();
    n_pairs_ = static_cast<double>(n_) * static_cast<double>(n_ - std::min<std::size_t>(n_, 1)) / 2;
    n_done_ = static_cast<double>((values_.array() != kUnknown).count() - index(n_)) / 2;
    const double n_before = n_done_;
    const std::size_t step = std::max<std::size_t>(source_.n_at_once(), 1);
    for (std::size_t top = 0; top < n_ && !is_stopped_; top += step)
      for (std::size_t left = 0; left < std::min(top + step, n_) && !is_stopped_; left += kColumns)
        block({top, std::min(top + step, n_)}, {left, std::min({left + kColumns, top + step, n_})});
    if (n_done_ > n_before) save();
    if (is_stopped_) return {Matrix(0, 0), warning_};
    return {values_, warning_};
  }

 private:
  using Range = PairSource::Range;
  struct Pair {
    std::size_t i, j;
    double distance;
  };
  static Index index(std::size_t i) { return static_cast<Index>(i); }
  bool is_known(std::size_t i, std::size_t j) const {
    return values_(index(i), index(j)) != kUnknown;
  }

  // The pairs of these rows and columns that are missing, in tiles.
  void block(Range rows, Range columns) {
    std::vector<std::pair<std::size_t, std::size_t>> tiles;
    for (std::size_t i = rows.first; i < rows.last; i += kTile)
      for (std::size_t j = columns.first; j < columns.last; j += kTile)
        if (has_missing(i, j, rows, columns)) tiles.emplace_back(i, j);
    if (tiles.empty()) return;
    source_.prepare(rows, columns, [this] {
      finish({});
      return !is_stopped_;
    });
    if (is_stopped_) return;
    parallel_for(tiles.size(), [&](std::size_t k) {
      std::vector<Pair> found;
      each_pair(tiles[k].first, tiles[k].second, rows, columns, [&](std::size_t i, std::size_t j) {
        if (!is_stopped_ && !is_known(i, j)) found.push_back({i, j, source_.distance(i, j)});
      });
      finish(found);
    });
  }

  template <class Body>
  static void each_pair(std::size_t top, std::size_t left, Range rows, Range columns, Body body) {
    for (std::size_t i = top; i < std::min(top + kTile, rows.last); ++i)
      for (std::size_t j = left; j < std::min({left + kTile, columns.last, i}); ++j) body(i, j);
  }

  bool has_missing(std::size_t top, std::size_t left, Range rows, Range columns) const {
    bool is_missing = false;
    each_pair(top, left, rows, columns,
              [&](std::size_t i, std::size_t j) { is_missing = is_missing || !is_known(i, j); });
    return is_missing;
  }

  static void set(Matrix& values, std::size_t i, std::size_t j, double value) {
    values(index(i), index(j)) = values(index(j), index(i)) = value;
  }

  ProgressUpdate update() const { return {n_done_, n_pairs_, fmt::format("{} networks", n_)}; }

  // The only place that writes: whoever saves sees whole pairs.
  void finish(const std::vector<Pair>& found) {
    const std::lock_guard lock(mutex_);
    for (const Pair& pair : found) set(values_, pair.i, pair.j, pair.distance);
    n_done_ += static_cast<double>(found.size());
    if (Clock::now() - saved_ >= kBetweenSaves) save();
    if (!report_progress(progress_, update())) is_stopped_ = true;
  }

  void save() {
    saved_ = Clock::now();
    if (file_.path.empty()) return;
    NamedArrays arrays;
    arrays.set_strings("networks", file_.networks, "network", "hashes of their results");
    arrays.set("distances", values_, {"network", "other_network"}, "-1: not computed yet");
    try {
      io::write_hdf5(file_.path, arrays);
    } catch (const FormatError& error) {
      warning_ = std::string("distances could not be kept: ") + error.what();
    }
  }

  void read() {
    try {
      const NamedArrays arrays = io::read_hdf5(file_.path);
      const std::vector<std::string> networks = arrays.strings("networks");
      const Matrix distances = arrays.matrix("distances");
      const Index n = index(networks.size());
      if (distances.rows() != n || distances.cols() != n) return;
      std::map<std::string, std::size_t> places;
      for (std::size_t i = 0; i < networks.size(); ++i) places[networks[i]] = i;
      std::vector<Index> old(n_, -1);
      for (std::size_t i = 0; i < n_; ++i)
        if (const auto found = places.find(file_.networks[i]); found != places.end())
          old[i] = index(found->second);
      for (std::size_t i = 0; i < n_; ++i)
        for (std::size_t j = 0; j < i; ++j)
          if (old[i] >= 0 && old[j] >= 0) set(values_, i, j, distances(old[i], old[j]));
    } catch (const FormatError&) {
    }
  }

  PairSource& source_;
  const DistanceFile& file_;
  const Progress& progress_;
  const std::size_t n_;
  Matrix values_;
  double n_pairs_ = 0, n_done_ = 0;
  std::mutex mutex_;
  std::atomic<bool> is_stopped_ = false;
  Clock::time_point saved_ = Clock::now();
  std::string warning_;
};

}  // namespace

Distances all_distances(PairSource& source, const DistanceFile& file, const Progress& progress) {
  return Computation(source, file, progress).run();
}

}  // namespace nullcline::studies
