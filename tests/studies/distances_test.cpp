// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/distances.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <set>

#include "../support/temporary_folder.hpp"
#include "nullcline/core/parallel.hpp"

namespace nullcline::studies {
namespace {

// Networks are numbers; asks for what was not prepared are counted, and so are all asks.
class Numbers : public PairSource {
 public:
  Numbers(std::size_t n, std::size_t n_at_once) : n_(n), n_at_once_(n_at_once) {}

  std::size_t n_at_once() const override { return n_at_once_; }
  void prepare(Range rows, Range columns, const std::function<bool()>&) override {
    ready_.clear();
    for (std::size_t i = rows.first; i < rows.last; ++i) ready_.insert(i);
    for (std::size_t j = columns.first; j < columns.last; ++j) ready_.insert(j);
    most_ready = std::max(most_ready, ready_.size());
    EXPECT_LE(rows.last, n_);
    EXPECT_LE(columns.last, n_);
  }
  double distance(std::size_t i, std::size_t j) const override {
    EXPECT_GT(i, j);
    EXPECT_TRUE(ready_.count(i) && ready_.count(j)) << i << " " << j;
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(asked_.insert({i, j}).second) << "asked twice: " << i << " " << j;
    return expected(i, j);
  }
  static double expected(std::size_t i, std::size_t j) {
    if (i == 7) return std::numeric_limits<double>::quiet_NaN();
    return std::abs(std::sin(static_cast<double>(i)) - std::sin(static_cast<double>(j)));
  }
  std::size_t n_asked() const { return asked_.size(); }

  std::size_t most_ready = 0;

 private:
  std::size_t n_, n_at_once_;
  std::set<std::size_t> ready_;
  mutable std::mutex mutex_;
  mutable std::set<std::pair<std::size_t, std::size_t>> asked_;
};

std::vector<std::string> names(std::size_t first, std::size_t n) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < n; ++i) result.push_back("network " + std::to_string(first + i));
  return result;
}

void expect_right(const Matrix& values, std::size_t n) {
  ASSERT_EQ(values.rows(), static_cast<Index>(n));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double found = values(static_cast<Index>(i), static_cast<Index>(j));
      const double wanted = i == j ? 0 : Numbers::expected(i, j);
      EXPECT_TRUE(found == wanted || (std::isnan(found) && std::isnan(wanted))) << i << " " << j;
      const double other = values(static_cast<Index>(j), static_cast<Index>(i));
      EXPECT_TRUE(other == found || std::isnan(found));
    }
}

TEST(AllDistances, AreThoseOfAllPairsOnceForAnyNumberAtATime) {
  for (const std::size_t n : {0U, 1U, 2U, 5U, 33U, 100U})
    for (const std::size_t at_once : {0U, 1U, 7U, 40U, 1000U}) {
      Numbers source(n, at_once);
      expect_right(all_distances(source, {"", names(0, n)}).values, n);
      EXPECT_EQ(source.n_asked(), n < 2 ? 0 : n * (n - 1) / 2);
      EXPECT_LE(source.most_ready, std::max<std::size_t>(at_once, 1) + 32) << "memory is bounded";
    }
}

TEST(AllDistances, GoOnWhereTheyWereStopped) {
  const support::TemporaryFolder folder;
  const std::size_t n = 60, n_pairs = n * (n - 1) / 2;
  const DistanceFile file{folder.file("d.nc"), names(0, n)};
  std::size_t n_asked = 0;
  int n_stops = 0;
  for (Matrix values; values.size() == 0; ++n_stops) {
    ASSERT_LT(n_stops, 1000);
    Numbers source(n, 16);
    int n_updates = 0;
    const Progress stop_soon = [&](const ProgressUpdate& update) {
      EXPECT_LE(update.done, update.total);
      return ++n_updates < 40;
    };
    values = all_distances(source, file, stop_soon).values;
    n_asked += source.n_asked();
    if (values.size() > 0) expect_right(values, n);
  }
  EXPECT_GT(n_stops, 2);
  EXPECT_EQ(n_asked, n_pairs) << "no pair is computed twice";
  Numbers again(n, 16);
  expect_right(all_distances(again, file).values, n);
  EXPECT_EQ(again.n_asked(), 0);
}

TEST(AllDistances, OfAPopulationThatHasGrownAreTheNewOnesAlone) {
  const support::TemporaryFolder folder;
  const std::string path = folder.file("d.nc");
  Numbers few(20, 1000);
  all_distances(few, {path, names(0, 20)});
  Numbers more(30, 1000);
  expect_right(all_distances(more, {path, names(0, 30)}).values, 30);
  EXPECT_EQ(more.n_asked(), 30 * 29 / 2 - 20 * 19 / 2);
  Numbers others(20, 1000);  // other results: nothing is known of them
  expect_right(all_distances(others, {path, names(100, 20)}).values, 20);
  EXPECT_EQ(others.n_asked(), 20 * 19 / 2);
}

TEST(AllDistances, DoNotTrustADamagedFileAndSayWhereTheyCannotBeKept) {
  const support::TemporaryFolder folder;
  const std::string path = folder.write("d.nc", "rubbish");
  Numbers source(10, 4);
  const Distances found = all_distances(source, {path, names(0, 10)});
  expect_right(found.values, 10);
  EXPECT_EQ(found.warning, "");
  Numbers next(10, 4);
  const Distances kept_nowhere =
      all_distances(next, {folder.file("no/such/folder/d.nc"), names(0, 10)});
  expect_right(kept_nowhere.values, 10);
  EXPECT_NE(kept_nowhere.warning.find("could not be kept"), std::string::npos);
}

TEST(AllDistances, DoNotDependOnThreads) {
  for (const int threads : {1, 2, 5}) {
    set_n_threads(threads);
    Numbers source(50, 20);
    expect_right(all_distances(source, {"", names(0, 50)}).values, 50);
  }
  set_n_threads(0);
}

}  // namespace
}  // namespace nullcline::studies
