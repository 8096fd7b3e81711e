// SPDX-License-Identifier: BSD-3-Clause
// The files were written by PyTorch 2.13 (tests/data/imports/make_torch.py).
#include "nullcline/io/torch_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../support/archive_bytes.hpp"
#include "../support/temporary_folder.hpp"

#include "nullcline/core/error.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/io/safetensors.hpp"
#include "nullcline/io/weight_file.hpp"

namespace nullcline::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

std::string data(const std::string& name) {
  return std::string(NULLCLINE_TEST_DATA) + "/imports/" + name;
}

void expect_same(const NamedArrays& found, const NamedArrays& expected) {
  ASSERT_EQ(found.all().size(), expected.all().size());
  for (const auto& [name, array] : expected.all()) {
    EXPECT_EQ(found.at(name).shape, array.shape) << name;
    EXPECT_EQ(found.at(name).data, array.data) << name;
  }
}

TEST(TorchFile, AStateDictionaryHoldsWhatSafetensorsAndNumpyHold) {
  const NamedArrays found = read_torch(data("torch_gru.pt"));
  EXPECT_EQ(found.at("rnn.weight_hh_l0").shape, (std::vector<std::size_t>{15, 5}));
  expect_same(found, read_safetensors(data("torch_gru.safetensors")));
  expect_same(found, read_npz(data("torch_gru.npz")));
}

TEST(TorchFile, ViewsAreReadByTheirOffsetsAndStrides) {
  const NamedArrays views = read_torch(data("torch_views.pt"));
  // The storage counts 0, 1, 2, ... in four rows of six.
  EXPECT_EQ(views.at("transposed").shape, (std::vector<std::size_t>{6, 4}));
  const Matrix transposed = views.matrix("transposed");
  for (Index i = 0; i < 6; ++i)
    for (Index j = 0; j < 4; ++j)
      EXPECT_EQ(transposed(i, j), 6.0 * static_cast<double>(j) + static_cast<double>(i));
  EXPECT_THAT(views.values("every_second"), ElementsAre(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22));
  EXPECT_THAT(views.values("offset"), ElementsAre(13, 14, 19, 20));
  EXPECT_EQ(views.scalar("scalar"), 23);
  EXPECT_TRUE(views.at("scalar").shape.empty());
  EXPECT_EQ(views.at("empty").shape, (std::vector<std::size_t>{0, 3}));
}

TEST(TorchFile, NumbersOfEveryTypeAreRead) {
  const NamedArrays views = read_torch(data("torch_views.pt"));
  EXPECT_THAT(views.values("half"), ElementsAre(0.5, -2));
  EXPECT_THAT(views.values("bfloat16"), ElementsAre(0.5, -2));
  for (const char* name : {"int64", "int32", "int16", "int8"})
    EXPECT_THAT(views.values(name), ElementsAre(-3, 4)) << name;
  EXPECT_THAT(views.values("uint8"), ElementsAre(3, 4));
  EXPECT_THAT(views.values("bool"), ElementsAre(1, 0));
  EXPECT_THAT(views.values("parameter"), ElementsAre(1, 1));
  EXPECT_THAT(views.values("list.0"), ElementsAre(0));
  EXPECT_EQ(views.attributes.at("list.1"), Attribute(std::int64_t{7}));
  EXPECT_FALSE(views.attributes.contains("big"));
}

TEST(TorchFile, ACheckpointIsFlattenedAndItsNumbersAreAttributes) {
  const NamedArrays checkpoint = read_torch(data("torch_lstm.pth"));
  EXPECT_EQ(checkpoint.at("state_dict.rnn.weight_ih_l0").shape, (std::vector<std::size_t>{16, 2}));
  EXPECT_TRUE(std::holds_alternative<std::vector<float>>(
      checkpoint.at("state_dict.rnn.weight_ih_l0").data));
  EXPECT_TRUE(checkpoint.has("optimizer.state.2.exp_avg"));
  EXPECT_EQ(checkpoint.attributes.at("epoch"), Attribute(std::int64_t{3}));
  EXPECT_EQ(checkpoint.attributes.at("loss"), Attribute(0.25));
  EXPECT_EQ(checkpoint.attributes.at("note"), Attribute(std::string("kept")));
  EXPECT_EQ(checkpoint.attributes.at("size.1"), Attribute(std::int64_t{3}));
}

TEST(TorchFile, WhatHoldsMoreThanWeightsIsRefusedWithTheWayOut) {
  const auto refusal = [](const std::string& name, const std::string& words) {
    EXPECT_THAT([&] { read_torch(data(name)); },
                ThrowsMessage<FormatError>(testing::AllOf(
                    StartsWith(data(name) + ": "), HasSubstr(words), HasSubstr("torch.save("))));
  };
  refusal("torch_module.pt", "names 'torch.nn.modules.rnn.GRU'");
  refusal("torch_legacy.pt", "format of PyTorch before 1.6");
  refusal("torch_script.pt", "TorchScript program");
}

TEST(TorchFile, AFlippedBitOfAWeightIsNoticed) {
  const auto weights =
      std::get<std::vector<double>>(read_torch(data("torch_gru.pt")).at("rnn.weight_hh_l0").data);
  std::string bytes = support::content_of(data("torch_gru.pt"));
  const std::size_t place =
      bytes.find(std::string(reinterpret_cast<const char*>(weights.data()), 3 * sizeof(double)));
  ASSERT_NE(place, std::string::npos);
  bytes[place] = static_cast<char>(bytes[place] ^ 1);
  const support::TemporaryFolder folder;
  const std::string path = folder.write("flipped.pt", bytes);
  EXPECT_THAT([&] { read_torch(path); },
              ThrowsMessage<FormatError>(HasSubstr("is damaged: CRC error")));
}

TEST(WeightFile, TheContentSaysTheFormat) {
  EXPECT_EQ(weight_format(data("torch_gru.pt")), WeightFormat::torch);
  EXPECT_EQ(weight_format(data("torch_legacy.pt")), WeightFormat::torch);
  EXPECT_EQ(weight_format(data("torch_gru.npz")), WeightFormat::npz);
  EXPECT_EQ(weight_format(data("torch_gru.safetensors")), WeightFormat::safetensors);
  EXPECT_EQ(weight_format(data("keras_lstm.keras")), WeightFormat::keras);
  EXPECT_EQ(weight_format(data("keras_lstm.h5")), WeightFormat::hdf5);
  EXPECT_THAT([] { weight_format(data("make_torch.py")); },
              ThrowsMessage<FormatError>(HasSubstr("no known file of weights")));
  for (const char* name : {"torch_gru.pt", "torch_gru.npz", "torch_gru.safetensors"})
    expect_same(read_weights(data(name)), read_torch(data("torch_gru.pt")));
}

}  // namespace
}  // namespace nullcline::io
