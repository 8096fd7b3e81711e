// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/rng.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

#include "nullcline/core/error.hpp"

namespace nullcline {
namespace {

// numpy.random.Philox(key=[seed, purpose], counter=[0, 0, index, 0]).random_raw(9), numpy 1.24.
struct Case {
  std::uint64_t seed;
  Purpose purpose;
  std::uint64_t index;
  std::array<std::uint64_t, 9> words;
};

const std::array kNumpyCases{
    Case{0,
         Purpose::initialization,
         0,
         {0xd037f8c3f9a1d176, 0xc057419b4c210765, 0xabf13115117b0065, 0x7bae035dea6ea5c0,
          0xb487ac82e7ddd46f, 0x45e81edba7c59426, 0xd0a3831ebe9a338c, 0x90194c97f11d0dc3,
          0x90cae1e1aecc68a9}},
    Case{42,
         Purpose::validation_data,
         7,
         {0x3a510a074cdac980, 0xbff53650502b0d74, 0xbb8fa3940e9aceda, 0xe821ed8e19766f38,
          0x76c097b3472ca672, 0x90b31a356f32317c, 0x219f12d6acde78fd, 0x51619e8683f142ce,
          0x94a5edc4802c85d2}},
    Case{UINT64_MAX,
         Purpose::unit_data,
         std::uint64_t{1} << 40,
         {0x34b5edc25fdb3053, 0xe6db095224c0e518, 0x4faa63636aed5121, 0xcbf78506e859a7a1,
          0x2ae357cae54ba059, 0x6af0d23e2fb07e9e, 0x65c8a2167cc3137f, 0x57eb9bd56c5a954d,
          0x69c3412af5d3cc81}},
};

TEST(Rng, GivesNumpysPhiloxWordForWord) {
  for (const Case& known : kNumpyCases) {
    Rng rng(known.seed, known.purpose, known.index);
    for (const std::uint64_t word : known.words) EXPECT_EQ(rng.bits(), word) << known.seed;
  }
}

TEST(Rng, UniformIsNumpysGeneratorRandom) {
  Rng rng(42, Purpose::validation_data, 7);
  for (const double expected : {0.22779905966022362, 0.7498353906704943, 0.732660506865254,
                                0.9067676994249837, 0.46387622954277896})
    EXPECT_EQ(rng.uniform(), expected);
}

TEST(Rng, NormalIsBoxMullerOfTwoUniforms) {
  Rng rng(42, Purpose::validation_data, 7);
  for (const double expected :
       {-0.0007436837801199892, -0.7190413074069277, 1.353515435912421, -0.8980355235417158})
    EXPECT_NEAR(rng.normal(), expected, 1e-15);
}

TEST(Rng, NormalHasTheMomentsOfANormal) {
  Rng rng(1, Purpose::tests);
  constexpr int kCount = 100000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = rng.normal();
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  // Five standard errors: 1, sqrt(2) and sqrt(96) over sqrt(n).
  const double unit = 5 / std::sqrt(kCount);
  EXPECT_NEAR(sum / kCount, 0, unit);
  EXPECT_NEAR(squares / kCount, 1, unit * std::sqrt(2));
  EXPECT_NEAR(fourth / kCount, 3, unit * std::sqrt(96));
}

TEST(Rng, StreamsOfOtherSeedPurposeOrIndexDiffer) {
  std::set<std::uint64_t> first_words;
  for (const std::uint64_t seed : {0, 1})
    for (const Purpose purpose : {Purpose::initialization, Purpose::training_data})
      for (const std::uint64_t index : {0, 1}) first_words.insert(Rng(seed, purpose, index).bits());
  EXPECT_EQ(first_words.size(), 8u);
}

TEST(Rng, UniformStaysInItsInterval) {
  Rng rng(3, Purpose::tests);
  double low = 10, high = -10;
  for (int i = 0; i < 10000; ++i) {
    const double value = rng.uniform(-2, 5);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  EXPECT_GE(low, -2);
  EXPECT_LT(high, 5);
  EXPECT_LT(low, -1.99);
  EXPECT_GT(high, 4.99);
}

TEST(Rng, BelowIsUniformOnItsRange) {
  Rng rng(4, Purpose::tests);
  std::array<int, 7> counts{};
  constexpr int kCount = 70000;
  for (int i = 0; i < kCount; ++i) {
    const std::uint64_t value = rng.below(7);
    ASSERT_LT(value, 7u);
    ++counts[value];
  }
  for (const int count : counts) EXPECT_NEAR(count, kCount / 7, 5 * std::sqrt(kCount / 7));
  EXPECT_EQ(rng.below(1), 0u);
}

TEST(Rng, BelowZeroIsRefused) {
  Rng rng(0, Purpose::tests);
  EXPECT_THROW(rng.below(0), InvalidInput);
}

}  // namespace
}  // namespace nullcline
