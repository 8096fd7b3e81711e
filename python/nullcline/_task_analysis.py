# SPDX-License-Identifier: BSD-3-Clause
"""What the paper of a task reads from networks that were trained on it."""

from __future__ import annotations

import json
from typing import Any

from . import _core
from ._portrait import _group
from ._progress import Progress, callback
from ._results import Array, Result, pandas_module
from ._runs import TrainedNetwork
from ._systems import Subject, resolve
from ._tasks import ContextIntegration, Sine, Task


class SineAnalysis(Result):
    """One fixed point per command, and the linearization that the command's trajectory turns round."""

    @property
    def commands(self) -> Array:
        """Inputs that are held: (n_commands,)"""
        return self._array("command")

    @property
    def frequencies(self) -> Array:
        """That the commands ask for, cycles per step: (n_commands,)"""
        return self._array("frequency")

    @property
    def linear_frequencies(self) -> Array:
        """arg lambda / 2 pi of the complex eigenvalue of largest magnitude; NaN without one: (n_commands,)"""
        return self._array("linear_frequency")

    @property
    def eigenvalues(self) -> Array:
        """That eigenvalue, Im > 0: (n_commands,) complex128"""
        return self._complex("eigenvalue")

    @property
    def magnitudes(self) -> Array:
        """Its |lambda|: (n_commands,)"""
        return self._array("magnitude")

    @property
    def n_unstable(self) -> Array:
        """Unstable directions of the chosen point: (n_commands,) int64"""
        return self._array("n_unstable")

    @property
    def n_fixed(self) -> Array:
        """Fixed points under the command: (n_commands,) int64"""
        return self._array("n_fixed")

    @property
    def distances(self) -> Array:
        """Of the chosen point from the trajectory's mean, in root mean square radii of the trajectory: (n_commands,)"""
        return self._array("distance")

    @property
    def states(self) -> Array:
        """The chosen points, NaN where there is none: (n_commands, n_states)"""
        return self._array("states")

    @property
    def graph(self) -> Array:
        """1 between nearest neighbors of the chosen points: (n_commands, n_commands)"""
        return self._array("graph")

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per command."""
        names = ("command", "frequency", "linear_frequency", "magnitude", "distance", "n_fixed", "n_unstable")
        return pandas_module("to_pandas").DataFrame({name: self._array(name) for name in names})

    def __len__(self) -> int:
        return len(self.commands)

    def __repr__(self) -> str:
        return f"<nullcline.SineAnalysis: {len(self)} commands{self._doubt}>"


class ContextLine(Result):
    """The approximate line attractor of one context: states that are slow under its cue, by readout."""

    @property
    def input(self) -> Array:
        """The cue without noise: (n_inputs,)"""
        return self._array("input")

    @property
    def n_starts(self) -> int:
        """States that were sent to the line; len() is how many became slow enough."""
        return int(self._array("n_starts"))

    @property
    def states(self) -> Array:
        """(n, n_states)"""
        return self._array("states")

    @property
    def speeds(self) -> Array:
        """q = 1/2 |F(h) - h|^2: (n,)"""
        return self._array("speeds")

    @property
    def readouts(self) -> Array:
        """Rising: (n,)"""
        return self._array("readouts")

    @property
    def magnitudes(self) -> Array:
        """Means of the sorted |lambda| over the states: (n_states,)"""
        return self._array("magnitudes")

    @property
    def selection(self) -> Array:
        """|l_1 B e_k| of the leading mode for each state and input: (n, n_inputs)"""
        return self._array("selection")

    @property
    def relevant(self) -> float:
        """Mean of the selection of the context's own stream."""
        return float(self._array("relevant"))

    @property
    def irrelevant(self) -> float:
        """Mean of the selection of all other streams."""
        return float(self._array("irrelevant"))

    @property
    def responses(self) -> Array:
        """Mean response to a unit of the relevant stream by the k leading modes: (n_steps, n_states + 1)"""
        return self._array("responses")

    @property
    def graph(self) -> Array:
        """1 between nearest neighbors: (n, n)"""
        return self._array("graph")

    @property
    def graph_two(self) -> Array:
        """1 between each state and its two nearest neighbors: (n, n)"""
        return self._array("graph_two")

    @property
    def n_defective(self) -> int:
        """States whose eigenvectors are defective, left out of selection and responses."""
        return int(self._array("n_defective"))

    def __len__(self) -> int:
        return len(self.states)

    def __repr__(self) -> str:
        return f"<nullcline.ContextLine: {len(self)} of {self.n_starts} states>"


