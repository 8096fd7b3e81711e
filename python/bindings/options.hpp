// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "nullcline/core/options_text.hpp"

namespace nullcline::python {

/// Sets the fields that `values` names, by the words that the command line knows; None leaves a
/// field as it is. @throws InvalidInput for an unknown name or a value that does not fit.
void set_options(const std::vector<OptionField>& fields, const nanobind::dict& values);

/// {name: default}, for signatures and their tests.
nanobind::dict defaults(const std::vector<OptionField>& fields);

}  // namespace nullcline::python
