// SPDX-License-Identifier: BSD-3-Clause

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/orbits/slow_manifold.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;

NamedArrays to_arrays(const orbits::SlowManifold& curve) {
  NamedArrays arrays;
  arrays.set("states", curve.states, {"position", "state"}, "states of the curve");
  arrays.set_vector("arclength", curve.arclength, "position", "distance from the first state");
  arrays.set_vector("drift", curve.drift, "position", "drift along the curve", "1/step");
  arrays.set_vector("transverse", curve.transverse, "position",
                    "largest modulus of the other eigenvalues");
  arrays.set_integers("fixed_points", {curve.fixed_points.begin(), curve.fixed_points.end()},
                      "crossing", "a fixed point lies between this state and the next");
  arrays.set_integers("ghosts", {curve.ghosts.begin(), curve.ghosts.end()}, "ghost",
                      "the drift is least here, without vanishing");
  arrays.attributes["point"] = std::int64_t{curve.point};
  arrays.attributes["is_ring"] = std::int64_t{curve.is_ring ? 1 : 0};
  arrays.attributes["first_end"] = std::string(name_of(curve.first_end));
  arrays.attributes["last_end"] = std::string(name_of(curve.last_end));
  return arrays;
}

nb::list trace(const dynamics::System& system, nb::handle points, const nb::dict& option_values) {
  orbits::SlowManifoldOptions options;
  set_options(option_fields(options), option_values);
  const auto sets = fixed_points::fixed_point_sets_from_arrays(named_arrays(points));
  if (sets.size() != 1)
    throw InvalidInput("points: found points of " + std::to_string(sets.size()) +
                       " inputs, expected one; points.for_input(i) are those of one");
  std::vector<orbits::SlowManifold> curves;
  Watch watch{nb::none()};
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    curves = orbits::trace_slow_manifold(*watched, sets[0], options);
  });
  nb::list result;
  for (const orbits::SlowManifold& curve : curves) result.append(to_python(to_arrays(curve)));
  return result;
}

}  // namespace

void bind_orbits(nb::module_& module) {
  module.def("trace_slow_manifold", &trace, "system"_a, "points"_a, "options"_a,
             "The curves; nullcline.trace_slow_manifold makes objects of them.");
  module.def(
      "slow_manifold_options",
      [] {
        orbits::SlowManifoldOptions options;
        return defaults(option_fields(options));
      },
      "Every option of the tracing with its default.");
}

}  // namespace nullcline::python
