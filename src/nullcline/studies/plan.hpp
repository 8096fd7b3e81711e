// SPDX-License-Identifier: BSD-3-Clause
// What a population study consists of.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nullcline/fixed_points/search.hpp"
#include "nullcline/studies/analysis_options.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "nullcline/topology/graph.hpp"
#include "nullcline/training/search.hpp"
#include "nullcline/training/train.hpp"

namespace nullcline::studies {

/// Everything that one network of a study depends on.
struct UnitOptions {
  tasks::TaskChoice task;
  training::TrainOptions train;
  training::HyperparameterSearchOptions hyperparameters;  ///< candidates = 0: none is searched
  fixed_points::SearchOptions search;
  topology::GraphOptions graph;
  AnalysisOptions analysis;
};

/// One network of a study.
struct Unit {
  /// Hash of the configuration and the version of its schema, 16 hexadecimal digits.
  std::string key;
  /// Names and values of what differs between the networks, "seed" last.
  std::vector<std::pair<std::string, std::string>> factors;
  /// {"task": {...}, "train": {...}, ...} with every option, keys in alphabetical order; "" in a
  /// plan of another version.
  std::string configuration;
};

struct Plan {
  std::string name;
  std::string study;        ///< the study's text as JSON, keys in alphabetical order
  std::string hash;         ///< of the keys of all units
  int attempts = 3;         ///< runs of a unit that fails before it is given up
  std::vector<Unit> units;  ///< in the order of their keys
  /// Empty; or, of a folder that another version planned, the sentence that refuses to run it: the
  /// same text means other networks here. What is done in it can be read all the same.
  std::string outdated;
};

/// Reads a study:
///
///     name = "universality"
///     seed = 1          # of the first network of each kind; the others have 2, 3, ...
///     networks = 5      # of each kind
///     attempts = 3
///     [vary]            # every combination is a kind: "task", and options of [train]
///     task = ["flip-flop", "sine"]
///     cell = ["vanilla", "gru"]
///     [task.flip-flop]  # options of a task
///     [train]           # options of the training; [train.TASK] those of one task
///     [hyperparameters] # random search before training; without it [train] is taken as it is
///     [search]          # of the search for fixed points
///     [graph]           # of the graph of fixed points
///     [analysis]
///
/// `source` names the text in messages.
/// @throws InvalidInput for unknown keys, wrong types and values, two equal units.
Plan make_plan(const std::string& toml, const std::string& source);

/// The same of `Plan::study`.
Plan plan_of_study(const std::string& study, const std::string& source);

/// All options as JSON, keys in alphabetical order.
std::string configuration_of(UnitOptions& options);
/// The same, read back. @throws InvalidInput; `what` names the source.
UnitOptions unit_options_of(const std::string& configuration, const std::string& what);

/// FOLDER/plan.json: the study, the key and factors of each unit, and the version that planned them
/// with the names of its options. @throws FormatError if the folder has another plan, or cannot be
/// written to.
void write_plan(const std::string& folder, const Plan& plan);
/// @throws FormatError if there is none, or it was changed by hand.
Plan read_plan(const std::string& folder);
/// @throws FormatError for a plan of another version.
void require_current(const std::string& folder, const Plan& plan);

/// The unit's value of a factor, or "".
std::string factor_of(const Unit& unit, const std::string& name);
/// "gru, tanh, 64 units" style text of a unit: the values of its factors.
std::string describe(const Unit& unit);

}  // namespace nullcline::studies
