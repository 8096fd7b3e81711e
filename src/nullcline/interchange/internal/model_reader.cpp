// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/internal/model_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/internal/gate_letters.hpp"

namespace nullcline::interchange {

using dynamics::Time;
using formulas::Program;
using internal::add_formula;
using internal::entries_of;
using internal::gate_letters;
using internal::kind_of;
using internal::number_of;
using internal::text_of;
using models::CellKind;
using models::FormulaWeights;
using models::Network;
using models::WeightPlace;

namespace {

constexpr Index kMostUnits = 1000, kMostInputs = 1000;
constexpr std::size_t kMostStates = 100;
constexpr std::string_view kEchoState = "echo-state";

bool has_alpha(CellKind cell) { return cell == CellKind::leaky || cell == CellKind::leaky_outside; }

std::vector<std::string> weight_names(const Network& network, bool is_echo_state) {
  if (is_echo_state) return {"U_h", "W_h", "b_h", "W_fb", "W_o", "tau"};
  std::vector<std::string> names;
  for (const char* kind : {"U", "W", "b"})
    for (const std::string& gate : gate_letters(network.cell))
      names.push_back(fmt::format("{}_{}", kind, gate));
  if (network.recurrent_bias.size() > 0) names.push_back("c_h");
  if (has_alpha(network.cell)) names.push_back("alpha");
  return names;
}

Network empty_network(CellKind cell, models::Activation activation, models::Reset reset, Index n,
                      Index n_inputs) {
  Network network;
  network.cell = cell;
  network.activation = activation;
  network.reset = reset;
  const Index rows = models::n_gates(cell) * n;
  network.input_weights = Matrix::Zero(rows, n_inputs);
  network.recurrent_weights = Matrix::Zero(rows, n);
  network.bias = Vector::Zero(rows);
  if (cell == CellKind::gru && reset == models::Reset::after)
    network.recurrent_bias = Vector::Zero(n);
  if (has_alpha(cell)) network.alpha = Vector::Constant(n, 0.0);
  network.readout_weights = Matrix::Zero(0, n);
  network.readout_bias = Vector(0);
  network.initial_state = Vector::Zero(network.n_states());
  network.verified = true;  // the file is the definition
  return network;
}

std::string shape_text(Index rows, Index cols) {
  return cols < 0 ? fmt::format("{} values", rows) : fmt::format("{} x {} values", rows, cols);
}

}  // namespace

ModelReader::ModelReader(const toml::table& root, const std::string& name) : complaint_(name) {
  read_tables(root);
}

const ModelReader::Entry* ModelReader::find(const std::vector<Entry>& entries,
                                            std::string_view name) const {
  const auto place = std::find_if(entries.begin(), entries.end(),
                                  [name](const Entry& entry) { return entry.name == name; });
  return place == entries.end() ? nullptr : &*place;
}

void ModelReader::read_tables(const toml::table& root) {
  for (const Entry& entry : entries_of(root)) {
    const toml::table* table = entry.value->as_table();
    const bool is_known = entry.name == "system" || entry.name == "parameters" ||
                          entry.name == "weights" || entry.name == "box";
    if (!is_known)
      complaint_.at(entry.place, fmt::format("unknown key '{}', expected the tables [system], "
                                             "[parameters], [weights] or [box]",
                                             entry.name));
    if (table == nullptr)
      complaint_.at(entry.place, fmt::format("{}: found {}, expected a table", entry.name,
                                             kind_of(*entry.value)));
    if (entry.name == "system") {
      system_ = entries_of(*table);
      system_place_ = entry.place;
    } else if (entry.name == "parameters") {
      parameters_ = entries_of(*table);
    } else if (entry.name == "weights") {
      weights_ = entries_of(*table);
      weights_place_ = entry.place;
      has_weights_ = true;
    } else {
      box_ = entries_of(*table);
      box_place_ = entry.place;
      has_box_ = true;
    }
  }
}

template <class Enum>
Enum ModelReader::choice_of(std::string_view name, Enum fallback) const {
  const Entry* entry = find(system_, name);
  if (entry == nullptr) return fallback;
  const std::string text = text_of(*entry->value, entry->name, complaint_);
  try {
    return parse_enum<Enum>(text, name);
  } catch (const InvalidInput& error) {
    complaint_.at(*entry->value, error.what());
  }
}

void ModelReader::read(Model& model, const ParameterValues& values) {
  const Entry* cell = find(system_, "cell");
  const Entry* ode = find(system_, "ode");
  const Entry* map = find(system_, "map");
  const int n_kinds = (cell ? 1 : 0) + (ode ? 1 : 0) + (map ? 1 : 0);
  if (n_kinds != 1)
    complaint_.at(system_place_,
                  fmt::format("[system]: found {} of cell, ode and map, expected one of them",
                              n_kinds == 0 ? "none" : "more than one"));
  const std::vector<std::string> known =
      cell ? std::vector<std::string>{"cell",    "time",  "units",     "inputs",
                                      "outputs", "reset", "activation"}
           : std::vector<std::string>{"ode", "map", "inputs"};
  for (const Entry& entry : system_)
    if (std::find(known.begin(), known.end(), entry.name) == known.end())
      complaint_.at(entry.place, fmt::format("[system]: unknown key '{}', expected {}", entry.name,
                                             fmt::join(known, ", ")));
  read_parameters();
  set_values(values);
  if (cell)
    read_cell(model);
  else
    read_equations(model, ode ? *ode : *map);
}

void ModelReader::read_parameters() {
  check_names(parameters_);
  for (const Entry& entry : parameters_) {
    parameter_names_.push_back(entry.name);
    values_.push_back(number_of(*entry.value, entry.name, complaint_));
  }
}

void ModelReader::check_names(const std::vector<Entry>& entries) const {
  for (const Entry& entry : entries) {
    const std::string problem = formulas::name_problem(entry.name);
    if (!problem.empty()) complaint_.at(entry.place, problem);
  }
}

void ModelReader::set_values(const ParameterValues& values) {
  for (const auto& [name, value] : values) {
    const auto place = std::find(parameter_names_.begin(), parameter_names_.end(), name);
    if (place == parameter_names_.end()) {
      const std::string expected =
          parameter_names_.empty() ? std::string("none: the model has no parameters")
                                   : fmt::format("one of {}", fmt::join(parameter_names_, ", "));
      throw InvalidInput(fmt::format("parameter '{}': unknown to {}, expected {}", name,
                                     complaint_.name(), expected));
    }
    if (!std::isfinite(value))
      throw InvalidInput(fmt::format("parameter '{}': found {}, expected a number", name, value));
    values_[static_cast<std::size_t>(place - parameter_names_.begin())] = value;
  }
}

// Parameters stand behind the other symbols.
void ModelReader::check_use(const Program& program, std::size_t first_symbol) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (!program.uses(first_symbol + i))
      complaint_.at(parameters_[i].place,
                    fmt::format("parameter '{}' appears in no formula, expected it in one",
                                parameters_[i].name));
}

