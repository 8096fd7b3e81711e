# SPDX-License-Identifier: BSD-3-Clause
"""Many flows, sorted by their fixed points, cycles and connections."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from . import _core
from ._arguments import path_text
from ._progress import Progress, callback
from ._results import Array, Result, pandas_module, table_html


class Census(Result):
    """Topologies of flows, by falling number of networks. Row i of an array is topology i."""

    _hidden = ("network/", "family/")

    @property
    def name(self) -> Array:
        """"4-4-1+1s.0123abcd": fixed points with 0, 1, ... unstable directions, stable and unstable cycles, a hash of
        the canonical form of the connection graph: (n,) str"""
        return self._array("name")

    @property
    def form(self) -> Array:
        """Canonical form of the connection graph: (n,) str"""
        return self._array("form")

    @property
    def count(self) -> Array:
        """Networks that have it: (n,) int64"""
        return self._array("count")

    @property
    def n_points(self) -> Array:
        """Fixed points with 0, 1, ... unstable directions: (n, n_states + 1)"""
        return self._array("n_points")

    @property
    def n_stable_cycles(self) -> Array:
        """(n,) int64"""
        return self._array("n_stable_cycles")

    @property
    def n_tori(self) -> Array:
        """Tori, and invariant circles of maps: (n,) int64"""
        return self._array("n_tori")

    @property
    def n_chaotic(self) -> Array:
        """1 where some trajectory is chaotic: (n,) int64"""
        return self._array("n_chaotic")

    @property
    def exponent(self) -> Array:
        """Largest Lyapunov exponent of chaos that was met, else NaN: (n,) float64"""
        return self._array("exponent")

    @property
    def n_unstable_cycles(self) -> Array:
        """(n,) int64"""
        return self._array("n_unstable_cycles")

    @property
    def values(self) -> Array:
        """Parameters of the first network that has it: (n, n_parameters)"""
        return self._array("values")

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the columns of `values`."""
        return tuple(str(name) for name in self._array("parameter_name"))

    @property
    def n_networks(self) -> int:
        """Networks looked at."""
        return int(self._array("n_networks"))

    @property
    def n_undecided(self) -> int:
        """Networks whose topology is not known, for whatever reason."""
        return self.n_networks - int(self._array("n_decided"))

    @property
    def unseen_estimate(self) -> float | None:
        """Topologies that were not met, at least (Chao1); None for a grid or a directed search."""
        return float(self._array("unseen_estimate")) if "unseen_estimate" in self._contents[0] else None

    def model(self, i: int) -> str:
        """A model file (TOML) of the first network of topology i."""
        return _core.census_model(self._contents, range(len(self))[i])

    def html(self, path: str | os.PathLike[str], *, title: str | None = None) -> None:
        """Writes one offline page with a portrait of each topology. Raises FormatError."""
        _core.write_census_page(path_text("path", path), self._contents, title or str(self.attributes["title"]))

    def __len__(self) -> int:
        return len(self.name)

    def __repr__(self) -> str:
        return f"<nullcline.Census: {len(self)} topologies of {self.n_networks} networks, {self.n_undecided} undecided>"

    def _repr_html_(self) -> str:
        rows = [[str(self.name[i]), str(self.count[i])] for i in range(len(self))]
        return table_html(repr(self).strip("<>"), ["topology", "networks"], rows, [])

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per topology, and a column per parameter."""
        columns: dict[str, Any] = {"name": self.name, "count": self.count}
        for k in range(self.n_points.shape[1]):
            columns[f"n_points_{k}"] = self.n_points[:, k].astype(int)
        columns["n_stable_cycles"], columns["n_unstable_cycles"] = self.n_stable_cycles, self.n_unstable_cycles
        columns["form"] = self.form
        for k, name in enumerate(self.parameter_names):
            columns[name] = self.values[:, k]
        return pandas_module("to_pandas").DataFrame(columns)


def census(
    what: str | os.PathLike[str],
    *,
    vary: Mapping[str, tuple[float, float]] | None = None,
    parameters: Mapping[str, float] | None = None,
    units: int = 2,
    samples: int = 1000,
    grid: int = 0,
    seek: str = "none",
    shrink: float = 1.0,
    range: float = 10.0,
    biases: float = 5.0,
    time: str = "continuous",
    shard: str = "0/1",
    max_boxes: int = 20000,
    tolerance: float = 1e-9,
    max_steps: int = 100000,
    n_trajectories: int = 0,
    duration: float = 5000.0,
    seed: int = 0,
    progress: Progress = False,
) -> Census:
    """Sorts many flows or maps by their fixed points, cycles and connections.

    Fixed points and their types are proven, and so is that there are no others; cycles and connections, of flows of two
    states, are computed. What is degenerate or undecided is counted as such.

    Parameters
    ----------
    what : str
        A cell ("gru", "lstm", "ugrnn", "vanilla"), whose weights are drawn, or the path of a model file (.toml).
    vary : {name: (low, high)}, optional
        Parameters that differ, and their ranges. Of a model file: those that do; of a cell: other ranges than
        (-range, range) and (-biases, biases), for an entry ("U_h_1_2"), an array ("U_h") or all biases ("b").
    parameters : {name: value}, optional
        Other parameters of a model file.
    units, range, biases, time
        Of a cell; `time` is "continuous" (the flow) or "discrete" (the map).
    samples, seed
        Random networks, each uniform in the ranges.
    grid : int
        Instead: this many values of each parameter, ends included.
    shrink : float
        Divide the values of a random network by 1 to this, log-uniformly.
    seek : {"none", "topologies", "n_points", "n_sinks", "n_cycles"}
        Look near the networks that have most of this: for rare topologies; counts are then no shares.
    shard : str
        Part "k/n" of the networks.
    max_boxes, tolerance, max_steps
        Of one network: boxes of the proof, the integrator's error per step, steps of a trajectory.
    n_trajectories, duration
        Of maps, and of flows of three states and more: trajectories that look for attractors which are no fixed
        points (orbits, tori, chaos), and the time or steps after which their exponents are judged. 0: none.
    progress : bool or callable

    Raises
    ------
    ValueError
        An argument out of range, a name that no parameter has, a file that is no model.
    """
    ranges = ";".join(f"{name}={float(low)!r}:{float(high)!r}" for name, (low, high) in (vary or {}).items())
    values = [(name, float(value)) for name, value in (parameters or {}).items()]
    sample = {"samples": samples, "grid": grid, "seek": seek, "shrink": shrink, "shard": shard, "seed": seed}
    cell = {"units": units, "range": range, "biases": biases, "time": time}
    skeleton = {
        "max_boxes": max_boxes,
        "tolerance": tolerance,
        "max_steps": max_steps,
        "n_trajectories": n_trajectories,
        "duration": duration,
    }
    with callback(progress, "census") as report:
        return Census(_core.census(path_text("what", what), values, ranges, sample, cell, skeleton, report))
