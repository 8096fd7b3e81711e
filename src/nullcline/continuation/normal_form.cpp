// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/normal_form.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <cmath>
#include <complex>
#include <numbers>

#include "nullcline/continuation/bordered.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::continuation {

namespace {

constexpr double kVanishing = 1e-11;  // of a coefficient: what differences leave of zero

using Complex = std::complex<double>;
using dynamics::System;
using dynamics::Time;

constexpr double kTwoPi = 2 * std::numbers::pi;
// Coefficients below this share of the derivatives that they are made of count as zero.
constexpr double kZeroShare = 1e-7;

// B and C of a system at one state, by polarization of derivatives along lines.
class Derivatives {
 public:
  Derivatives(const System& system, ConstVectorRef state, ConstVectorRef input)
      : system_(system), state_(state), input_(input), a_(jacobian_at(system, state, input)) {}

  const Matrix& a() const { return a_; }

  Vector b(ConstVectorRef u, ConstVectorRef v) const {
    return (along(u + v).second - along(u - v).second) / 4;
  }
  // C(u, u, v)
  Vector c(ConstVectorRef u, ConstVectorRef v) const {
    return (along(u + v).third - along(u - v).third - 2 * along(v).third) / 6;
  }
  Vector ccc(ConstVectorRef u) const { return along(u).third; }

  ComplexVector b_complex(const ComplexVector& u, const ComplexVector& v) const {
    const Vector ur = u.real(), ui = u.imag(), vr = v.real(), vi = v.imag();
    const Vector re = b(ur, vr) - b(ui, vi), im = b(ur, vi) + b(ui, vr);
    return re.cast<Complex>() + Complex(0, 1) * im.cast<Complex>();
  }
  // C(q, q, conj q) with q = r + i s is C(r,r,r) + C(r,s,s) + i (C(r,r,s) + C(s,s,s)).
  ComplexVector c_resonant(const ComplexVector& q) const {
    const Vector r = q.real(), s = q.imag();
    const Vector re = ccc(r) + c(s, r), im = c(r, s) + ccc(s);
    return re.cast<Complex>() + Complex(0, 1) * im.cast<Complex>();
  }

 private:
  dynamics::DirectionalDerivatives along(ConstVectorRef direction) const {
    if (const auto exact = system_.directional_derivatives(state_, input_, direction))
      return *exact;
    return by_differences(direction);
  }

  // Of Jacobians, which every system has exactly: DF v at h + s v.
  dynamics::DirectionalDerivatives by_differences(ConstVectorRef v) const {
    const double size = v.norm();
    if (size == 0) {
      const Vector zero = Vector::Zero(v.size());
      return {zero, zero, zero};
    }
    const double step = 2e-3 * (1 + state_.norm()) / size;
    const auto at = [&](double k) {
      return Vector(jacobian_at(system_, state_ + k * step * v, input_) * v);
    };
    const Vector m2 = at(-2), m1 = at(-1), zero = at(0), p1 = at(1), p2 = at(2);
    return {zero, (8 * (p1 - m1) - (p2 - m2)) / (12 * step),
            (16 * (p1 + m1) - (p2 + m2) - 30 * zero) / (12 * step * step)};
  }