// A number of inputs, or their names.
void ModelReader::read_inputs() {
  const Entry* entry = find(system_, "inputs");
  if (entry == nullptr) return;
  if (const auto* count = entry->value->as_integer()) {
    if (count->get() < 0 || count->get() > kMostInputs)
      complaint_.at(*entry->value,
                    fmt::format("inputs: found {}, expected 0 to {}", count->get(), kMostInputs));
    for (std::int64_t i = 0; i < count->get(); ++i) inputs_.push_back(fmt::format("input_{}", i));
    return;
  }
  const toml::array* names = entry->value->as_array();
  if (names == nullptr || names->size() > static_cast<std::size_t>(kMostInputs))
    complaint_.at(*entry->value,
                  fmt::format("inputs: found {}, expected a number or a list of names",
                              kind_of(*entry->value)));
  for (const toml::node& name : *names) {
    inputs_.push_back(text_of(name, "inputs", complaint_));
    const std::string problem = formulas::name_problem(inputs_.back());
    if (!problem.empty()) complaint_.at(name, problem);
  }
}

void ModelReader::read_equations(Model& model, const Entry& formulas) {
  if (has_weights_)
    complaint_.at(weights_place_,
                  fmt::format("[weights]: belongs to a cell, found {} = {{...}}", formulas.name));
  const toml::table* table = formulas.value->as_table();
  if (table == nullptr || table->empty())
    complaint_.at(*formulas.value,
                  fmt::format("{}: found {}, expected formulas such as {{x = \"y\", y = \"-x\"}}",
                              formulas.name, table ? "no formula" : kind_of(*formulas.value)));
  const std::vector<Entry> entries = entries_of(*table);
  if (entries.size() > kMostStates)
    complaint_.at(*formulas.value, fmt::format("{}: found {} states, expected at most {}",
                                               formulas.name, entries.size(), kMostStates));
  check_names(entries);
  read_inputs();
  models::Equations equations;
  equations.time = formulas.name == "ode" ? Time::continuous : Time::discrete;
  for (const Entry& entry : entries) equations.states.push_back(entry.name);
  equations.inputs = inputs_;
  equations.parameters = parameter_names_;
  equations.values = values_;
  std::vector<std::string> symbols = equations.states;
  symbols.insert(symbols.end(), inputs_.begin(), inputs_.end());
  symbols.insert(symbols.end(), parameter_names_.begin(), parameter_names_.end());
  std::shared_ptr<Program> program;
  try {
    program = std::make_shared<Program>(std::move(symbols));
  } catch (const InvalidInput& error) {
    complaint_.at(formulas.place, error.what());
  }
  for (const Entry& entry : entries) {
    text_of(*entry.value, entry.name, complaint_);
    add_formula(*program, *entry.value, complaint_);
  }
  check_use(*program, equations.states.size() + inputs_.size());
  equations.program = std::move(program);
  read_box(equations);
  if (const auto place = models::find_undefined_place(equations)) {
    const Entry& entry = entries[place->state];
    std::vector<std::string> at;
    for (std::size_t i = 0; i < entries.size(); ++i)
      at.push_back(fmt::format("{} = {:.6g}", entries[i].name, place->at(static_cast<Index>(i))));
    const std::string where = fmt::format("near {}, inside the box", fmt::join(at, ", "));
    if (place->is_division)
      complaint_.in_formula(*entry.value, place->column,
                            fmt::format("{}: division by zero {}", entry.name, where));
    complaint_.at(*entry.value, fmt::format("{}: undefined {}", entry.name, where));
  }
  model.time_ = equations.time;
  model.states_ = equations.states;
  model.inputs_ = inputs_;
  model.equations_ = std::move(equations);
}

