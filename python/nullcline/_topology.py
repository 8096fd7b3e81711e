# SPDX-License-Identifier: BSD-3-Clause
"""Which fixed point leads to which."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from ._arguments import position
from ._fixed_points import FixedPoints
from ._progress import Progress, callback
from ._results import Array, Result, pandas_module, readable, table_html
from ._systems import Subject, resolve

_MAX_HTML_ROWS = 20


class TopologyGraph(Result):
    """The graph of the fixed points under one held input.

    Nodes are the fixed points, sorted by quantized readout, after them the orbits of a map or the limit
    cycles of a flow, and one last node "other": cycles that are no orbit of the points, divergence, and
    rollouts undecided at the horizon.
    """

    @property
    def transitions(self) -> Array:
        """Share of the rollouts from node i that ended at j, the last column being "other"; rows sum
        to 1, a stable point or orbit leads to itself: (n_nodes, n_nodes + 1) float64"""
        return self._array("transitions")

    @property
    def labels(self) -> Array:
        """Quantized readout of each node, such as "+-0": (n_nodes,)"""
        return self._array("label")

    @property
    def point_index(self) -> Array:
        """Position of the first nodes in the FixedPoints: (n_points,) int64"""
        return self._array("point_index")

    @property
    def orbit_index(self) -> Array:
        """Position of the other nodes in FixedPoints.orbits: (n_orbits,) int64"""
        if "orbit_index" in self._contents[0]:
            return self._array("orbit_index")
        return readable(np.zeros(0, dtype=np.int64))

    @property
    def cycle_periods(self) -> Array:
        """Period of each limit cycle of a flow; these are the last nodes: (n_cycles,) float64"""
        return self._of_cycles("cycle_period")

    @property
    def cycle_states(self) -> Array:
        """States along each limit cycle, evenly in time: (n_cycles, n_samples, n_states) float64"""
        if self.n_cycles == 0:
            return readable(np.zeros((0, 0, 0)))
        return self._array("cycle_states")

    def _of_cycles(self, name: str) -> Array:
        return self._array(name) if name in self._contents[0] else readable(np.zeros(0))

    @property
    def n_rollouts(self) -> Array:
        """Rollouts from each node: (n_nodes,) int64"""
        return self._array("n_rollouts")

    @property
    def n_points(self) -> int:
        """Fixed points among the nodes."""
        return len(self.point_index)

    @property
    def n_orbits(self) -> int:
        """Orbits among the nodes."""
        return len(self.orbit_index)

    @property
    def n_cycles(self) -> int:
        """Limit cycles among the nodes."""
        return len(self.cycle_periods)

    @property
    def probe(self) -> str:
        """"unstable_manifold" or "perturbation\""""
        return str(self._contents[1]["probe"])

    @property
    def perturbation(self) -> float:
        """Distance from a point at which its rollouts start."""
        return float(self._array("perturbation").item())

    @property
    def capture_radius(self) -> float:
        """A point captures within this share of its distance to the nearest other."""
        return float(self._array("capture_radius").item())

    @property
    def n_cycle(self) -> int:
        """Rollouts that ended on a cycle that is no node; n_diverged and n_undecided are the rest of "other"."""
        return int(self._array("n_cycle").item())

    @property
    def n_diverged(self) -> int:
        """Rollouts that diverged."""
        return int(self._array("n_diverged").item())

    @property
    def n_undecided(self) -> int:
        """Rollouts that had not settled at the horizon."""
        return int(self._array("n_undecided").item())

    def __len__(self) -> int:
        """Number of nodes: points, orbits and cycles, "other" excluded."""
        return len(self.transitions)

    def __getitem__(self, i: int) -> dict[int, float]:
        """{node: share} of where node i leads; -1 is "other"."""
        row = self.transitions[position("graph[...]", i, len(self))]
        return {(j if j < len(self) else -1): float(share) for j, share in enumerate(row) if share > 0}

    def __repr__(self) -> str:
        others = self.n_cycle + self.n_diverged + self.n_undecided
        orbits = f", {self.n_orbits} orbits" if self.n_orbits else ""
        cycles = f", {self.n_cycles} cycles" if self.n_cycles else ""
        return f"<nullcline.TopologyGraph: {self.n_points} points{orbits}{cycles}, {others} rollouts to other{self._doubt}>"

    def _repr_html_(self) -> str:
        def name(j: int) -> str:
            return "other" if j < 0 else str(self.labels[j])

        def node(i: int) -> str:
            if i < self.n_points:
                return str(self.point_index[i])
            k = i - self.n_points
            return f"orbit {self.orbit_index[k]}" if k < self.n_orbits else f"cycle {k - self.n_orbits}"

        rows = [
            [node(i), str(self.labels[i]), ", ".join(f"{name(j)} ({s:.2f})" for j, s in self[i].items())]
            for i in range(min(len(self), _MAX_HTML_ROWS))
        ]
        notes = [f"and {len(self) - _MAX_HTML_ROWS} more"] if len(self) > _MAX_HTML_ROWS else []
        return table_html(repr(self).strip("<>"), ["point", "label", "leads to"], rows, notes)

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per edge: source, target (-1: other), share."""
        edges = [(i, j, share, self.verified) for i in range(len(self)) for j, share in self[i].items()]
        return pandas_module("to_pandas").DataFrame(edges, columns=["source", "target", "share", "verified"])

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws the matrix of transitions. Returns the matplotlib Axes; `options` go to Axes.imshow."""
        from ._plots import plot_graph

        return plot_graph(self, ax, options)


def topology(
    system: Subject,
    points: FixedPoints,
    *,
    probe: str = "unstable_manifold",
    n_rollouts: int = 100,
    perturbation: float = 0.01,
    capture_radius: float = 0.1,
    max_steps: int = 100000,
    n_cycle_starts: int = 50,
    seed: int = 0,
    progress: Progress = False,
) -> TopologyGraph:
    """Connects fixed points, orbits and limit cycles into a graph: rollouts leave each until they settle.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
        The map or flow whose points these are.
    points : FixedPoints
        Of one held input.
    probe : {"unstable_manifold", "perturbation"}
        Leave along the unstable directions of each point, or in random directions.
    n_rollouts : int
        Per point; a one-dimensional unstable manifold needs two.
    perturbation : float
        Start distance, in median distances between nearest fixed points.
    capture_radius : float
        A point captures within this share of its distance to the nearest other.
    max_steps : int
        Horizon of a rollout.
    n_cycle_starts : int
        Of a flow of two to 16 states: trajectories, in both senses of time, that look for limit cycles.
    seed : int
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        The points are not of one input or do not fit, an option is out of range.

    References
    ----------
    Maheswaranathan et al. (2019), section 3.1.
    """
    if not isinstance(points, FixedPoints):
        raise ValueError(f"points: found {type(points).__name__}, expected FixedPoints")
    points._require_one_input("points")
    options = dict(
        probe=probe,
        n_rollouts=n_rollouts,
        perturbation=perturbation,
        capture_radius=capture_radius,
        max_steps=max_steps,
        n_cycle_starts=n_cycle_starts,
        seed=seed,
    )
    with callback(progress, "topology") as told:
        contents = _core.build_graph(resolve(system, "system").system, points._contents, options, told)
    contents[1]["verified"] = "yes" if points.verified else "no"
    return TopologyGraph(contents)
