// SPDX-License-Identifier: BSD-3-Clause
// Damaged and lying files of Keras end in one line that starts with their name, or do no harm.
#include "nullcline/io/keras_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "../support/archive_bytes.hpp"
#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/interchange/weights.hpp"

namespace nullcline::io {
namespace {

using support::deflated_zip_bytes;
using support::zip_bytes;
using testing::HasSubstr;

std::string file_bytes(const std::string& name) {
  std::ifstream file(std::string(NULLCLINE_TEST_DATA) + "/imports/" + name, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::string refusal(const std::string& bytes) {
  try {
    parse_keras(bytes, "file.keras");
  } catch (const FormatError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("file.keras: ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  }
  ADD_FAILURE() << "was read without complaint";
  return "";
}

TEST(HostileKeras, ArchivesWithoutTheirPartsAreRefused) {
  const std::string weights = file_bytes("keras_gru_after.weights.h5");
  EXPECT_NO_THROW(
      parse_keras(zip_bytes({{"config.json", "{}"}, {"model.weights.h5", weights}}), "file.keras"));
  EXPECT_THAT(refusal(zip_bytes({{"config.json", "{}"}})), HasSubstr("holds no model.weights.h5"));
  EXPECT_THAT(refusal(zip_bytes({{"model.weights.h5", weights}})), HasSubstr("no config.json"));
  EXPECT_THAT(refusal(zip_bytes({{"config.json", "{}"}, {"model.weights.h5", "PK"}})),
              HasSubstr("is not an HDF5 file"));
  EXPECT_THAT(refusal(deflated_zip_bytes("config.json", std::string(std::size_t{1} << 23, ' '))),
              HasSubstr("model.weights.h5"));
  EXPECT_THAT(refusal(zip_bytes({{.name = "config.json", .data = "{}", .size = 4000000000u},
                                 {.name = "model.weights.h5", .data = weights}})),
              HasSubstr("claims"));
}

TEST(HostileKeras, ABombOfAConfigurationIsRefused) {
  const std::string bomb =
      zip_bytes({{"config.json", std::string((std::size_t{1} << 22) + 1, ' ')},
                 {"model.weights.h5", file_bytes("keras_gru_after.weights.h5")}});
  EXPECT_THAT(refusal(bomb), HasSubstr("the limit is 4194304"));
}

TEST(HostileKeras, LinksToOtherFilesAreRefused) {
  const support::TemporaryFolder folder;
  const std::string path = folder.path() + "/linked.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  ASSERT_GE(
      H5Lcreate_external("/etc/other.h5", "/secret", file, "kernel", H5P_DEFAULT, H5P_DEFAULT), 0);
  H5Fclose(file);
  try {
    read_keras(path);
    ADD_FAILURE() << "was read";
  } catch (const FormatError& error) {
    EXPECT_THAT(error.what(), HasSubstr("external link"));
  }
}

TEST(HostileKeras, EveryTruncationIsRefused) {
  for (const char* name : {"keras_relu.keras", "keras_gru_after.h5"}) {
    const std::string whole = file_bytes(name);
    for (std::size_t length = 0; length < whole.size(); length += 97)
      refusal(whole.substr(0, length));
  }
}

TEST(HostileKeras, ChangedBytesAroundTheConfigurationAreRefusedOrHarmless) {
  const std::string whole = file_bytes("keras_gru_after.h5");
  const std::string expected = parse_keras(whole, "file.keras").text_attribute(kKerasConfiguration);
  const std::size_t heap = whole.find("GCOL");
  ASSERT_NE(heap, std::string::npos);
  std::size_t n_changed = 0;
  const auto try_change = [&](std::size_t place) {
    for (const int value : {0x00, 0x01, 0x7f, 0xff}) {
      std::string bytes = whole;
      bytes[place] = static_cast<char>(value);
      try {
        const NamedArrays arrays = parse_keras(bytes, "file.keras", {.max_bytes = 1 << 24});
        const auto found = arrays.attributes.find(kKerasConfiguration);
        if (found == arrays.attributes.end() || found->second != Attribute(expected)) ++n_changed;
      } catch (const FormatError& error) {
        EXPECT_TRUE(std::string(error.what()).starts_with("file.keras: ")) << error.what();
      }
    }
  };
  for (std::size_t place = heap; place < heap + 64; ++place) try_change(place);
  for (std::size_t place = 0; place < 1200; place += 3) try_change(place);
  EXPECT_GT(n_changed, 0u);  // the bytes that were changed are read
}

TEST(HostileKeras, ConfigurationsThatAreNoneAreRefusedByName) {
  const std::string weights = file_bytes("keras_gru_after.weights.h5");
  const auto message = [&](const std::string& configuration) -> std::string {
    const NamedArrays arrays = parse_keras(
        zip_bytes({{"config.json", configuration}, {"model.weights.h5", weights}}), "file.keras");
    try {
      interchange::network_from_weights(arrays, {});
    } catch (const FormatError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("not json"), HasSubstr("no JSON object"));
  EXPECT_THAT(message("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(message(std::string(100000, '[')), HasSubstr("no JSON object"));
  EXPECT_THAT(message(R"({"config": {"layers": 3}})"), HasSubstr("no list of layers"));
  EXPECT_THAT(message(R"({"config": {"layers": [3]}})"), HasSubstr("damaged layer"));
  EXPECT_THAT(
      message(R"({"config": {"layers": [{"class_name": "Dense", "config": {"name": "a"}}]}})"),
      HasSubstr("not in the model's own list"));
  EXPECT_THAT(
      message(
          R"({"config": {"layers": [{"class_name": "GRU", "config": {"name": "a", "activation": 3}}]}})"),
      HasSubstr("activation"));
}

}  // namespace
}  // namespace nullcline::io