  const System& system_;
  Vector state_, input_;
  Matrix a_;
};

// q and p with <p, q> = sum conj(p_i) q_i = 1 for the eigenvalue nearest to `value`.
struct Eigenpair {
  ComplexVector q, p;
  bool is_good = false;
};

Index nearest(const ComplexVector& values, Complex value) {
  Index best = 0;
  for (Index i = 1; i < values.size(); ++i)
    if (std::abs(values(i) - value) < std::abs(values(best) - value)) best = i;
  return best;
}

Eigenpair eigenpair(const Matrix& a, Complex value) {
  const auto right = numerics::eigensystem(a);
  const auto left = numerics::eigensystem(Matrix(a.transpose()));
  if (!right.converged || !left.converged) return {};
  Eigenpair pair;
  pair.q = right.right.col(nearest(right.values, value));
  pair.p = left.right.col(nearest(left.values, std::conj(value)));
  const Complex product = pair.p.dot(pair.q);  // conjugates p
  pair.is_good = std::abs(product) > 1e-8;
  if (pair.is_good) pair.p /= std::conj(product);
  return pair;
}

ComplexVector solve(const ComplexMatrix& a, const ComplexVector& b) {
  return a.partialPivLu().solve(b);
}

ComplexMatrix shifted(const Matrix& a, Complex shift) {
  ComplexMatrix m = -a.cast<Complex>();
  m.diagonal().array() += shift;
  return m;
}

// A coefficient that vanishes decides nothing: terms of higher order do.
Criticality negative_is_super(double value) {
  if (std::abs(value) <= kVanishing) return Criticality::unknown;
  return value < 0 ? Criticality::supercritical : Criticality::subcritical;
}

// Null vectors of A (map: A - I); right has its largest entry positive.
NullVectors critical_vectors(const System& system, const Matrix& jacobian) {
  Matrix a = jacobian;
  if (system.time() == Time::discrete) a.diagonal().array() -= 1;
  NullVectors null = null_vectors(a, {});
  Index largest = 0;
  null.right.cwiseAbs().maxCoeff(&largest);
  if (null.right(largest) < 0) null.right = -null.right;
  return null;
}

bool is_defined(const System& system, ConstVectorRef state, ConstVectorRef input) {
  return !system.has_kinks() || system.kink_distance(state, input) > 1e-2;
}

NormalForm undefined() {
  NormalForm form;
  form.note = "no normal form: at a kink";
  return form;
}

NormalForm defective() {
  NormalForm form;
  form.note = "no normal form: the critical eigenvalues are defective";
  return form;
}

}  // namespace

NullVectors null_vectors(ConstMatrixRef a, const NullVectors& reference) {
  const Borders borders = singular_borders(a, 1, 1);
  NullVectors null{borders.right.col(0), borders.left.col(0)};
  if (reference.right.size() > 0) {
    if (reference.right.dot(null.right) < 0) null.right = -null.right;
    if (reference.left.dot(null.left) < 0) null.left = -null.left;
  }
  return null;
}

double quadratic_form(const System& system, ConstVectorRef state, ConstVectorRef input,
                      const NullVectors& null) {
  return null.left.dot(Derivatives(system, state, input).b(null.right, null.right)) / 2;
}

NormalForm fold_form(const System& system, ConstVectorRef state, ConstVectorRef input) {
  if (!is_defined(system, state, input)) return undefined();
  const Derivatives d(system, state, input);
  const NullVectors null = critical_vectors(system, d.a());
  const double product = null.left.dot(null.right);
  if (std::abs(product) < 1e-8) return defective();
  NormalForm form;
  form.coefficient = null.left.dot(d.b(null.right, null.right)) / (2 * product);
  return form;
}

NormalForm hopf_form(const System& system, ConstVectorRef state, ConstVectorRef input,
                     double omega) {
  NormalForm form;
  form.period = kTwoPi / omega;
  if (!is_defined(system, state, input)) {
    form.note = undefined().note;
    return form;
  }
  const Derivatives d(system, state, input);
  const Eigenpair pair = eigenpair(d.a(), {0, omega});
  if (!pair.is_good) {
    form.note = defective().note;
    return form;
  }
  const ComplexVector& q = pair.q;
  const ComplexVector conj_q = q.conjugate();
  const ComplexVector mean = solve(shifted(d.a(), 0), d.b_complex(q, conj_q));  // -A^-1 B(q, q*)
  const ComplexVector twice = solve(shifted(d.a(), {0, 2 * omega}), d.b_complex(q, q));
  const ComplexVector cubic =
      d.c_resonant(q) + 2.0 * d.b_complex(q, mean) + d.b_complex(conj_q, twice);
  form.coefficient = pair.p.dot(cubic).real() / (2 * omega);
  form.criticality = negative_is_super(form.coefficient);
  return form;
}

