// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/run.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>
#include <numeric>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/shard.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::studies {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMostRecordBytes = std::size_t{1} << 20;

std::string stem_of(const std::string& folder, const std::string& key) {
  return fmt::format("{}/units/{}/{}", folder, key.substr(0, 2), key);
}
std::string record_path(const std::string& folder, const std::string& key) {
  return stem_of(folder, key) + ".failed.json";
}
std::string checkpoint_path(const std::string& folder, const std::string& key) {
  return stem_of(folder, key) + ".checkpoint";
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void remove(const std::string& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

// A damaged record counts as none: the unit is tried again.
Failure read_failure(const std::string& path) {
  try {
    const Json record = Json::parse(io::read_text(path, kMostRecordBytes), nullptr, false);
    if (record.is_object())
      return {record.value("reason", std::string()), record.value("attempts", 0)};
  } catch (const FormatError&) {
  } catch (const Json::exception&) {
  }
  return {"a record that cannot be read", 0};
}

UnitStatus status_of(const std::string& folder, const Unit& unit) {
  UnitStatus status;
  if (exists(unit_path(folder, unit.key))) {
    try {
      const NamedArrays file = results::read_result(unit_path(folder, unit.key));
      const std::string hash = result_hash(file);
      if (results::text_or_empty(file.attributes, "unit") == unit.key &&
          results::text_or_empty(file.attributes, "result_hash") == hash) {
        status.state = results::text_or_empty(file.attributes, "outcome") == "diverged"
                           ? UnitState::diverged
                           : UnitState::done;
        status.result_hash = hash;
        return status;
      }
    } catch (const FormatError&) {
    }
  }
  if (exists(record_path(folder, unit.key))) {
    status.state = UnitState::failed;
    status.failure = read_failure(record_path(folder, unit.key));
  } else if (exists(checkpoint_path(folder, unit.key))) {
    status.state = UnitState::unfinished;
  }
  return status;
}

// Temporary files carry the host and the number of the process that writes them.
bool is_abandoned(const fs::path& path) {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  const std::string name = path.filename().string();
  const std::string mine = fmt::format(".nullcline-{:.64}-", host);
  if (!name.starts_with(mine)) return false;
  const int process = std::atoi(name.c_str() + mine.size());
  return process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

template <class Visit>
void each_file(const std::string& folder, Visit visit) {
  for (const char* part : {"/units", "/searches", "/comparisons"}) {
    std::error_code error;
    for (fs::recursive_directory_iterator file(folder + part, error), end; !error && file != end;
         file.increment(error))
      if (file->is_regular_file(error)) visit(file->path());
  }
}

class Runner {
 public:
  Runner(const std::string& folder, const Plan& plan, const RunOptions& options,
         const Progress& progress, const std::function<void(const UnitEvent&)>& on_event)
      : folder_(folder), plan_(plan), options_(options), progress_(progress), on_event_(on_event) {}

  RunSummary run() {
    require_current(folder_, plan_);
    prepare();
    const Shard shard = parse_shard(options_.shard);
    std::vector<const Unit*> missing;
    for (auto i = static_cast<std::size_t>(shard.number); i < plan_.units.size();
         i += static_cast<std::size_t>(shard.count)) {
      if (!is_asked(plan_.units[i].key)) continue;
      ++summary_.n_units;
      if (is_missing(plan_.units[i])) missing.push_back(&plan_.units[i]);
    }
    shares_.assign(missing.size(), 0);
    parallel_for(missing.size(), [&](std::size_t i) {
      if (!is_stopped_) do_unit(*missing[i], i);
    });
    summary_.is_interrupted = is_stopped_;
    std::sort(summary_.failures.begin(), summary_.failures.end());
    return summary_;
  }

 private:
  void prepare() {
    each_file(folder_, [](const fs::path& path) {
      if (is_abandoned(path)) remove(path.string());
    });
    for (const Unit& unit : plan_.units) {
      std::error_code error;
      fs::create_directories(fs::path(unit_path(folder_, unit.key)).parent_path(), error);
      if (error)
        throw FormatError(fmt::format("{}: cannot be written: {}", folder_, error.message()));
    }
    std::error_code error;
    fs::create_directories(folder_ + "/searches", error);
    if (error || ::access((folder_ + "/units").c_str(), W_OK) != 0)
      throw FormatError(folder_ + "/units: cannot be written to");
  }

  bool is_asked(const std::string& key) const {
    const std::vector<std::string>& keys = options_.keys;
    return keys.empty() || std::find(keys.begin(), keys.end(), key) != keys.end();
  }

  bool is_missing(const Unit& unit) {
    const UnitStatus status = status_of(folder_, unit);
    if (status.state == UnitState::done || status.state == UnitState::diverged) {
      ++summary_.n_present;
      remove(checkpoint_path(folder_, unit.key));  // another run was faster than one that stopped
      return false;
    }
    if (status.state == UnitState::failed && status.failure.attempts >= plan_.attempts &&
        !options_.retry_failed) {
      ++summary_.n_failed;
      summary_.failures.push_back(failure_text(unit, status.failure.reason));
      return false;
    }
    return true;
  }

  static std::string failure_text(const Unit& unit, const std::string& reason) {
    return fmt::format("{} ({}): {}", unit.key, describe(unit), reason);
  }

  bool tell(std::size_t i, const ProgressUpdate& update) {
    const std::lock_guard lock(mutex_);
    shares_[i] = update.total > 0 ? update.done / update.total : 0;
    const double done = std::accumulate(shares_.begin(), shares_.end(), 0.0);
    if (!report_progress(progress_, {done, static_cast<double>(shares_.size()), update.message}))
      is_stopped_ = true;
    return !is_stopped_;
  }

  void do_unit(const Unit& unit, std::size_t i) {
    const auto begin = Clock::now();
    const std::string checkpoint = checkpoint_path(folder_, unit.key);
    UnitEvent event{&unit, UnitState::done, "", 0};
    try {
      const UnitResult result =
          run_unit(unit, {checkpoint, folder_ + "/searches"},
                   [&](const ProgressUpdate& update) { return tell(i, update); });
      if (result.outcome == Outcome::interrupted) return;
      io::write_hdf5(unit_path(folder_, unit.key), result.file);
      remove(checkpoint);
      remove(record_path(folder_, unit.key));
      if (result.outcome == Outcome::diverged) event.state = UnitState::diverged;
    } catch (const std::bad_alloc&) {
      event.state = UnitState::failed;
      event.reason = "not enough memory for a network of this size";
    } catch (const std::exception& error) {
      event.state = UnitState::failed;
      event.reason = error.what();
    }
    event.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    finish(event);
  }

  void finish(const UnitEvent& event) {
    const std::lock_guard lock(mutex_);
    if (event.state == UnitState::diverged) ++summary_.n_diverged;
    if (event.state == UnitState::done) ++summary_.n_done;
    if (event.state == UnitState::failed) {
      ++summary_.n_failed;
      summary_.failures.push_back(failure_text(*event.unit, event.reason));
      record(event);
    }
    if (on_event_) on_event_(event);
  }

  // Where even that cannot be written, the summary still has it.
  void record(const UnitEvent& event) {
    const std::string path = record_path(folder_, event.unit->key);
    const int before = exists(path) ? read_failure(path).attempts : 0;
    const Json document = {{"key", event.unit->key},
                           {"unit", describe(*event.unit)},
                           {"reason", event.reason},
                           {"attempts", before + 1}};
    try {
      io::write_text(path, document.dump(1) + "\n");
    } catch (const FormatError&) {
    }
  }

  const std::string& folder_;
  const Plan& plan_;
  const RunOptions& options_;
  const Progress& progress_;
  const std::function<void(const UnitEvent&)>& on_event_;
  std::mutex mutex_;
  std::vector<double> shares_;
  std::atomic<bool> is_stopped_ = false;
  RunSummary summary_;
};

}  // namespace

std::string unit_path(const std::string& folder, const std::string& key) {
  return stem_of(folder, key) + ".nc";
}

std::vector<UnitStatus> read_status(const std::string& folder, const Plan& plan) {
  std::vector<UnitStatus> status(plan.units.size());
  parallel_for(plan.units.size(),
               [&](std::size_t i) { status[i] = status_of(folder, plan.units[i]); });
  return status;
}

std::string study_hash(const std::vector<UnitStatus>& status) {
  std::string hashes;
  for (const UnitStatus& one : status) {
    if (one.result_hash.empty()) return "";
    hashes += one.result_hash + "\n";
  }
  return results::fingerprint(hashes);
}

std::vector<std::string> stray_files(const std::string& folder, const Plan& plan) {
  std::vector<std::string> keys;
  for (const Unit& unit : plan.units) keys.push_back(unit.key);
  std::vector<std::string> strays;
  each_file(folder, [&](const fs::path& path) {
    const std::string name = path.filename().string();
    const bool is_of_a_unit = path.string().starts_with(folder + "/units");
    const bool is_stray =
        is_of_a_unit ? !std::binary_search(keys.begin(), keys.end(), name.substr(0, name.find('.')))
                     : name.starts_with(".nullcline-");
    if (is_stray) strays.push_back(path.string());
  });
  std::sort(strays.begin(), strays.end());
  return strays;
}

RunSummary run_study(const std::string& folder, const Plan& plan, const RunOptions& options,
                     const Progress& progress,
                     const std::function<void(const UnitEvent&)>& on_event) {
  return Runner(folder, plan, options, progress, on_event).run();
}

}  // namespace nullcline::studies
