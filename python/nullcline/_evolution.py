# SPDX-License-Identifier: BSD-3-Clause
"""Fixed points during a training."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._arguments import path_text
from ._progress import Progress, callback
from ._results import Array, Result, axes_or_new, pandas_module
from ._runs import TrainedNetwork
from ._systems import resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Evolution(Result):
    """The fixed points of each snapshot of a training, joined into tracks, with births, deaths and changes of
    stability. Points of all snapshots stand in one list."""

    @property
    def steps(self) -> Array:
        """Of the snapshots: (n_snapshots,)"""
        return self._array("snapshot_step")

    @property
    def completeness(self) -> Array:
        """"statistical", or "incomplete" and "not_auditable" where a count is a lower bound: (n_snapshots,)"""
        return self._array("completeness")

    @property
    def snapshot_of_point(self) -> Array:
        """(n_points,) int64"""
        return self._array("snapshot_of_point")

    @property
    def track(self) -> Array:
        """Points of one track are one point that moves: (n_points,) int64"""
        return self._array("track")

    @property
    def states(self) -> Array:
        """(n_points, n_states)"""
        return self._array("states")

    @property
    def n_unstable(self) -> Array:
        """Unstable directions: (n_points,) int64"""
        return self._array("n_unstable")

    @property
    def stability(self) -> Array:
        """(n_points,)"""
        return self._array("stability")

    @property
    def counts(self) -> Array:
        """Fixed points of each snapshot: (n_snapshots,) int64"""
        counts: Array = np.bincount(self.snapshot_of_point, minlength=len(self.steps))
        return counts

    @property
    def events(self) -> list[dict[str, Any]]:
        """Each with type, track, snapshot (it is between this and the next), step, partner (or None),
        n_unstable_before and n_unstable_after (or None)."""
        names = ("type", "track", "snapshot", "step", "partner", "n_unstable_before", "n_unstable_after")
        rows = zip(*(self._array(f"event_{name}").tolist() for name in names), strict=True)
        absent = ("partner", "n_unstable_before", "n_unstable_after")
        return [
            {name: None if name in absent and value < 0 else value for name, value in zip(names, row, strict=True)} for row in rows
        ]

    def __len__(self) -> int:
        """Number of snapshots."""
        return len(self.steps)

    def __repr__(self) -> str:
        return f"<nullcline.Evolution: {len(self)} snapshots, {self.counts[0]} to {self.counts[-1]} points, {len(self.events)} events>"

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per point: step, track, n_unstable, stability."""
        columns = {
            "step": self.steps[self.snapshot_of_point],
            "track": self.track,
            "n_unstable": self.n_unstable,
            "stability": self.stability,
        }
        return pandas_module("to_pandas").DataFrame(columns)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws the number of points by step, all and stable ones. Returns the matplotlib Axes."""
        ax = axes_or_new(ax)
        stable = np.bincount(self.snapshot_of_point[self.n_unstable == 0], minlength=len(self))
        ax.plot(self.steps, self.counts, **({"label": "all", "marker": "o"} | options))
        ax.plot(self.steps, stable, label="stable", marker="o")
        ax.set(xlabel="step", ylabel="fixed points")
        ax.legend()
        return ax

    def to_html(self, path: str | os.PathLike[str], title: str = "Evolution") -> None:
        """Writes one offline page with an animation. Raises FormatError if it cannot be written."""
        _core.write_evolution_page(path_text("path", path), self._contents, title)


def evolution(
    training: TrainedNetwork | Sequence[Any],
    *,
    input: ArrayLike | None = None,
    starts: int = 64,
    visited: int = 64,
    iterations: int = 100,
    max_points: int = 200,
    seed: int = 0,
    progress: Progress = False,
) -> Evolution:
    """Follows the fixed points through the snapshots of a training.

    Parameters
    ----------
    training : TrainedNetwork or sequence of Network
        With snapshots (train(..., snapshot_every=100), train_force), or the networks of one training in order.
    input : (n_inputs,), optional
        Held; zeros if absent.
    starts : int
        Counted starts of the search at each snapshot, besides the points of its neighbors.
    visited : int
        Visited states that each search starts from as well.
    iterations : int
        Solver steps per start.
    max_points : int
        Points of a snapshot after which its search stops.
    seed : int
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        No snapshots, networks that differ in more than their weights, an option out of range.
    """
    options = dict(starts=starts, visited=visited, iterations=iterations, max_points=max_points, seed=seed)
    with callback(progress, "evolution") as told:
        if isinstance(training, TrainedNetwork):
            return Evolution(_core.evolution(training._contents, [], input, options, told))
        networks = [resolve(one, f"training[{i}]").network for i, one in enumerate(training)]
        for i, network in enumerate(networks):
            if network is None:
                raise TypeError(f"training[{i}]: found a System, expected a Network")
        return Evolution(_core.evolution(None, networks, input, options, told))
