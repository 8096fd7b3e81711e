// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/elimination.hpp"

#include <algorithm>
#include <cmath>

namespace nullcline::cycles {

namespace {

// target -= factor * source, from one column to the end of the row.
void subtract(double* target, const double* source, double factor, Index begin, Index end) {
  for (Index c = begin; c < end; ++c) target[c] -= factor * source[c];
}

}  // namespace

bool eliminate(MatrixRef rows, Index n_pivots) {
  const Index height = rows.rows(), width = rows.cols();
  for (Index k = 0; k < n_pivots; ++k) {
    Index best = k;
    for (Index i = k + 1; i < height; ++i)
      if (std::abs(rows(i, k)) > std::abs(rows(best, k))) best = i;
    const double pivot = rows(best, k);
    if (!(std::abs(pivot) > 0) || !std::isfinite(pivot)) return false;
    double* source = &rows(k, 0);
    if (best != k) std::swap_ranges(source + k, source + width, &rows(best, k));
    for (Index i = k + 1; i < height; ++i) {
      double* target = &rows(i, 0);
      const double factor = target[k] / pivot;
      if (factor == 0) continue;
      subtract(target, source, factor, k + 1, width);
      target[k] = 0;
    }
  }
  return true;
}

void substitute(MatrixRef rows, Index n_pivots) {
  const Index width = rows.cols();
  for (Index k = n_pivots; k-- > 0;) {
    double* target = &rows(k, 0);
    for (Index i = k + 1; i < n_pivots; ++i)
      subtract(target, &rows(i, 0), target[i], n_pivots, width);
    for (Index c = n_pivots; c < width; ++c) target[c] /= target[k];
  }
}

CyclicSystem::CyclicSystem(Index n_intervals, Index n, Index n_borders)
    : n_intervals_(n_intervals),
      n_(n),
      n_borders_(n_borders),
      transfers_(n_intervals * n, n + n_borders + 1),
      conditions_(Matrix::Zero(n_borders, n_intervals * n + n_borders + 1)) {}

void CyclicSystem::set_interval(Index interval, ConstMatrixRef transfer) {
  transfers_.middleRows(interval * n_, n_) = transfer;
}

// Columns [u_i | u_0 | u_{i+1} | q | 1]: above what the intervals before say about u_0 and u_i,
// below u_{i+1} - A_i u_i = B_i q + c_i.
void CyclicSystem::start_pair(Index interval, ConstMatrixRef merged, MatrixRef pair) const {
  const auto transfer = transfers_.middleRows(interval * n_, n_);
  const Index rest = n_borders_ + 1;
  pair.setZero();
  pair.topLeftCorner(n_, n_) = merged.middleCols(n_, n_);
  pair.block(0, n_, n_, n_) = merged.leftCols(n_);
  pair.topRightCorner(n_, rest) = merged.rightCols(rest);
  pair.bottomLeftCorner(n_, n_) = -transfer.leftCols(n_);
  pair.block(n_, 2 * n_, n_, n_).setIdentity();
  pair.block(n_, 3 * n_, n_, n_borders_) = -transfer.middleCols(n_, n_borders_);
  pair.bottomRightCorner(n_, 1) = transfer.rightCols(1);
}

// Takes u_i out of the conditions.
void CyclicSystem::reduce_conditions(ConstMatrixRef pivots, Index interval) {
  const Index borders = n_intervals_ * n_, next = (interval + 1) % n_intervals_ * n_;
  for (Index condition = 0; condition < n_borders_; ++condition) {
    auto row = conditions_.row(condition);
    for (Index k = 0; k < n_; ++k) {
      const double factor = row(interval * n_ + k) / pivots(k, k);
      if (factor == 0) continue;
      row.segment(interval * n_ + k, n_ - k) -= factor * pivots.row(k).segment(k, n_ - k);
      row.head(n_) -= factor * pivots.row(k).segment(n_, n_);
      row.segment(next, n_) -= factor * pivots.row(k).segment(2 * n_, n_);
      row.segment(borders, n_borders_ + 1) -= factor * pivots.row(k).tail(n_borders_ + 1);
    }
  }
}

bool CyclicSystem::solve(Matrix& states, Vector& borders) {
  const Index rest = n_borders_ + 1, width = 3 * n_ + rest;
  // u_0 and u_i: at first u_1 - A_0 u_0 = B_0 q + c_0.
  Matrix merged(n_, 2 * n_ + rest);
  merged << -transfers_.topLeftCorner(n_, n_), Matrix::Identity(n_, n_),
      -transfers_.block(0, n_, n_, n_borders_), transfers_.topRightCorner(n_, 1);
  Matrix pivots(n_intervals_ * n_, width), pair(2 * n_, width);
  for (Index i = 1; i < n_intervals_; ++i) {
    start_pair(i, merged, pair);
    if (!eliminate(pair, n_)) return false;
    pivots.middleRows(i * n_, n_) = pair.topRows(n_);
    reduce_conditions(pair.topRows(n_), i);
    merged = pair.bottomRightCorner(n_, 2 * n_ + rest);
  }
  // u_N is u_0.
  Matrix last(n_ + n_borders_, n_ + rest);
  last.topLeftCorner(n_, n_) = merged.leftCols(n_) + merged.middleCols(n_, n_);
  last.topRightCorner(n_, rest) = merged.rightCols(rest);
  last.bottomLeftCorner(n_borders_, n_) = conditions_.leftCols(n_);
  last.bottomRightCorner(n_borders_, rest) = conditions_.rightCols(rest);
  if (!eliminate(last, n_ + n_borders_)) return false;
  substitute(last, n_ + n_borders_);
  borders = last.col(n_ + n_borders_).tail(n_borders_);
  states.resize(n_intervals_, n_);
  states.row(0) = last.col(n_ + n_borders_).head(n_).transpose();
  Vector known(2 * n_ + rest);  // [u_0 | u_{i+1} | q | 1], signs of the left side
  known.head(n_) = -states.row(0).transpose();
  known.segment(2 * n_, n_borders_) = -borders;
  known(2 * n_ + n_borders_) = 1;
  for (Index i = n_intervals_ - 1; i > 0; --i) {
    known.segment(n_, n_) = -states.row((i + 1) % n_intervals_).transpose();
    for (Index k = n_; k-- > 0;) {
      const auto row = pivots.row(i * n_ + k);
      double sum = row.tail(2 * n_ + rest).dot(known.transpose());
      for (Index j = k + 1; j < n_; ++j) sum -= row(j) * states(i, j);
      states(i, k) = sum / row(k);
    }
  }
  return states.allFinite() && borders.allFinite();
}

}  // namespace nullcline::cycles
