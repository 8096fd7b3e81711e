// SPDX-License-Identifier: BSD-3-Clause
// The folder of a study, and the units that are missing in it.
//
//     FOLDER/plan.json
//     FOLDER/units/ab/KEY.nc            a unit that is done
//     FOLDER/units/ab/KEY.failed.json   the last failure of a unit, and how many there were
//     FOLDER/units/ab/KEY.checkpoint    an unfinished training
//     FOLDER/searches/HASH.nc           a search of hyper-parameters, shared by a kind of networks
//     FOLDER/comparisons/*.nc           distances between units, as far as they were computed
//
// Files appear whole, by renaming, or not at all. There are no locks: two runs that do the same
// unit write the same file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/studies/unit.hpp"

namespace nullcline::studies {

std::string unit_path(const std::string& folder, const std::string& key);

/// planned: nothing was done yet. unfinished: there is a checkpoint. failed: it has a record.
enum class UnitState { planned, unfinished, done, diverged, failed };

struct Failure {
  std::string reason;
  int attempts = 0;
};

struct UnitStatus {
  UnitState state = UnitState::planned;
  Failure failure;          ///< of failed ones
  std::string result_hash;  ///< of those that are done or diverged
};

/// What the folder says about each unit, in the order of the plan. A unit's file that cannot be
/// read, or whose results are not those that its hash was made of, counts as planned, and is
/// replaced by the next run.
std::vector<UnitStatus> read_status(const std::string& folder, const Plan& plan);

/// Hash of the results of all units; "" while some are missing.
std::string study_hash(const std::vector<UnitStatus>& status);

/// Files that belong to no unit, search or comparison: temporary ones of runs that were killed.
/// Recent ones may be of a run that goes on.
std::vector<std::string> stray_files(const std::string& folder, const Plan& plan);

struct RunOptions {
  std::string shard = "0/1";      ///< part k of n of the units: those at positions k, k + n, ...
  bool retry_failed = false;      ///< also units that have failed as often as the plan allows
  std::vector<std::string> keys;  ///< of the shard only these; empty: all

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("shard", self.shard, "part k/n of the units; the parts may run at the same time");
    field("retry_failed", self.retry_failed, "also units that have used up their attempts");
  }
};

struct UnitEvent {
  const Unit* unit = nullptr;
  UnitState state = UnitState::done;
  std::string reason;  ///< of a failure
  double seconds = 0;
};

struct RunSummary {
  std::size_t n_units = 0;    ///< of the shard
  std::size_t n_present = 0;  ///< done before
  std::size_t n_done = 0, n_diverged = 0, n_failed = 0;
  std::vector<std::string> failures;  ///< "KEY (cell gru, ...): reason", known before or new
  bool is_interrupted = false;
};

/// Does the units of the shard that are missing, on all threads, and within each of them on those
/// that are left. A unit that fails (whatever it throws) leaves its record; the others go on.
/// `progress` counts units; `on_event` is told each end, by one thread at a time.
/// @throws InvalidInput for a bad shard; FormatError for a plan of another version, or if the
/// folder cannot be written to.
RunSummary run_study(const std::string& folder, const Plan& plan, const RunOptions& options,
                     const Progress& progress = {},
                     const std::function<void(const UnitEvent&)>& on_event = {});

}  // namespace nullcline::studies

template <>
struct nullcline::EnumNames<nullcline::studies::UnitState> {
  static constexpr std::array values{
      std::pair{nullcline::studies::UnitState::planned, "planned"},
      std::pair{nullcline::studies::UnitState::unfinished, "unfinished"},
      std::pair{nullcline::studies::UnitState::done, "done"},
      std::pair{nullcline::studies::UnitState::diverged, "diverged"},
      std::pair{nullcline::studies::UnitState::failed, "failed"},
  };
};
