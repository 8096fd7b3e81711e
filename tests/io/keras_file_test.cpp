// SPDX-License-Identifier: BSD-3-Clause
// The files were written by Keras 3.15 (tests/data/imports/make_keras.py).
#include "nullcline/io/keras_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "nullcline/core/error.hpp"

namespace nullcline::io {
namespace {

std::string data(const std::string& name) {
  return std::string(NULLCLINE_TEST_DATA) + "/imports/" + name;
}

std::string configuration(const NamedArrays& arrays) {
  return arrays.text_attribute(kKerasConfiguration);
}

TEST(KerasFile, TheThreeFormatsHoldTheSameWeights) {
  const NamedArrays archive = read_keras(data("keras_gru_after.keras"));
  const NamedArrays weights = read_keras(data("keras_gru_after.weights.h5"));
  const NamedArrays legacy = read_keras(data("keras_gru_after.h5"));
  const std::string cell = "model_weights/gru/sequential/gru/gru_cell/";
  for (const auto& [number, name] :
       {std::pair{"0", "kernel"}, std::pair{"1", "recurrent_kernel"}, std::pair{"2", "bias"}}) {
    const std::string stored = std::string("layers/gru/cell/vars/") + number;
    EXPECT_EQ(archive.at(stored).data, weights.at(stored).data);
    const auto same_layer = [ending = std::string("_cell/") + name](const std::string& candidate) {
      return candidate.ends_with(ending);
    };
    bool is_found = false;
    for (const auto& [candidate, array] : legacy.all())
      if (same_layer(candidate)) {
        is_found = true;
        EXPECT_EQ(array.data, archive.at(stored).data);
      }
    EXPECT_TRUE(is_found) << name;
  }
}

TEST(KerasFile, TheConfigurationIsReadWhereThereIsOne) {
  for (const char* name : {"keras_gru_after.keras", "keras_gru_after.h5"}) {
    const auto document = nlohmann::json::parse(configuration(read_keras(data(name))));
    EXPECT_EQ(document["class_name"], "Sequential") << name;
    bool has_gru = false;
    for (const auto& layer : document["config"]["layers"])
      has_gru |= layer["class_name"] == "GRU" && layer["config"]["reset_after"] == true;
    EXPECT_TRUE(has_gru) << name;
  }
  EXPECT_FALSE(
      read_keras(data("keras_gru_after.weights.h5")).attributes.contains(kKerasConfiguration));
}

TEST(KerasFile, MemoryGivesWhatTheFileGives) {
  for (const char* name : {"keras_lstm.keras", "keras_lstm.h5"}) {
    std::ifstream file(data(name), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    const NamedArrays found = parse_keras(bytes.str(), "memory"), expected = read_keras(data(name));
    EXPECT_EQ(configuration(found), configuration(expected));
    ASSERT_EQ(found.all().size(), expected.all().size());
    for (const auto& [key, array] : expected.all()) EXPECT_EQ(found.at(key).data, array.data);
  }
}

}  // namespace
}  // namespace nullcline::io