NormalForm flip_form(const System& map, ConstVectorRef state, ConstVectorRef input) {
  if (!is_defined(map, state, input)) return undefined();
  const Derivatives d(map, state, input);
  const Eigenpair pair = eigenpair(d.a(), -1.0);
  if (!pair.is_good) return defective();
  const Vector q = pair.q.real(), p = pair.p.real();
  const ComplexVector square = solve(shifted(d.a(), 1), ComplexVector(d.b(q, q).cast<Complex>()));
  NormalForm form;
  form.coefficient = p.dot(d.ccc(q) + 3 * d.b(q, Vector(square.real()))) / 6;
  form.criticality = negative_is_super(-form.coefficient);
  return form;
}

NormalForm neimark_sacker_form(const System& map, ConstVectorRef state, ConstVectorRef input,
                               double theta) {
  NormalForm form;
  form.period = kTwoPi / theta;
  for (const int k : {3, 4})
    if (std::abs(k * theta - kTwoPi) < 1e-6) form.note = fmt::format("strong resonance 1:{}", k);
  if (!is_defined(map, state, input)) {
    form.note = undefined().note;
    return form;
  }
  const Derivatives d(map, state, input);
  const Complex lambda = std::polar(1.0, theta);
  const Eigenpair pair = eigenpair(d.a(), lambda);
  if (!pair.is_good) {
    form.note = defective().note;
    return form;
  }
  const ComplexVector& q = pair.q;
  const ComplexVector conj_q = q.conjugate();
  const ComplexVector mean = solve(shifted(d.a(), 1), d.b_complex(q, conj_q));
  const ComplexVector twice = solve(shifted(d.a(), lambda * lambda), d.b_complex(q, q));
  const ComplexVector cubic =
      d.c_resonant(q) + 2.0 * d.b_complex(q, mean) + d.b_complex(conj_q, twice);
  form.coefficient = (std::conj(lambda) * pair.p.dot(cubic)).real() / 2;
  form.criticality = negative_is_super(form.coefficient);
  return form;
}

NormalForm branch_point_form(const System& system, ConstVectorRef state, ConstVectorRef input) {
  if (!is_defined(system, state, input)) return undefined();
  const Derivatives d(system, state, input);
  const NullVectors null = critical_vectors(system, d.a());
  const Vector& q = null.right;
  const double product = null.left.dot(q);
  if (std::abs(product) < 1e-8) return defective();
  const Vector p = null.left / product;
  const Vector square = d.b(q, q);
  NormalForm form;
  form.coefficient = p.dot(square) / 2;
  const Vector cubes = d.ccc(q);
  if (std::abs(form.coefficient) > kZeroShare * (1e-3 + square.norm() + cubes.norm())) {
    form.note = "transcritical";
    return form;
  }
  // -A+ B(q, q) by the bordered matrix, which is regular; its g is the part that q takes.
  Matrix a = -d.a();
  if (system.time() == Time::discrete) a.diagonal().array() += 1;
  Matrix bordered = Matrix::Zero(q.size() + 1, q.size() + 1);
  bordered.topLeftCorner(q.size(), q.size()) = a;
  bordered.topRightCorner(q.size(), 1) = null.left;
  bordered.bottomLeftCorner(1, q.size()) = q.transpose();
  Vector rhs = Vector::Zero(q.size() + 1);
  rhs.head(q.size()) = square;
  const Vector second = bordered.partialPivLu().solve(rhs).head(q.size());
  form.coefficient = p.dot(cubes + 3 * d.b(q, second)) / 6;
  form.note = "pitchfork";
  form.criticality = negative_is_super(form.coefficient);
  return form;
}

}  // namespace nullcline::continuation
