// SPDX-License-Identifier: BSD-3-Clause
#include <cstdlib>
#include <string>

#include "nullcline/core/error.hpp"
#include "nullcline/interchange/model_file.hpp"

/// Any bytes are a model, or a FormatError that names the file; a small model evaluates.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nullcline;
  try {
    const auto model =
        interchange::Model::parse(std::string(reinterpret_cast<const char*>(data), size), "input");
    const auto system = model.make_system();
    constexpr Index kSmall = 50;
    if (system->n_states() > kSmall) return 0;
    const Vector state = Vector::Constant(system->n_states(), 0.25);
    const Vector input = Vector::Zero(system->n_inputs());
    evaluate_at(*system, state, input);
    jacobian_at(*system, state, input);
    for (const std::string& name : system->parameter_names())
      parameter_derivative_at(*system, name, state, input);
  } catch (const FormatError& error) {
    if (!std::string_view(error.what()).starts_with("input: ")) std::abort();
  }
  return 0;
}
