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
from ._task_analysis import ContextIntegrationAnalysis, ContextLine, SineAnalysis, analyze_context_integration, analyze_sine
from ._audit import Audit
from ._census import Census, census
from ._comparison import Separation, compare, embed, sampling_noise, separation
from ._continuation import Branch, Continuation, Event, continuation
from ._cycles import CycleBranch, Cycles, find_cycles
from ._evolution import Evolution, evolution
from ._files import load
from ._fixed_points import FixedPoint, FixedPoints, find_fixed_points
from ._force import ForceTraining, PulseFlipFlop, force_options, train_force
from ._linearization import Linearization, linearize
from ._orbits import Orbit
from ._perturb import Perturbations, perturb
from ._portrait import Curve, Portrait, portrait
from ._report import report
from ._runs import Simulation, TrainedNetwork, simulate, train, train_options
from ._shape import PairDistances, Shape, shape
from ._slow_manifold import SlowManifold, trace_slow_manifold
from ._state_machine import StateMachine, state_machine
from ._studies import Study
from ._sweeps import Sweep, sweep
from ._systems import load_model, system_from
from ._tasks import (
    ContextIntegration,
    FitzHughNagumo,
    FlipFlop,
    Integration,
    LineAttractor,
    RingAttractor,
    Sine,
    Task,
    Trajectories,
)
from ._topology import TopologyGraph, topology
from ._trajectories import Trajectory, lyapunov
from ._verify import Doubt, verify
from .importers import from_arrays, from_equinox, from_file, from_flax, from_haiku, from_keras, from_torch

__version__ = _core.version()

__all__ = [
    "Audit",
    "Branch",
    "Census",
    "ContextIntegration",
    "ContextIntegrationAnalysis",
    "ContextLine",
    "Continuation",
    "Curve",
    "CycleBranch",
    "Cycles",
    "Doubt",
    "Event",
    "Evolution",
    "FixedPoint",
    "FixedPoints",
    "FitzHughNagumo",
    "FlipFlop",
    "ForceTraining",
    "FormatError",
    "Integration",
    "InvalidInput",
    "LineAttractor",
    "Linearization",
    "Network",
    "Orbit",
    "PairDistances",
    "Perturbations",
    "Portrait",
    "RingAttractor",
    "PulseFlipFlop",
    "Separation",
    "Shape",
    "Simulation",
    "Sine",
    "SineAnalysis",
    "SlowManifold",
    "StateMachine",
    "Study",
    "Sweep",
    "System",
    "Task",
    "TopologyGraph",
    "TrainedNetwork",
    "Trajectories",
    "Trajectory",
    "analyze_context_integration",
    "analyze_sine",
    "census",
    "compare",
    "continuation",
    "embed",
    "evolution",
    "find_cycles",
    "find_fixed_points",
    "force_options",
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
    "perturb",
    "portrait",
    "report",
    "sampling_noise",
    "separation",
    "set_n_threads",
    "shape",
    "simulate",
    "state_machine",
    "sweep",
    "system_from",
    "topology",
    "trace_slow_manifold",
    "train",
    "train_force",
    "train_options",
    "verify",
]
