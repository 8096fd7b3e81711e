# SPDX-License-Identifier: BSD-3-Clause
"""What noise on the weights and pruning do to a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._progress import Progress, callback
from ._results import Array, Result, axes_or_new, pandas_module
from ._runs import TrainedNetwork
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Perturbations(Result):
    """Error and structure of perturbed networks, one row per level and one column per trial."""

    @property
    def kinds(self) -> Array:
        """"noise", "prune" or "prune-random" of each level: (n_levels,)"""
        return self._array("kind")

    @property
    def levels(self) -> Array:
        """Standard deviation, or share of weights: (n_levels,)"""
        return self._array("size")

    @property
    def n_trials(self) -> Array:
        """Networks of each level: (n_levels,) int64. Columns beyond are NaN or -1."""
        return self._array("n_trials")

    @property
    def error(self) -> Array | None:
        """Mean square error on the task: (n_levels, n_trials), or None without a task."""
        return self._array("error") if "error" in self._contents[0] else None

    def kept(self, what: str) -> Array:
        """How many of the network's "points", "edges" or "cycles", or of the points with as many unstable
        directions ("stability"), each perturbed network keeps: (n_levels, n_trials) int64"""
        name = f"{what}_kept"
        if name not in self._contents[0]:
            raise _core.InvalidInput(f"what: found '{what}', expected points, stability, edges or cycles of a study of structure")
        return self._array(name)

    def reference(self, what: str) -> float:
        """"error", "points", "stable", "edges", "cycles" or "index_sum" of the network itself."""
        name = f"reference_{what}"
        if name not in self._contents[0]:
            raise _core.InvalidInput(f"what: found '{what}', which this study does not have")
        return float(self._array(name).item())

    def __len__(self) -> int:
        """Number of levels."""
        return len(self.levels)

    def __repr__(self) -> str:
        return f"<nullcline.Perturbations: {len(self)} levels, {int(self.n_trials.sum())} networks>"

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per perturbed network."""
        rows = [(i, j) for i, n in enumerate(self.n_trials) for j in range(n)]
        columns: dict[str, Any] = {"kind": [str(self.kinds[i]) for i, _ in rows], "level": [self.levels[i] for i, _ in rows]}
        for name, (dimensions, values, _) in self._contents[0].items():
            if dimensions == ("level", "trial"):
                columns[name] = [values[i, j] for i, j in rows]
        return pandas_module("to_pandas").DataFrame(columns)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws the mean error by level of noise, with its spread. Returns the matplotlib Axes; `options` go to
        Axes.errorbar."""
        if self.error is None:
            raise _core.InvalidInput("plot: found a study without a task, expected one with errors")
        ax = axes_or_new(ax)
        rows = self.kinds == "noise"
        ax.errorbar(self.levels[rows], self.error[rows].mean(axis=1), self.error[rows].std(axis=1), **options)
        ax.set(xlabel="noise", ylabel="mean square error", xscale="log", yscale="log")
        return ax


def _levels(name: str, values: Sequence[float]) -> str:
    """As the command line writes them."""
    levels = np.asarray(values, dtype=np.float64)
    if levels.ndim != 1:
        raise _core.InvalidInput(f"{name}: found an array of shape {levels.shape}, expected (n_levels,)")
    return ",".join(repr(float(level)) for level in levels)


def perturb(
    network: Subject,
    *,
    input: ArrayLike | None = None,
    noise: Sequence[float] = (),
    prune: Sequence[float] = (),
    prune_random: Sequence[float] = (),
    trials: int = 10,
    error_only: bool = False,
    task_trials: int = 1,
    starts: int = 64,
    rollouts: int = 20,
    trajectories: int = 16,
    seed: int = 0,
    progress: Progress = False,
) -> Perturbations:
    """Perturbs the recurrent weights and reports what becomes of the error, and of fixed points, graph and cycles.

    Parameters
    ----------
    network : Network or TrainedNetwork
        A TrainedNetwork has a task, and so an error.
    input : (n_inputs,), optional
        Held, for points, graph and cycles; zeros if absent.
    noise : sequence of float
        Standard deviations of Gaussian noise on each recurrent weight, 0 to 1e6.
    prune, prune_random : sequence of float
        Shares of the recurrent weights set to zero, in [0, 1]: those of smallest magnitude, or at random.
    trials : int
        Networks per level; pruning by magnitude has one.
    error_only : bool
        Leave the structure out.
    task_trials : int
        Trials of the task, the same for all networks.
    starts, rollouts, trajectories : int
        Of the searches for points, of the graph per point, and followed to find cycles.
    seed : int
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        A level out of range or none at all, sizes that do not fit.
    """
    subject = resolve(network, "network")
    if subject.network is None:
        raise TypeError("network: found a System, expected a Network")
    options = dict(
        noise=_levels("noise", noise),
        prune=_levels("prune", prune),
        prune_random=_levels("prune_random", prune_random),
        trials=trials,
        error_only=error_only,
        task_trials=task_trials,
        starts=starts,
        rollouts=rollouts,
        trajectories=trajectories,
        seed=seed,
    )
    trained = network._contents if isinstance(network, TrainedNetwork) else None
    with callback(progress, "perturb") as told:
        return Perturbations(_core.perturb(subject.network, trained, input, options, told))
