# SPDX-License-Identifier: BSD-3-Clause
"""Result files of this package and of the command."""

from __future__ import annotations

import os

from . import _core
from ._task_analysis import ContextIntegrationAnalysis, SineAnalysis
from ._arguments import path_text
from ._census import Census
from ._continuation import Continuation
from ._cycles import Cycles
from ._evolution import Evolution
from ._fixed_points import FixedPoints
from ._force import ForceTraining
from ._linearization import Linearization
from ._perturb import Perturbations
from ._portrait import Portrait
from ._runs import Simulation, TrainedNetwork
from ._state_machine import StateMachine
from ._sweeps import Sweep
from ._topology import TopologyGraph
from ._trajectories import Trajectory


def load(
    path: str | os.PathLike[str],
) -> (
    FixedPoints
    | TopologyGraph
    | Continuation
    | Cycles
    | Census
    | Portrait
    | StateMachine
    | tuple[TopologyGraph, ...]
    | TrainedNetwork
    | Simulation
    | Linearization
    | Trajectory
    | Sweep
    | ForceTraining
    | Evolution
    | Perturbations
    | SineAnalysis
    | ContextIntegrationAnalysis
):
    """Reads a result that `save` or the command wrote: whatever the file says it is.

    A file of graphs for several inputs gives a tuple.

    Raises
    ------
    FormatError
        The file is missing, damaged or no result; a ValueError whose message starts with the path.
    """
    name = path_text("path", path)
    contents = _core.read_file(name)
    kind = contents[1].get("nullcline_kind", "a file of another program")
    if kind == "fixed_points":
        _core.check_points(name, contents)
        return FixedPoints(contents)
    if kind == "graph":
        graphs = tuple(TopologyGraph(graph) for graph in _core.graphs_of(name, contents))
        return graphs[0] if len(graphs) == 1 else graphs
    if kind == "continuation":
        _core.check_continuation(name, contents)
        return Continuation(contents)
    if kind == "cycles":
        _require(name, contents[0], ("period", "states", "time", "cycle_of_point", "multipliers_re", "multipliers_im"))
        return Cycles(contents)
    if kind == "census":
        _core.check_census(name, contents)
        return Census(contents)
    if kind == "portrait":
        _require(name, contents[0], ("box", "state_name", "trajectory_states", "manifold_states", "points/states"))
        return Portrait(contents)
    if kind == "state_machine":
        _require(name, contents[0], ("node_states", "pulses", "transitions", "settling", "points/states"))
        return StateMachine(contents)
    if kind == "sine_analysis":
        _require(name, contents[0], ("command", "frequency", "linear_frequency", "magnitude", "eigenvalue_re", "states", "graph"))
        return SineAnalysis(contents)
    if kind == "context_integration_analysis":
        _require(name, contents[0], ("steps", "tolerance"))
        return ContextIntegrationAnalysis(contents)
    if kind == "trajectory":
        _require(name, contents[0], ("exponents", "errors", "running", "running_time", "exact_exponents", "point", "end"))
        return Trajectory(contents)
    if kind == "sweep":
        _require(name, contents[0], ("first", "doubt", "parameter_name", str(contents[1].get("quantity"))))
        return Sweep(contents)
    if kind == "evolution":
        _core.check_evolution(name, contents)
        return Evolution(contents)
    if kind == "perturbation":
        _require(name, contents[0], ("kind", "size", "n_trials"))
        return Perturbations(contents)
    if kind == "trained_network" and "update_steps" in contents[0]:
        _core.network_of(name, contents)
        _require(name, contents[0], ("error", "weight_norm", "train_outputs", "test_outputs", "test_targets"))
        return ForceTraining(contents)
    if kind in ("trained_network", "simulation"):
        _core.network_of(name, contents)
        _require(name, contents[0], ("loss", "validation_loss") if kind == "trained_network" else ("inputs", "states"))
        return TrainedNetwork(contents) if kind == "trained_network" else Simulation(contents)
    if kind == "linearization":
        _require(name, contents[0], ("states", "eigenvalues_re", "eigenvalues_im", "stability"))
        return Linearization(contents)
    raise _core.FormatError(
        f"{name}: found {kind}, expected fixed points, a graph, a continuation, cycles, a trajectory, a sweep, a census, a portrait, an "
        "evolution, perturbations, a state machine, a trained network, a simulation or a linearization"
    )


def _require(path: str, arrays: dict[str, object], names: tuple[str, ...]) -> None:
    for name in names:
        if name not in arrays:
            raise _core.FormatError(f"{path}: no array '{name}'")
