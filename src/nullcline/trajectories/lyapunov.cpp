// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/trajectories/lyapunov.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>
#include <boost/numeric/odeint/util/odeint_error.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::trajectories {

namespace {

namespace odeint = boost::numeric::odeint;
using Method = odeint::runge_kutta_fehlberg78<std::vector<double>>;

constexpr int kBlocks = 20;
constexpr double kFirstStep = 1e-3;
constexpr double kLongestStep = 1;  // so that tangent vectors stay apart between two steps
constexpr double kShortestStep = 1e-12;
constexpr double kEscape = 1e6;
constexpr int kReportEvery = 1000;

struct NotFinite {};

/// Gram-Schmidt on the rows, twice for orthogonality to rounding; adds ln R_ii.
void orthonormalize(Eigen::Map<Matrix> rows, Vector& logs) {
  for (Index i = 0; i < rows.rows(); ++i) {
    double length = 1;
    for (int pass = 0; pass < 2; ++pass) {
      for (Index j = 0; j < i; ++j) rows.row(i) -= rows.row(i).dot(rows.row(j)) * rows.row(j);
      const double norm = rows.row(i).norm();
      length *= norm;
      if (norm > 0) rows.row(i) /= norm;
    }
    logs(i) += std::log(length);
  }
}

/// A state, its tangent vectors (rows) and the integral of the divergence, one after another, and
/// how they move on.
class Carried {
 public:
  Carried(const dynamics::System& system, ConstVectorRef input, ConstVectorRef start, Index count)
      : system_(system),
        input_(input.transpose()),
        n_(system.n_states()),
        count_(count),
        values_(static_cast<std::size_t>(n_ + count * n_ + 1)),
        state_(1, n_),
        rate_(1, n_),
        jacobian_(n_, n_),
        images_(count, n_),
        logs_(Vector::Zero(count)) {
    state() = start;
    Rng rng(0, Purpose::perturbations);
    for (double& value : tangents().reshaped<Eigen::RowMajor>()) value = rng.normal();
    orthonormalize(tangents(), logs_);
    clear();
  }

  Eigen::Map<Vector> state() { return {values_.data(), n_}; }
  double divergence() const { return values_.back(); }
  const Vector& logs() const { return logs_; }
  void clear() {
    values_.back() = 0;
    logs_.setZero();
  }
  bool is_finite() {
    return state().allFinite() && state().norm() <= kEscape && std::isfinite(logs_(0));
  }

  /// One step of the map.
  void step() {
    state_.row(0) = state().transpose();
    system_.jacobian(state_, input_, jacobian_);
    system_.evaluate(state_, input_, rate_);
    numerics::multiply_transposed(tangents(), jacobian_, images_);
    tangents() = images_;
    orthonormalize(tangents(), logs_);
    state() = rate_.row(0).transpose();
    if (count_ == n_) values_.back() += log_determinant();
  }

  /// The flow from `now` on, which moves with it, to a later time. False where it has no finite
  /// step.
  template <class AfterStep>
  bool advance(double& now, double to, double tolerance, const AfterStep& after_step) {
    auto method = odeint::make_controlled(tolerance, tolerance, Method());
    const auto right = [this](const auto& x, auto& out, double) { rates(x, out); };
    while (now < to) {
      double step = std::min({step_, kLongestStep, to - now});
      const bool is_last = step < step_;
      try {
        while (method.try_step(right, values_, now, step) != odeint::success)
          if (!(step > kShortestStep * (1 + now))) return false;
      } catch (const NotFinite&) {
        step_ /= 10;
        if (!(step_ > kShortestStep * (1 + now))) return false;
        continue;
      }
      if (!is_last || step < step_) step_ = step;
      if (to - now < kShortestStep * (1 + now)) now = to;
      orthonormalize(tangents(), logs_);
      if (!is_finite() || !after_step()) return false;
    }
    return true;
  }

 private:
  Eigen::Map<Matrix> tangents() { return {values_.data() + n_, count_, n_}; }

  void rates(const std::vector<double>& x, std::vector<double>& out) {
    state_.row(0) = Eigen::Map<const Eigen::RowVectorXd>(x.data(), n_);
    system_.evaluate(state_, input_, rate_);
    system_.jacobian(state_, input_, jacobian_);
    if (!rate_.allFinite() || !jacobian_.allFinite()) throw NotFinite{};
    Eigen::Map<Eigen::RowVectorXd>(out.data(), n_) = rate_.row(0);
    numerics::multiply_transposed(Eigen::Map<const Matrix>(x.data() + n_, count_, n_), jacobian_,
                                  Eigen::Map<Matrix>(out.data() + n_, count_, n_));
    out.back() = jacobian_.trace();
  }

  double log_determinant() {
    std::vector<int> pivots(static_cast<std::size_t>(n_));
    numerics::lu_factor(MatrixRef(jacobian_), pivots);
    return jacobian_.diagonal().cwiseAbs().array().log().sum();
  }

