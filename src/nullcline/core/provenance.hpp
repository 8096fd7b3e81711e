// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline {

/// "0.1.0"
std::string version();

/// What every result file says about its making: version, git commit, compiler, CPU features, BLAS,
/// host, UTC time. The caller adds "command", "configuration" (JSON) and "seed".
Attributes provenance();

}  // namespace nullcline
