// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nanobind/nanobind.h>

namespace nullcline::python {

// Each noun adds itself to the module.
void bind_network(nanobind::module_& module);
void bind_system(nanobind::module_& module);
void bind_callback_system(nanobind::module_& module);
void bind_search(nanobind::module_& module);
void bind_orbits(nanobind::module_& module);
void bind_topology(nanobind::module_& module);
void bind_continuation(nanobind::module_& module);
void bind_cycles(nanobind::module_& module);
void bind_census(nanobind::module_& module);
void bind_portrait(nanobind::module_& module);
void bind_trajectories(nanobind::module_& module);
void bind_sweeps(nanobind::module_& module);
void bind_runs(nanobind::module_& module);
void bind_force(nanobind::module_& module);
void bind_studies(nanobind::module_& module);
void bind_comparison(nanobind::module_& module);
void bind_shape(nanobind::module_& module);
void bind_task_analysis(nanobind::module_& module);
void bind_files(nanobind::module_& module);

}  // namespace nullcline::python
