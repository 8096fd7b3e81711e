// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/portrait.hpp"

#include <optional>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/portrait/results.hpp"
#include "nullcline/portrait/state_machine.hpp"
#include "nullcline/results/portrait_page.hpp"
#include "nullcline/results/result_file.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;

NumberRows number_rows(const Matrix& rows) {
  NumberRows result;
  for (Index i = 0; i < rows.rows(); ++i)
    result.emplace_back(rows.row(i).begin(), rows.row(i).end());
  return result;
}

// Lower and upper corner become lower,upper of each state.
NumberRows box_rows(nb::handle box, Index n) {
  if (box.is_none()) return {};
  const Matrix corners = matrix_or_empty("box", box);
  if (corners.rows() != 2 || corners.cols() != n)
    throw InvalidInput("box: found shape (" + std::to_string(corners.rows()) + ", " +
                       std::to_string(corners.cols()) + "), expected (2, " + std::to_string(n) +
                       "): lower and upper corner");
  return number_rows(corners.transpose());
}

std::optional<results::Subject> subject_of(const models::Network* network, nb::handle model) {
  if (!model.is_none())
    return results::Subject::of(interchange::model_from_arrays(named_arrays(model), "the model"));
  if (network) return results::Subject::of(*network);
  return std::nullopt;
}

nb::tuple make(const dynamics::System& system, const dynamics::System* map,
               const models::Network* network, nb::handle model, nb::handle input, nb::handle box,
               nb::handle start, const nb::dict& values, nb::object progress) {
  portrait::PortraitOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, values);
  options.box = box_rows(box, system.n_states());
  if (!start.is_none()) options.start = number_rows(matrix_or_empty("start", start));
  Vector held = Vector::Zero(system.n_inputs());
  if (!input.is_none()) held = vector_or_empty("input", input);
  const std::optional<results::Subject> subject = subject_of(network, model);
  const std::vector<std::string> names =
      subject ? results::state_names(*subject) : std::vector<std::string>{};
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    file = to_arrays(make_portrait(*watched, held, options, names, watch.progress()));
    if (map) {
      const auto other = abandonable(*map, watch.abandoned());
      file.set_group("discrete",
                     to_arrays(make_portrait(*other, held, options, names, watch.progress())));
    }
    if (subject) {
      results::store_subject(file, *subject);
      file.attributes["description"] = subject->description();
    }
    results::stamp(file, results::kPortrait, "Portrait",
                   "{\"picture\": " + fields_to_json(fields) + "}", options.seed);
  });
  return to_python(std::move(file));
}

nb::tuple make_machine(const dynamics::System& system, const models::Network* network,
                       nb::handle model, nb::handle states, nb::handle input, nb::handle pulses,
                       const nb::dict& values, nb::object progress) {
  portrait::StateMachineOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, values);
  if (!pulses.is_none()) options.pulse = number_rows(matrix_or_empty("pulses", pulses));
  Vector held = Vector::Zero(system.n_inputs());
  if (!input.is_none()) held = vector_or_empty("input", input);
  if (held.size() != system.n_inputs())
    throw InvalidInput("input: found " + std::to_string(held.size()) + " values, expected " +
                       std::to_string(system.n_inputs()));
  Matrix visited(0, system.n_states());
  if (!states.is_none()) visited = matrix_or_empty("states", states);
  const std::optional<results::Subject> subject = subject_of(network, model);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    file = to_arrays(make_state_machine(*watched, held, visited, options, watch.progress()));
    if (subject) results::store_subject(file, *subject);
    results::stamp(file, results::kStateMachine, "State machine",
                   "{\"pulses\": " + fields_to_json(fields) + "}", options.seed);
  });
  return to_python(std::move(file));
}

}  // namespace

void bind_portrait(nb::module_& module) {
  module.def("make_portrait", &make, "system"_a, "map"_a.none(), "network"_a.none(),
             "model"_a.none(), "input"_a.none(), "box"_a.none(), "start"_a.none(), "options"_a,
             "progress"_a.none(),
             "The contents of a file of a portrait; nullcline.portrait makes an object of it.");
  module.def(
      "make_state_machine", &make_machine, "system"_a, "network"_a.none(), "model"_a.none(),
      "states"_a.none(), "input"_a.none(), "pulses"_a.none(), "options"_a, "progress"_a.none(),
      "The contents of a file of a state machine; nullcline.state_machine makes an object of "
      "it.");
  module.def(
      "portrait_page",
      [](nb::handle contents, const std::string& title) {
        return results::portrait_page(named_arrays(contents), title);
      },
      "contents"_a, "title"_a, "The offline page of a portrait.");
}

}  // namespace nullcline::python
