# SPDX-License-Identifier: BSD-3-Clause
"""Nullcline shows what a recurrent network computes.

    import nullcline as nc
    points = nc.find_fixed_points(network, states)
    points.audit
    graph = nc.topology(network, points)
    nc.report("network.html", network, points, graph)

Arrays are float64 NumPy arrays, row-major; batches are rows. A caller's mistake raises InvalidInput,
a file that cannot be used FormatError; both are ValueErrors. Numerical outcomes are values in results.
"""

from ._blas import environment as _environment

with _environment():
    from . import _core

from ._core import FormatError, InvalidInput, Network, System, n_threads, set_n_threads
from ._audit import Audit
from ._census import Census, census
from ._continuation import Branch, Continuation, Event, continuation
from ._cycles import CycleBranch, Cycles, find_cycles
from ._files import load
from ._fixed_points import FixedPoint, FixedPoints, find_fixed_points
from ._linearization import Linearization, linearize
from ._orbits import Orbit
from ._portrait import Curve, Portrait, portrait
from ._report import report
from ._runs import FlipFlop, Simulation, TrainedNetwork, simulate, train, train_options
from ._slow_manifold import SlowManifold, trace_slow_manifold
from ._state_machine import StateMachine, state_machine
from ._sweeps import Sweep, sweep
from ._systems import load_model, system_from
from ._topology import TopologyGraph, topology
from ._trajectories import Trajectory, lyapunov
from ._verify import Doubt, verify
from .importers import from_arrays, from_equinox, from_file, from_flax, from_haiku, from_keras, from_torch

__version__ = _core.version()

__all__ = [
    "Audit",
    "Branch",
    "Census",
    "Continuation",
    "Curve",
    "CycleBranch",
    "Cycles",
    "Doubt",
    "Event",
    "FixedPoint",
    "FixedPoints",
    "FlipFlop",
    "FormatError",
    "InvalidInput",
    "Linearization",
    "Network",
    "Orbit",
    "Portrait",
    "Simulation",
    "SlowManifold",
    "StateMachine",
    "Sweep",
    "System",
    "TopologyGraph",
    "TrainedNetwork",
    "Trajectory",
    "census",
    "continuation",
    "find_cycles",
    "find_fixed_points",
    "from_arrays",
    "from_equinox",
    "from_file",
    "from_flax",
    "from_haiku",
    "from_keras",
    "from_torch",
    "linearize",
    "load",
    "load_model",
    "lyapunov",
    "n_threads",
    "portrait",
    "report",
    "set_n_threads",
    "simulate",
    "state_machine",
    "sweep",
    "system_from",
    "topology",
    "trace_slow_manifold",
    "train",
    "train_options",
    "verify",
]
