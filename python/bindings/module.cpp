// SPDX-License-Identifier: BSD-3-Clause
#include "module.hpp"
#include "arrays.hpp"

#include <nanobind/stl/string.h>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"

namespace nb = nanobind;

NB_MODULE(_core, module) {
  using namespace nullcline;
  module.doc() = "The compiled part of nullcline; the package's own names are those to use.";
  // A Python function inside a system may refer to the system: such a cycle is no leak of ours.
  nb::set_leak_warnings(false);
  nb::exception<InvalidInput>(module, "InvalidInput", PyExc_ValueError).attr("__doc__") =
      "The caller's mistake: one line that names the argument, what was found and what was "
      "expected.";
  nb::exception<FormatError>(module, "FormatError", PyExc_ValueError).attr("__doc__") =
      "A file that cannot be used, or a network that does not reproduce its probe.";

  module.def("version", &version, "The version of the library, \"0.1.0\".");
  module.def(
      "set_n_threads",
      [](nb::object number) { set_n_threads(python::int_argument("n_threads", number)); },
      nb::arg("n_threads"), nb::sig("def set_n_threads(n_threads: int) -> None"),
      "Sets the number of threads of all computations; 0: the number of cores.\n\n"
      "Results do not depend on it. Raises ValueError if negative or above 4096.");
  module.def("n_threads", &n_threads, "The number of threads of all computations.");
  python::bind_network(module);
  python::bind_system(module);
  python::bind_callback_system(module);
  python::bind_search(module);
  python::bind_orbits(module);
  python::bind_topology(module);
  python::bind_continuation(module);
  python::bind_cycles(module);
  python::bind_census(module);
  python::bind_portrait(module);
  python::bind_trajectories(module);
  python::bind_sweeps(module);
  python::bind_runs(module);
  python::bind_force(module);
  python::bind_studies(module);
  python::bind_comparison(module);
  python::bind_shape(module);
  python::bind_task_analysis(module);
  python::bind_files(module);
}
