# SPDX-License-Identifier: BSD-3-Clause
"""Phase portraits of systems of one to three states."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._cycles import Cycles
from ._fixed_points import FixedPoints
from ._progress import Progress, callback
from ._results import Array, Contents, Result
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclasses.dataclass(frozen=True)
class Curve:
    """A curve of a portrait: states (n, n_states) in order; times (n,) along trajectories, else empty. `end` says
    how it ends ("point", "cycle", "orbit", "left_box", "not_finite", "no_inverse", "arclength", "max_time"), and
    `end_number` which point, cycle or orbit, or -1; of a nullcline both are empty. `owner` is the saddle of a manifold,
    the state whose nullcline it is, or the number of a trajectory."""

    states: Array
    owner: int
    times: Array = dataclasses.field(default_factory=lambda: np.empty(0))
    end: str = ""
    end_number: int = -1
    stable: bool = False
    closed: bool = False
    sense: int = 1
    chosen: bool = False


def _group(contents: Contents, name: str) -> Contents | None:
    arrays = {key.removeprefix(name + "/"): entry for key, entry in contents[0].items() if key.startswith(name + "/")}
    groups = {key.removeprefix(name + "/"): entry for key, entry in contents[2].items() if key.startswith(name + "/")}
    return (arrays, dict(contents[2].get(name, {})), groups) if arrays else None


class Portrait(Result):
    """A phase portrait: field, nullclines, fixed points, cycles, manifolds, basins, trajectories."""

    # Groups have dimensions of their own.
    _hidden = ("network/", "model/", "points/", "cycles/", "discrete/")

    @property
    def time(self) -> str:
        """"continuous" (a flow) or "discrete" (a map)"""
        return str(self._contents[1]["time"])

    @property
    def state_names(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self._array("state_name"))

    @property
    def box(self) -> Array:
        """Lower and upper corner of what is shown: (2, n_states)"""
        return self._array("box")

    @property
    def points(self) -> FixedPoints:
        """All fixed points, with the audit."""
        group = _group(self._contents, "points")
        assert group is not None
        return FixedPoints(group)

    @property
    def cycles(self) -> Cycles | None:
        """Limit cycles of a flow of two or three states."""
        group = _group(self._contents, "cycles")
        return None if group is None else Cycles(group)

    @property
    def nullclines(self) -> tuple[Curve, ...]:
        """Of both states (two dimensions): `owner` is the state whose rate vanishes."""
        if "nullcline_component" not in self._contents[0]:
            return ()
        return tuple(
            Curve(states, int(self._array("nullcline_component")[i]), closed=bool(self._array("nullcline_closed")[i]))
            for i, states in enumerate(self._parts("nullcline_points", "nullcline_curve_of_point", "nullcline_component"))
        )

    @property
    def branch_points(self) -> Array:
        """Where branches of a nullcline cross: (n, 2)"""
        return self._array("branch_point_places") if "branch_point_places" in self._contents[0] else np.empty((0, 2))

    @property
    def trajectories(self) -> tuple[Curve, ...]:
        """Chosen starts first; `sense` is -1 backwards in time."""
        times = self._parts("trajectory_time", "trajectory_of_point", "trajectory_sense")
        return tuple(
            Curve(
                states, i, times[i], str(self._array("trajectory_end")[i]), int(self._array("trajectory_end_number")[i]),
                sense=int(self._array("trajectory_sense")[i]), chosen=bool(self._array("trajectory_chosen")[i]),
            )
            for i, states in enumerate(self._parts("trajectory_states", "trajectory_of_point", "trajectory_sense"))
        )  # fmt: skip

    @property
    def manifolds(self) -> tuple[Curve, ...]:
        """Branches of the stable and unstable manifolds of saddles; `owner` is the saddle."""
        return tuple(
            Curve(
                states, int(self._array("manifold_saddle")[i]), end=str(self._array("manifold_end")[i]),
                end_number=int(self._array("manifold_end_number")[i]), stable=bool(self._array("manifold_stable")[i]),
            )
            for i, states in enumerate(self._parts("manifold_states", "manifold_of_point", "manifold_saddle"))
        )  # fmt: skip

    @property
    def log_speed(self) -> Array:
        """log10 of the rate's length on the grid: (n_y, n_x)"""
        return self._array("log_speed")

    @property
    def attractors(self) -> tuple[tuple[str, int], ...]:
        """(kind, number), in the numbering of `basins`."""
        return tuple(
            (str(kind), int(number))
            for kind, number in zip(self._array("attractor_kind"), self._array("attractor_number"), strict=True)
        )

    @property
    def basins(self) -> Array:
        """The attractor that each state of the grid goes to, -1 undecided, -2 leaves: (n_y, n_x) int64"""
        return self._array("basins")

    @property
    def discrete(self) -> Portrait | None:
        """The map of the same cell, with compare_time=True."""
        group = _group(self._contents, "discrete")
        return None if group is None else Portrait(group)

    def _parts(self, values: str, owners: str, counted: str) -> list[Array]:
        array, owner = self._array(values), self._array(owners)
        bounds = np.searchsorted(owner, np.arange(len(self._array(counted)) + 1))
        return [array[first:last] for first, last in zip(bounds, bounds[1:])]

    def html(self, title: str | None = None) -> str:
        """The offline page, as the command writes it."""
        return _core.portrait_page(self._contents, title or str(self._contents[1].get("title", "Portrait")))

    def plot(self, ax: Any = None, *, background: str = "speed", **options: Any) -> Any:
        """Draws the portrait. Returns the matplotlib Axes (three states: on 3-D axes), whose figure `savefig` writes
        as PDF, SVG or PNG.

        `background` is "speed", "basins" or "none"; `options` go to the lines of the trajectories.
        """
        from ._portrait_plot import draw

        return draw(self, ax, background, options)

    def __repr__(self) -> str:
        kind = "flow" if self.time == "continuous" else "map"
        closed = f", {len(self.cycles)} cycles" if self.cycles is not None else ""
        return f"<nullcline.Portrait: {kind} of {', '.join(self.state_names)}, {len(self.points)} fixed points{closed}{self._doubt}>"