void ModelReader::read_box(models::Equations& equations) {
  if (!has_box_) return;
  const auto n = static_cast<Index>(equations.states.size());
  dynamics::Box box{Vector(n), Vector(n)};
  for (const Entry& entry : box_) {
    if (std::find(equations.states.begin(), equations.states.end(), entry.name) ==
        equations.states.end())
      complaint_.at(entry.place, fmt::format("[box]: unknown state '{}', expected {}", entry.name,
                                             fmt::join(equations.states, ", ")));
  }
  for (Index i = 0; i < n; ++i) {
    const std::string& name = equations.states[static_cast<std::size_t>(i)];
    const Entry* entry = find(box_, name);
    if (entry == nullptr)
      complaint_.at(
          box_place_,
          fmt::format("[box]: found no bounds of '{}', expected {} = [low, high]", name, name));
    const toml::array* bounds = entry->value->as_array();
    if (bounds == nullptr || bounds->size() != 2)
      complaint_.at(*entry->value, fmt::format("[box] {}: found {}, expected [low, high]", name,
                                               bounds ? fmt::format("{} values", bounds->size())
                                                      : kind_of(*entry->value)));
    box.lower(i) = number_of(*bounds->get(0), "[box] " + name, complaint_);
    box.upper(i) = number_of(*bounds->get(1), "[box] " + name, complaint_);
    if (!(box.lower(i) < box.upper(i)))
      complaint_.at(*entry->value, fmt::format("[box] {}: found [{}, {}], expected low < high",
                                               name, box.lower(i), box.upper(i)));
    if (!std::isfinite(box.upper(i) - box.lower(i)))
      complaint_.at(*entry->value,
                    fmt::format("[box] {}: found [{}, {}], expected a width below 1.8e308", name,
                                box.lower(i), box.upper(i)));
  }
  equations.box = std::move(box);
}

