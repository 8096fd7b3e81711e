// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/similarity.hpp"

#include <gtest/gtest.h>

#include <Eigen/QR>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::comparison {
namespace {

using nlohmann::json;

constexpr double kExact = 1e-9;

json expected() {
  std::ifstream file(NULLCLINE_TEST_DATA "/similarity/expected.json");
  return json::parse(file);
}

struct Pair {
  Activity x, y;
};

Pair load(const std::string& name) {
  const NamedArrays arrays = io::read_npz(NULLCLINE_TEST_DATA "/similarity/" + name + ".npz");
  return {make_activity(arrays.matrix("X")), make_activity(arrays.matrix("Y"))};
}

Matrix noise(Index n_samples, Index n_units, std::uint64_t stream) {
  Rng rng(1, Purpose::fixed_point_starts, stream);
  Matrix x(n_samples, n_units);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = rng.normal();
  return x;
}

class Oracle : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    values = expected().at(GetParam());
    pair = load(GetParam());
  }
  double value(const char* key) const { return values.at(key).get<double>(); }

  json values;
  Pair pair;
};

TEST_P(Oracle, CanonicalCorrelations) {
  for (const auto& [key, threshold] :
       {std::pair{"svcca90", 0.9}, std::pair{"svcca95", 0.95}, std::pair{"svcca99", 0.99}}) {
    const CanonicalCorrelations found = svcca(pair.x, pair.y, threshold);
    const json& truth = values.at(key);
    EXPECT_EQ(found.n_x, truth.at("kx"));
    EXPECT_EQ(found.n_y, truth.at("ky"));
    EXPECT_NEAR(found.mean, truth.at("mean"), kExact);
    for (Index i = 0; i < found.rho.size(); ++i)
      EXPECT_NEAR(found.rho(i), truth.at("rho")[static_cast<std::size_t>(i)], kExact);
  }
  const CanonicalCorrelations all = cca(pair.x, pair.y);
  ASSERT_EQ(static_cast<std::size_t>(all.rho.size()), values.at("cca_rho").size());
  for (Index i = 0; i < all.rho.size(); ++i)
    EXPECT_NEAR(all.rho(i), values.at("cca_rho")[static_cast<std::size_t>(i)], kExact);
  EXPECT_NEAR(pwcca(pair.x, pair.y), value("pwcca_xy"), kExact);
  EXPECT_NEAR(pwcca(pair.y, pair.x), value("pwcca_yx"), kExact);
}

TEST_P(Oracle, CenteredKernelAlignment) {
  EXPECT_NEAR(linear_cka(pair.x, pair.y), value("cka_linear"), kExact);
  EXPECT_NEAR(unbiased_cka(pair.x, pair.y), value("cka_unbiased_linear"), kExact);
  EXPECT_NEAR(rbf_cka(pair.x, pair.y, 0.5), value("cka_rbf_median_frac0.5"), kExact);
}

TEST_P(Oracle, ShapesAsTheDataCome) {
  const json& truth = values.at("procrustes");
  const Procrustes found = shape_distance(pair.x, pair.y, 1, false);
  const double nuclear = truth.at("nuc"), size = truth.at("size_and_shape");
  EXPECT_NEAR(found.nuclear, nuclear, kExact * nuclear);
  EXPECT_NEAR(found.size_and_shape, size, kExact * size);
  // The oracle takes arccos, which loses half of the digits near 0.
  EXPECT_NEAR(found.angular, truth.at("angular"), found.angular < 1e-3 ? 1e-7 : kExact);
  for (const auto& [alpha, name] :
       {std::pair{0.0, "alpha0.0"}, std::pair{0.5, "alpha0.5"}, std::pair{1.0, "alpha1.0"}}) {
    const Procrustes shape = shape_distance(pair.x, pair.y, alpha, false);
    const double angular = values.at("netrep").at(std::string("angular_") + name);
    const double euclidean = values.at("netrep").at(std::string("euclidean_") + name);
    EXPECT_NEAR(shape.angular, angular, angular < 1e-3 ? 1e-7 : kExact) << name;
    EXPECT_NEAR(shape.size_and_shape, euclidean, 1e-7 * euclidean) << name;
  }
}

TEST_P(Oracle, RepresentationalSimilarity) {
  EXPECT_NEAR(rsa(pair.x, pair.y), values.at("rsa").at("pearson"), kExact);
  EXPECT_NEAR(rsa(pair.x, pair.y, Correlation::spearman), values.at("rsa").at("spearman"), kExact);
}

INSTANTIATE_TEST_SUITE_P(Pairs, Oracle,
                         ::testing::Values("indep", "rotation_scale_shift", "invertible_linear",
                                           "dead_units", "m_smaller_than_n"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(Similarity, ARotatedCloudIsTheSameToTheLastDigits) {
  const Matrix x = noise(50, 4, 1);
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(noise(4, 4, 2));
  const Matrix rotated = (x * Matrix(qr.householderQ())).rowwise() + Eigen::RowVectorXd::Ones(4);
  const Activity a = make_activity(x), b = make_activity(rotated);
  EXPECT_LT(shape_distance(a, b).angular, 1e-13);
  EXPECT_LT(shape_distance(a, b).size_and_shape, 1e-12);
  EXPECT_GT(shape_distance(a, make_activity(noise(50, 4, 3))).angular, 0.5);
}

TEST(Similarity, TheSizeOfTheDataDoesNotMatterUnlessAsked) {
  const Matrix x = noise(60, 5, 1), y = x + 0.3 * noise(60, 5, 2);
  const Activity a = make_activity(x), b = make_activity(y), small = make_activity(1e-5 * y);
  for (const double alpha : {0.0, 0.5, 1.0})
    EXPECT_NEAR(shape_distance(a, b, alpha).angular, shape_distance(a, small, alpha).angular, 1e-9);
  EXPECT_GT(std::abs(shape_distance(a, b, 0.0, false).angular -
                     shape_distance(a, small, 0.0, false).angular),
            1e-3);
}

TEST(Similarity, ANetworkThatDoesNothingIsLikeNoOther) {
  const Activity dead = make_activity(Matrix::Constant(20, 3, 0.1));
  const Activity other = make_activity(noise(20, 3, 1));
  EXPECT_EQ(dead.rank(), 0);
  EXPECT_EQ(svcca(dead, other).mean, 0);
  EXPECT_EQ(pwcca(dead, other), 0);
  EXPECT_TRUE(std::isnan(linear_cka(dead, other)));
  EXPECT_TRUE(std::isnan(unbiased_cka(dead, other)));
  EXPECT_TRUE(std::isnan(rbf_cka(dead, other)));
  EXPECT_TRUE(std::isnan(shape_distance(dead, other).angular));
  EXPECT_TRUE(std::isnan(rsa(dead, other)));
}

TEST(Similarity, RefusesWhatCannotBeCompared) {
  const Activity a = make_activity(noise(20, 3, 1)), b = make_activity(noise(21, 3, 1));
  EXPECT_THROW(svcca(a, b), InvalidInput);
  EXPECT_THROW(linear_cka(a, b), InvalidInput);
  EXPECT_THROW(svcca(a, a, 1.5), InvalidInput);
  EXPECT_THROW(rbf_cka(a, a, 0), InvalidInput);
  EXPECT_THROW(shape_distance(a, a, -0.1), InvalidInput);
  EXPECT_THROW(make_activity(Matrix::Zero(1, 3)), InvalidInput);
  Matrix bad = noise(5, 2, 1);
  bad(2, 1) = std::nan("");
  EXPECT_THROW(make_activity(bad), InvalidInput);
}

}  // namespace
}  // namespace nullcline::comparison