  const dynamics::System& system_;
  const Matrix input_;
  const Index n_, count_;
  std::vector<double> values_;
  Matrix state_, rate_, jacobian_, images_;
  Vector logs_;
  double step_ = kFirstStep;
};

/// What is kept of the trajectory on its way.
class Record {
 public:
  Record(Spectrum& spectrum, const Progress& progress, double total)
      : spectrum_(spectrum), progress_(progress), total_(total) {}
  void begin(const Vector& state) {
    spectrum_.begin = spectrum_.minimum = spectrum_.maximum = last_ = state;
    spectrum_.path_length = 0;
  }
  bool operator()(const Vector& state, double time) {
    spectrum_.minimum = spectrum_.minimum.cwiseMin(state);
    spectrum_.maximum = spectrum_.maximum.cwiseMax(state);
    spectrum_.path_length += (state - last_).norm();
    last_ = state;
    if (++count_ % kReportEvery == 0 &&
        !report_progress(progress_, {time, total_, "averaging exponents"}))
      spectrum_.interrupted = true;
    return !spectrum_.interrupted;
  }

 private:
  Spectrum& spectrum_;
  const Progress& progress_;
  const double total_;
  Vector last_;
  std::int64_t count_ = 0;
};

void summarize(const Matrix& means, double block, Spectrum& spectrum) {
  const Vector mean = means.colwise().mean();
  const Vector variance =
      (means.rowwise() - mean.transpose()).array().square().colwise().sum().matrix() /
      (kBlocks - 1);
  spectrum.exponents = mean;
  spectrum.errors = (variance / kBlocks).cwiseSqrt();
  spectrum.running = means;
  spectrum.running_times.resize(kBlocks);
  for (Index b = 0; b < kBlocks; ++b) {
    spectrum.running.row(b) = means.topRows(b + 1).colwise().mean();
    spectrum.running_times(b) = static_cast<double>(b + 1) * block;
  }
}

void check(const dynamics::System& system, ConstVectorRef input, ConstVectorRef start,
           Index n_exponents, const Span& span) {
  const auto require = [](bool is_good, const char* name, auto found, const std::string& expected) {
    if (!is_good)
      throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
  };
  const Index n = system.n_states();
  require(start.size() == n, "start", fmt::format("{} values", start.size()), std::to_string(n));
  require(start.allFinite(), "start", "a value that is not finite", "numbers");
  require(input.size() == system.n_inputs(), "input", fmt::format("{} values", input.size()),
          std::to_string(system.n_inputs()));
  require(n_exponents >= 1 && n_exponents <= n, "n_exponents", n_exponents,
          fmt::format("1 to {}", n));
  require(span.transient >= 0 && std::isfinite(span.transient), "transient", span.transient,
          "0 or more");
  const bool is_flow = system.time() == dynamics::Time::continuous;
  require(std::isfinite(span.duration) && span.duration >= (is_flow ? 1e-3 : kBlocks) &&
              span.duration <= 1e12,
          "duration", span.duration, is_flow ? "0.001 to 1e12" : "20 to 1e12 steps");
  require(!is_flow || (span.tolerance >= 1e-14 && span.tolerance <= 1e-3), "tolerance",
          span.tolerance, "1e-14 to 1e-3");
}

}  // namespace

Spectrum lyapunov_spectrum(const dynamics::System& system, ConstVectorRef input,
                           ConstVectorRef start, Index n_exponents, const Span& span,
                           const Progress& progress) {
  check(system, input, start, n_exponents, span);
  const bool is_flow = system.time() == dynamics::Time::continuous;
  // A map has whole steps.
  const double transient = is_flow ? span.transient : std::floor(span.transient);
  const double block = is_flow ? span.duration / kBlocks : std::floor(span.duration / kBlocks);
  Spectrum spectrum;
  Carried carried(system, input, start, n_exponents);
  Record record(spectrum, progress, transient + block * kBlocks);
  record.begin(start);
  double now = 0;
  const auto after_step = [&] { return record(carried.state(), now); };
  const auto advance = [&](double to) {
    if (is_flow) {
      const bool came_there = carried.advance(now, to, span.tolerance, after_step);
      spectrum.is_finite = came_there || spectrum.interrupted;
    }
    while (!is_flow && now < to && spectrum.is_finite && !spectrum.interrupted) {
      carried.step();
      ++now;
      spectrum.is_finite = carried.is_finite();
      after_step();
    }
    spectrum.elapsed = now;
    return spectrum.is_finite && !spectrum.interrupted;
  };
  Matrix means = Matrix::Zero(kBlocks, n_exponents);
  double divergence = 0;
  bool goes_on = advance(transient);
  record.begin(carried.state());
  for (Index b = 0; b < kBlocks && goes_on; ++b) {
    carried.clear();
    goes_on = advance(transient + block * static_cast<double>(b + 1));
    means.row(b) = carried.logs().transpose() / block;
    divergence += carried.divergence();
  }
  spectrum.end = carried.state();
  if (is_flow || n_exponents == system.n_states())
    spectrum.mean_divergence = divergence / (block * kBlocks);
  summarize(means, block, spectrum);
  return spectrum;
}

double kaplan_yorke_dimension(ConstVectorRef exponents, Index n_states) {
  double sum = 0;
  for (Index j = 0; j < exponents.size(); ++j) {
    if (sum + exponents(j) < 0) return static_cast<double>(j) + sum / std::abs(exponents(j));
    sum += exponents(j);
  }
  return exponents.size() == n_states ? static_cast<double>(n_states)
                                      : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace nullcline::trajectories