void ModelReader::read_cell(Model& model) {
  if (has_box_)
    complaint_.at(box_place_, "[box]: belongs to ode and map, found a cell (which has its own)");
  const Entry& kind = *find(system_, "cell");
  const bool is_echo_state = text_of(*kind.value, kind.name, complaint_) == kEchoState;
  const auto cell =
      is_echo_state ? CellKind::leaky_outside : choice_of<CellKind>("cell", CellKind::gru);
  const std::string_view cell_name = is_echo_state ? kEchoState : name_of(cell);
  const auto time = choice_of<Time>("time", Time::discrete);
  const auto activation = choice_of<models::Activation>("activation", models::Activation::tanh);
  if (const Entry* reset = find(system_, "reset"); reset && cell != CellKind::gru)
    complaint_.at(reset->place,
                  fmt::format("reset: found in a {}, expected it in a gru alone", cell_name));
  if (const Entry* outputs = find(system_, "outputs"); outputs && !is_echo_state)
    complaint_.at(outputs->place, fmt::format("outputs: found in a {}, expected it in an {} alone",
                                              cell_name, kEchoState));
  const auto reset = choice_of<models::Reset>("reset", models::Reset::before);
  const Entry* units = find(system_, "units");
  const auto* count = units ? units->value->as_integer() : nullptr;
  if (count == nullptr || count->get() < 1 || count->get() > kMostUnits)
    complaint_.at(units ? units->place : system_place_,
                  fmt::format("units: expected a whole number from 1 to {}", kMostUnits));
  read_inputs();
  auto weights = std::make_shared<FormulaWeights>();
  weights->network = empty_network(cell, activation, reset, static_cast<Index>(count->get()),
                                   static_cast<Index>(inputs_.size()));
  if (is_echo_state) add_outputs(*weights);
  auto program = std::make_shared<Program>(parameter_names_);
  const std::vector<std::string> names = weight_names(weights->network, is_echo_state);
  for (const Entry& entry : weights_) {
    if (std::find(names.begin(), names.end(), entry.name) == names.end())
      complaint_.at(entry.place,
                    fmt::format("[weights]: unknown weight '{}' of this {}, expected {}",
                                entry.name, cell_name, fmt::join(names, ", ")));
    read_weight(*weights, *program, entry);
  }
  if (is_echo_state && !find(weights_, "tau"))
    complaint_.at(system_place_,
                  "[weights]: found no tau, expected the time constant in steps, such as 10");
  if (has_alpha(cell) && !is_echo_state && !find(weights_, "alpha"))
    complaint_.at(system_place_, "[weights]: found no alpha, expected the leak, such as 0.1");
  check_use(*program, 0);
  weights->program = std::move(program);
  model.time_ = time;
  model.inputs_ = inputs_;
  for (Index i = 0; i < weights->network.n_states(); ++i)
    model.states_.push_back(fmt::format("state_{}", i));
  model.family_ = make_family(std::move(weights), values_);
  try {
    model.family_->network();
  } catch (const InvalidInput& error) {
    throw FormatError(fmt::format("{}: {}", complaint_.name(), error.what()));
  }
}

// Readout and feedback of an echo-state network: as many as [system] says.
void ModelReader::add_outputs(FormulaWeights& weights) const {
  Network& network = weights.network;
  Index n_outputs = 0;
  if (const Entry* entry = find(system_, "outputs")) {
    const auto* count = entry->value->as_integer();
    if (count == nullptr || count->get() < 0 || count->get() > kMostInputs)
      complaint_.at(*entry->value,
                    fmt::format("outputs: expected a whole number from 0 to {}", kMostInputs));
    n_outputs = static_cast<Index>(count->get());
  }
  network.readout_weights = Matrix::Zero(n_outputs, network.n_units());
  network.readout_bias = Vector::Zero(n_outputs);
  weights.feedback_weights = Matrix::Zero(network.n_units(), n_outputs);
}

// The leak of all units is 1/tau.
void ModelReader::read_tau(FormulaWeights& weights, Program& program, const Entry& entry) {
  const toml::node& node = *entry.value;
  if (!node.is_string()) {
    const double tau = number_of(node, "tau", complaint_);
    if (!(tau >= 1))
      complaint_.at(node, fmt::format("tau: found {}, expected at least one step", tau));
    weights.network.alpha.setConstant(1 / tau);
    return;
  }
  Program alone(parameter_names_);  // its mistakes are at their places in tau, not in 1/tau
  add_formula(alone, node, complaint_);
  for (Index i = 0; i < weights.network.n_units(); ++i) {
    program.add(fmt::format("1/({})", node.as_string()->get()));
    weights.places.push_back({WeightPlace::Array::alpha, i});
    weights.names.emplace_back("1/tau");
  }
}

