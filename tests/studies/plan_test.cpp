// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "../support/temporary_folder.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/studies/collect.hpp"
#include "nullcline/studies/compare.hpp"
#include "nullcline/studies/report.hpp"
#include "nullcline/studies/run.hpp"

namespace nullcline::studies {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kStudy = R"(
name = "tiny"
networks = 3
[vary]
task = ["flip-flop"]
cell = ["vanilla"]
units = 4
[train]
iterations = 3
validation_trials = 4
[task.flip-flop]
bits = 1
steps = 10
[search]
n_starts = 20
max_starts = 40
max_boxes = 0
)";

class PlanOfAnotherVersion : public ::testing::Test {
 protected:
  void SetUp() override {
    plan_ = make_plan(kStudy, "study.toml");
    write_plan(folder_, plan_);
  }
  Json document() const { return Json::parse(io::read_text(folder_ + "/plan.json")); }
  void write(const Json& document) const {
    io::write_text(folder_ + "/plan.json", document.dump(1));
  }

  // As a version would have written it that did not know train.l2 and had an option train.old.
  Json older() const {
    Json older = document();
    older["nullcline"] = "0.0.1";
    std::string keys;
    for (Json& unit : older["units"]) {
      std::string key = unit["key"];
      key.back() = key.back() == '0' ? '1' : '0';
      unit["key"] = key;
      keys += key + "\n";
    }
    older["hash"] = results::fingerprint(keys);
    auto& options = older["options"];
    options.erase(std::find(options.begin(), options.end(), "train.l2"));
    options.push_back("train.old");
    return older;
  }

  static std::string refusal(const std::function<void()>& work) {
    try {
      work();
    } catch (const FormatError& error) {
      return error.what();
    }
    return "not refused";
  }

  support::TemporaryFolder place_;
  std::string folder_ = place_.file("run");
  Plan plan_;
};

TEST_F(PlanOfAnotherVersion, IsReadAndNotRun) {
  write(older());
  const Plan found = read_plan(folder_);
  ASSERT_EQ(found.units.size(), 3);
  EXPECT_NE(found.hash, plan_.hash);
  EXPECT_EQ(found.units[0].factors.back().first, "seed");
  EXPECT_EQ(factor_of(found.units[0], "cell"), "vanilla");
  EXPECT_THAT(found.outdated, HasSubstr("planned by nullcline 0.0.1"));
  EXPECT_THAT(found.outdated, HasSubstr("options that it did not have: train.l2;"));
  EXPECT_THAT(found.outdated, HasSubstr("options that are no more: train.old;"));
  EXPECT_THAT(refusal([&] { run_study(folder_, found, {}); }),
              HasSubstr("plan the study in another"));
  EXPECT_THAT(refusal([&] { write_plan(folder_, plan_); }),
              HasSubstr("planned by nullcline 0.0.1"));
  EXPECT_FALSE(fs::exists(folder_ + "/units")) << "nothing was begun";
}

TEST_F(PlanOfAnotherVersion, WhoseStudyCannotBeReadAnyMoreIsReadAllTheSame) {
  Json document = older();
  document["study"]["train"]["old"] = 1;
  document["study_hash"] = results::fingerprint(document["study"].dump());
  write(document);
  const Plan found = read_plan(folder_);
  ASSERT_EQ(found.units.size(), 3);
  EXPECT_THAT(found.outdated, HasSubstr("unknown key 'old'"));
}

TEST_F(PlanOfAnotherVersion, LetsWhatIsDoneBeCollectedComparedAndReported) {
  run_study(folder_, plan_, {});
  const Json before = document(), after = older();
  write(after);
  for (std::size_t i = 0; i < plan_.units.size(); ++i) {
    NamedArrays file = io::read_hdf5(unit_path(folder_, plan_.units[i].key));
    const std::string key = after["units"][i]["key"];
    file.attributes["unit"] = key;
    fs::create_directories(fs::path(unit_path(folder_, key)).parent_path());
    io::write_hdf5(unit_path(folder_, key), file);
  }
  const Plan found = read_plan(folder_);
  const NamedArrays population = collect(folder_, found);
  EXPECT_EQ(population.strings("state"), std::vector<std::string>(3, "done"));
  const auto comparisons = compare_study(folder_, found, {});
  ASSERT_EQ(comparisons.size(), 1);
  const auto document = study_document(folder_, found, population, comparisons);
  EXPECT_THAT(study_page(found, document), HasSubstr("3 of 3 networks"));
}

TEST_F(PlanOfAnotherVersion, IsToldFromOneThatWasChangedByHand) {
  const Json good = document();
  const auto change = [&](const std::function<void(Json&)>& edit) {
    Json changed = good;
    edit(changed);
    write(changed);
    return refusal([&] { read_plan(folder_); });
  };
  EXPECT_THAT(change([](Json& d) { d["study"]["train"]["iterations"] = 4; }),
              HasSubstr("changed by hand"));
  EXPECT_THAT(change([](Json& d) { d["units"].erase(1); }), HasSubstr("changed by hand"));
  EXPECT_THAT(change([](Json& d) { d["units"][0]["key"] = "../../etc/passwd"; }),
              HasSubstr("expected a hash"));
  EXPECT_THAT(change([](Json& d) { d["units"] = 3; }), HasSubstr("plan of a study"));
  EXPECT_THAT(change([](Json& d) { d["units"][0].erase("factors"); }), HasSubstr("not the plan"));
  EXPECT_THAT(change([](Json& d) { d["nullcline_study"] = 1; }),
              HasSubstr("found a plan of format 1, expected 2"));
  EXPECT_THAT(change([](Json& d) { d.erase("study"); }), HasSubstr("not the plan"));
  write(good);
  EXPECT_EQ(read_plan(folder_).outdated, "");
}

}  // namespace
}  // namespace nullcline::studies