class ContextIntegrationAnalysis(Result):
    """The line attractor of each context, and what it takes in."""

    _hidden = ("network/", "context_")

    @property
    def steps(self) -> Array:
        """After the input, at which responses are read: (n_steps,) int64"""
        return self._array("steps")

    @property
    def contexts(self) -> tuple[ContextLine, ...]:
        """One line per context."""
        lines = []
        while (group := _group(self._contents, f"context_{len(lines)}")) is not None:
            lines.append(ContextLine(group))
        return tuple(lines)

    def __len__(self) -> int:
        return len(self.contexts)

    def __repr__(self) -> str:
        return f"<nullcline.ContextIntegrationAnalysis: {len(self)} contexts{self._doubt}>"


def _network_and_task(network: Subject, task: Task | None, kind: type[Task]) -> tuple[_core.Network, dict[str, Any]]:
    found = resolve(network, "network").network
    if found is None:
        raise TypeError("network: found a System, expected a Network")
    if task is not None:
        if not isinstance(task, kind):
            raise TypeError(f"task: found {type(task).__name__}, expected {kind.__name__}")
        return found, task.options()
    if not isinstance(network, TrainedNetwork):
        return found, kind().options()
    stored = json.loads(network.attributes["configuration"])["task"]
    if stored.pop("name") != kind.name:
        raise _core.InvalidInput(f"network: found one trained on {network.task}, expected {kind.name}")
    return found, stored


def analyze_sine(
    network: Subject,
    task: Sine | None = None,
    *,
    commands: int = 11,
    n_starts: int = 1000,
    seed: int = 0,
    progress: Progress = False,
) -> SineAnalysis:
    """The fixed point that each command's trajectory of the sine task turns round, and its leading complex eigenvalue.

    Parameters
    ----------
    network : Network or TrainedNetwork
    task : Sine, optional
        That of the TrainedNetwork, or the task with its defaults, if absent.
    commands : int
        Evenly spaced from 0 to 1.
    n_starts, seed
        As in find_fixed_points, for each command.
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        The network was trained on another task, has not one input and one output, or an option is out of range.

    References
    ----------
    Maheswaranathan et al. (2019), section 3.2 and figure 2.
    """
    found, values = _network_and_task(network, task, Sine)
    with callback(progress, "commands") as told:
        return SineAnalysis(_core.analyze_sine(found, values, commands, dict(n_starts=n_starts, seed=seed), told))


def analyze_context_integration(
    network: Subject,
    task: ContextIntegration | None = None,
    *,
    points: int = 50,
    tolerance: float = 1e-3,
    trials: int = 64,
    max_steps: int = 5000,
    seed: int = 0,
    progress: Progress = False,
) -> ContextIntegrationAnalysis:
    """The approximate line attractor of each context, its spectrum, and what its slowest mode takes in and gives out.

    States of probe trials descend q = 1/2 |F(h) - h|^2 under the context's cue, each until its own q is below the
    tolerance, so that they stop all along the line.

    Parameters
    ----------
    network : Network or TrainedNetwork
    task : ContextIntegration, optional
        That of the TrainedNetwork, or the task with its defaults, if absent.
    points : int
        States per context.
    tolerance : float
        Of q. What has not reached it after `max_steps` steps is left out.
    trials, seed
        Of the task's probe, whose states descend.
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        The network was trained on another task, its sizes do not fit, or an option is out of range.

    References
    ----------
    Maheswaranathan et al. (2019), section 3.3 and figure 3; Mante et al. (2013).
    """
    found, values = _network_and_task(network, task, ContextIntegration)
    options = dict(points=points, tolerance=tolerance, trials=trials, max_steps=max_steps, seed=seed)
    with callback(progress, "line attractors") as told:
        return ContextIntegrationAnalysis(_core.analyze_context_integration(found, values, options, told))