void ModelReader::read_weight(FormulaWeights& weights, Program& program, const Entry& entry) {
  const Network& network = weights.network;
  const Index n = network.n_units();
  if (entry.name == "tau") return read_tau(weights, program, entry);
  if (entry.name == "W_fb")
    return read_values(weights, program, entry, {WeightPlace::Array::feedback_weights, 0}, n,
                       network.n_outputs());
  if (entry.name == "W_o" && network.cell == CellKind::leaky_outside)  // else a gate of an LSTM
    return read_values(weights, program, entry, {WeightPlace::Array::readout_weights, 0},
                       network.n_outputs(), n);
  if (entry.name == "alpha") {
    if (entry.value->is_array())
      return read_values(weights, program, entry, {WeightPlace::Array::alpha, 0}, n, -1);
    for (Index i = 0; i < n; ++i)  // one for all
      read_value(weights, program, *entry.value, {WeightPlace::Array::alpha, i}, "alpha");
    return;
  }
  if (entry.name == "c_h")
    return read_values(weights, program, entry, {WeightPlace::Array::recurrent_bias, 0}, n, -1);
  const std::vector<std::string> letters = gate_letters(network.cell);
  const Index gate =
      std::find(letters.begin(), letters.end(), entry.name.substr(2)) - letters.begin();
  if (entry.name[0] == 'b')
    return read_values(weights, program, entry, {WeightPlace::Array::bias, gate * n}, n, -1);
  const bool is_input = entry.name[0] == 'W';
  const Index cols = is_input ? network.n_inputs() : n;
  const auto array =
      is_input ? WeightPlace::Array::input_weights : WeightPlace::Array::recurrent_weights;
  read_values(weights, program, entry, {array, gate * n * cols}, n, cols);
}

// A list of rows, or of numbers where there is one column; a single value where there is one.
void ModelReader::read_values(FormulaWeights& weights, Program& program, const Entry& entry,
                              WeightPlace place, Index rows, Index cols) {
  const toml::node& value = *entry.value;
  const auto refuse = [&](const toml::node& node, const std::string& found) {
    complaint_.at(
        node, fmt::format("{}: found {}, expected {}", entry.name, found, shape_text(rows, cols)));
  };
  if (!value.is_array()) {
    if (rows != 1 || (cols != 1 && cols != -1)) refuse(value, kind_of(value));
    return read_value(weights, program, value, place, entry.name);
  }
  const toml::array& list = *value.as_array();
  if (static_cast<Index>(list.size()) != rows) refuse(value, fmt::format("{} rows", list.size()));
  for (Index i = 0; i < rows; ++i) {
    const toml::node& item = *list.get(static_cast<std::size_t>(i));
    const toml::array* row = item.as_array();
    const std::string what = fmt::format("{}[{}]", entry.name, i);
    if (row == nullptr) {
      if (cols != -1 && cols != 1) refuse(item, kind_of(item));
      read_value(weights, program, item, {place.array, place.index + i}, what);
      continue;
    }
    if (cols == -1 || static_cast<Index>(row->size()) != cols)
      refuse(item, fmt::format("a row of {}", row->size()));
    for (Index j = 0; j < cols; ++j)
      read_value(weights, program, *row->get(static_cast<std::size_t>(j)),
                 {place.array, place.index + i * cols + j}, fmt::format("{}[{}]", what, j));
  }
}

void ModelReader::read_value(FormulaWeights& weights, Program& program, const toml::node& node,
                             WeightPlace place, const std::string& what) {
  if (node.is_string()) {
    add_formula(program, node, complaint_);
    weights.places.push_back(place);
    weights.names.push_back(what);
    return;
  }
  const double number = number_of(node, what, complaint_);
  Network& network = weights.network;
  switch (place.array) {
    case WeightPlace::Array::input_weights:
      network.input_weights.data()[place.index] = number;
      return;
    case WeightPlace::Array::recurrent_weights:
      network.recurrent_weights.data()[place.index] = number;
      return;
    case WeightPlace::Array::bias:
      network.bias(place.index) = number;
      return;
    case WeightPlace::Array::recurrent_bias:
      network.recurrent_bias(place.index) = number;
      return;
    case WeightPlace::Array::alpha:
      network.alpha(place.index) = number;
      return;
    case WeightPlace::Array::feedback_weights:
      weights.feedback_weights.data()[place.index] = number;
      return;
    case WeightPlace::Array::readout_weights:
      network.readout_weights.data()[place.index] = number;
      return;
  }
}

}  // namespace nullcline::interchange
