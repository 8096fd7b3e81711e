// SPDX-License-Identifier: BSD-3-Clause
// FORCE, evolution during training, perturbations.
#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/perturbation/perturb.hpp"
#include "nullcline/results/evolution_run.hpp"
#include "nullcline/results/network_text.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/results/run_files.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using models::Network;
using namespace nb::literals;

nb::tuple train_force(const std::string& task_name, const nb::dict& task_values,
                      const nb::dict& option_values, nb::handle transfer_from,
                      nb::object progress) {
  const tasks::TaskChoice task = tasks::choose_task(task_name);
  set_options(task.fields, task_values);
  training::ForceOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  std::optional<models::EchoState> begun;
  if (!transfer_from.is_none()) {
    begun = results::echo_state_of("transfer_from", named_arrays(transfer_from));
    options.units = static_cast<int>(begun->n_units());
    options.activation = begun->activation;
    options.tau = begun->tau;
  }
  const std::string configuration =
      fmt::format(R"({{"task": {{"name": "{}", {}, "force": {}}})", task.name,
                  fields_to_json(task.fields).substr(1), fields_to_json(fields));
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const results::ForceRun run = results::run_force(
        task, options, watch.progress(Watch::Abandon::throws), begun ? &*begun : nullptr);
    file = results::force_to_arrays(run, task.name);
    results::stamp(file, results::kTrainedNetwork, "Echo-state network trained on " + task.name,
                   configuration, options.seed);
  });
  return to_python(std::move(file));
}

// The networks of one training: the snapshots in a result, or a list of networks.
results::Snapshots snapshots_of(nb::handle trained, const std::vector<const Network*>& networks) {
  if (!trained.is_none()) return results::read_snapshots("network", named_arrays(trained));
  std::vector<std::string> names;
  std::vector<Network> copies;
  for (const Network* network : networks) {
    names.push_back(fmt::format("networks[{}]", copies.size()));
    copies.push_back(*network);
  }
  return results::join_snapshots(names, copies);
}

std::string configuration_of(nb::handle trained) {
  if (trained.is_none()) return {};
  return results::text_or_empty(named_arrays(trained).attributes, "configuration");
}

nb::tuple evolution(nb::handle trained, const std::vector<const Network*>& networks,
                    nb::handle input, const nb::dict& option_values, nb::object progress) {
  evolution::EvolutionOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  const results::Snapshots snapshots = snapshots_of(trained, networks);
  if (snapshots.networks.empty()) throw InvalidInput("networks: found none, expected at least one");
  const auto task = tasks::task_of_configuration(configuration_of(trained));
  const Network& last = snapshots.networks.back();
  Vector held = Vector::Zero(last.n_inputs());
  if (!input.is_none()) held = vector_or_empty("input", input);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    file = results::evolution_to_arrays(results::run_evolution(
        snapshots, held, task.get(), options, watch.progress(Watch::Abandon::throws)));
    results::stamp(file, results::kEvolution, "Evolution",
                   "{\"search\": " + fields_to_json(fields) + "}", options.seed);
    file.attributes["description"] = results::describe(last);
  });
  return to_python(std::move(file));
}

nb::tuple perturb(const Network& network, nb::handle trained, nb::handle input,
                  const nb::dict& option_values, nb::object progress) {
  perturbation::PerturbOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  const auto task = tasks::task_of_configuration(configuration_of(trained));
  Vector held = Vector::Zero(network.n_inputs());
  if (!input.is_none()) held = vector_or_empty("input", input);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    file = to_arrays(perturbation::perturb(network, held, task.get(), options,
                                           watch.progress(Watch::Abandon::throws)));
    results::stamp(file, results::kPerturbation, "Perturbations",
                   "{\"perturb\": " + fields_to_json(fields) + "}", options.seed);
    file.attributes["network_fingerprint"] = results::network_fingerprint(network);
  });
  return to_python(std::move(file));
}

}  // namespace

void bind_force(nb::module_& module) {
  module.def("train_force", &train_force, "task"_a, "task_options"_a, "options"_a,
             "transfer_from"_a.none(), "progress"_a.none(),
             "The contents of a file of a network trained by FORCE.");
  module.def("evolution", &evolution, "trained"_a.none(), "networks"_a, "input"_a.none(),
             "options"_a, "progress"_a.none(), "The contents of a file of an evolution.");
  module.def("perturb", &perturb, "network"_a, "trained"_a.none(), "input"_a.none(), "options"_a,
             "progress"_a.none(), "The contents of a file of a perturbation study.");
  module.def(
      "write_evolution_page",
      [](const std::string& path, nb::handle contents, const std::string& title) {
        io::write_text(path, results::evolution_page(named_arrays(contents), title));
      },
      "path"_a, "contents"_a, "title"_a, "Writes the page of an evolution.");
  module.def(
      "check_evolution",
      [](const std::string& path, nb::handle contents) {
        results::reading(path, [&] { return results::evolution_run_of(named_arrays(contents)); });
      },
      "path"_a, "contents"_a, "Raises FormatError unless these are the contents of an evolution.");
  module.def(
      "force_options",
      [] {
        training::ForceOptions options;
        return defaults(option_fields(options));
      },
      "Every option of FORCE with its default.");
  module.def(
      "evolution_options",
      [] {
        evolution::EvolutionOptions options;
        return defaults(option_fields(options));
      },
      "Every option of an evolution with its default.");
  module.def(
      "perturb_options",
      [] {
        perturbation::PerturbOptions options;
        return defaults(option_fields(options));
      },
      "Every option of a perturbation study with its default.");
}

}  // namespace nullcline::python