def portrait(
    model: Subject,
    *,
    input: ArrayLike | None = None,
    box: ArrayLike | None = None,
    start: ArrayLike | None = None,
    compare_time: bool = False,
    automatic: int = 14,
    backward: bool = True,
    grid: int = 121,
    basins: bool = True,
    max_time: float = 2000.0,
    max_length: float = 20.0,
    tolerance: float = 1e-9,
    cycle_starts: int = 60,
    noise: float = 0.0,
    ensemble: int = 20,
    noise_time: float = 50.0,
    seed: int = 0,
    progress: Progress = False,
) -> Portrait:
    """The phase portrait of a flow or map of one, two or three states.

    All fixed points by enumeration, limit cycles, nullclines with proven topology, stable and unstable manifolds of
    saddles, basins of attraction, and trajectories in both senses of time.

    Parameters
    ----------
    model : System, Network or TrainedNetwork
    input : (n_inputs,) float64, optional
        Held input; zeros if absent.
    box : (2, n_states) float64, optional
        Lower and upper corner of what is shown; a tenth larger than the system's own if absent.
    start : (n, n_states) float64, optional
        Chosen starts, followed forwards and (unless backward=False) backwards in time.
    compare_time : bool
        Adds the portrait of the map of the same cell as `discrete`; this one is the flow's.
    automatic : int
        Further starts, spread evenly.
    grid, basins
        Values per axis of speed and basins; whether basins are found.
    max_time, tolerance, max_length
        Of trajectories: time (steps) and error per step; length of manifolds in diagonals of the box.
    cycle_starts : int
        Trajectories from which limit cycles are sought.
    noise, ensemble, noise_time
        Standard deviation of white noise on each input, trajectories under it, and their time.
    seed : int
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        More than three states, a box or start that does not fit, a rate that is not finite in the box, noise without
        inputs, compare_time of a system that is no cell.

    References
    ----------
    Plantinga & Vegter (2004), nullclines; Krauskopf & Osinga (1998), manifolds of maps.
    """
    subject = resolve(model, "model")
    system, discrete = subject.system, None
    if compare_time:
        if subject.network is None:
            raise ValueError("compare_time: found equations, which are a flow or a map, expected a cell, which is both")
        system, discrete = subject.network.system("continuous"), subject.network.system("discrete")
    starts = None if start is None else np.atleast_2d(np.asarray(start, dtype=np.float64))
    options = dict(
        automatic=automatic, backward=backward, grid=grid, basins=basins, max_time=max_time, max_length=max_length,
        tolerance=tolerance, cycle_starts=cycle_starts, noise=noise, ensemble=ensemble, noise_time=noise_time, seed=seed,
    )  # fmt: skip
    with callback(progress, "portrait") as told:
        contents = _core.make_portrait(
            system, discrete, subject.network, subject.model, input, box, starts, options, told
        )
    contents[1]["verified"] = "yes" if subject.verified else "no"
    return Portrait(contents)
