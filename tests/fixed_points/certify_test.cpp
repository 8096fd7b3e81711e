// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/certify.hpp"

#include <gtest/gtest.h>

#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/testing/zoo.hpp"
#include "support.hpp"

namespace nullcline::fixed_points {
namespace {

using dynamics::Time;

constexpr double kState = nullcline::testing::kIdealFlipFlopState;  // within 1e-16 of the point

TEST(Certify, ProvesAPointAndEnclosesIt) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(3));
  const Equation equation(*system, Vector::Zero(3));
  const Vector point{{kState, 0.0, -kState}};
  const Certificate certificate = certify(equation, point);
  ASSERT_TRUE(certificate.exists);
  EXPECT_EQ(certificate.verdict, Verdict::proven);
  EXPECT_LT(certificate.radius, 1e-14);
  EXPECT_GT(certificate.radius, 0);
  // The next points are at 0.9575 in some coordinate: no larger box can be proven.
  EXPECT_GT(certificate.uniqueness_radius, 0.01);
  EXPECT_LT(certificate.uniqueness_radius, 0.9575);
}

TEST(Certify, CoversTheDistanceToTheTruePoint) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(2));
  const Equation equation(*system, Vector::Zero(2));
  for (const double off : {1e-12, 1e-9, 1e-6, 1e-3}) {
    const Certificate certificate = certify(equation, Vector{{kState + off, 0.3 * off}});
    ASSERT_TRUE(certificate.exists) << off;
    EXPECT_GE(certificate.radius, off) << off;
    EXPECT_LT(certificate.radius, 3 * off) << off;
  }
}

TEST(Certify, RefusesWhatIsNoPoint) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(2));
  const Equation equation(*system, Vector::Zero(2));
  EXPECT_FALSE(certify(equation, Vector{{0.5, 0.5}}).exists);
  EXPECT_FALSE(certify(equation, Vector{{kState, NAN}}).exists);
  EXPECT_EQ(certify(equation, Vector{{0.5, 0.5}}).verdict, Verdict::not_proven);
}

TEST(Certify, RefusesADegeneratePoint) {
  const auto system =
      models::make_system(nullcline::testing::tanh_network(Matrix::Identity(2, 2), Matrix(2, 0)));
  const Certificate certificate = certify(Equation(*system, Vector(0)), Vector::Zero(2));
  EXPECT_FALSE(certificate.exists);
  EXPECT_EQ(certificate.uniqueness_radius, 0);
}

TEST(Certify, SeesTheNeighborAcrossAPitchfork) {
  // h' = tanh((1 + e) h): the neighbours of 0 are at about sqrt(3 e).
  for (const double e : {1e-2, 1e-4, 1e-6}) {
    const auto system = models::make_system(
        nullcline::testing::tanh_network((1 + e) * Matrix::Identity(1, 1), Matrix(1, 0)));
    const Certificate certificate = certify(Equation(*system, Vector(0)), Vector::Zero(1));
    ASSERT_TRUE(certificate.exists) << e;
    EXPECT_LT(certificate.uniqueness_radius, std::sqrt(3 * e)) << e;
    EXPECT_GT(certificate.uniqueness_radius, std::sqrt(3 * e) / 10) << e;
  }
}

TEST(Certify, DoesNotCallItAProofWithoutIntervals) {
  const nullcline::testing::FitzHughNagumo system;
  const Equation equation(system, Vector::Constant(1, 0.5));
  const Polished point = polish(equation, Vector{{-0.8, -0.1}});
  const Certificate certificate = certify(equation, point.point);
  EXPECT_TRUE(certificate.exists);
  EXPECT_EQ(certificate.verdict, Verdict::not_proven);
  EXPECT_GT(certificate.uniqueness_radius, 1e-3);
  // Negative control: the same test says no away from the equilibrium.
  EXPECT_FALSE(certify(equation, point.point + Vector{{0.5, 0.5}}).exists);
}

TEST(Certify, RefusesAGhostAndAcceptsThePairItComesFrom) {
  const testing::PlainSystem pair = testing::saddle_node(-1e-8), ghost = testing::saddle_node(1e-8);
  EXPECT_TRUE(certify(Equation(pair, Vector(0)), Vector{{1e-4}}).exists);
  EXPECT_FALSE(certify(Equation(ghost, Vector(0)), Vector{{0.0}}).exists);
  EXPECT_FALSE(certify(Equation(ghost, Vector(0)), Vector{{1e-4}}).exists);
}

TEST(Certify, SkipsTheLargestBoxOnRequest) {
  const auto system = models::make_system(nullcline::testing::ideal_flip_flop(2));
  const Equation equation(*system, Vector::Zero(2));
  const Certificate quick = certify(equation, Vector{{kState, 0.0}}, false);
  EXPECT_TRUE(quick.exists);
  EXPECT_LT(quick.uniqueness_radius, 1e-12);
}

TEST(Certify, WorksForEachCellInReducedAndFullCoordinates) {
  using models::CellKind;
  for (const CellKind cell : {CellKind::vanilla, CellKind::leaky, CellKind::leaky_outside,
                              CellKind::ugrnn, CellKind::gru, CellKind::lstm})
    for (const Time time : {Time::discrete, Time::continuous}) {
      Rng rng(6, Purpose::tests);
      const auto system = models::make_system(
          nullcline::testing::random_network(cell, models::Activation::tanh, models::Reset::after,
                                             5, 1, 0.8, rng),
          time);
      const Vector input = Vector::Zero(1);
      const Equation reduced(*system, input), full(*system, input, Equation::Form::full);
      const Polished point = polish(reduced, Vector::Zero(5));
      EXPECT_EQ(certify(reduced, point.point).verdict, Verdict::proven) << name_of(cell);
      const Certificate whole = certify(full, reduced.lift(point.point), false);
      EXPECT_EQ(whole.verdict, Verdict::proven) << name_of(cell);
      EXPECT_LT(whole.radius, 1e-12) << name_of(cell);
    }
}

}  // namespace
}  // namespace nullcline::fixed_points
