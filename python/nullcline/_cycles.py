# SPDX-License-Identifier: BSD-3-Clause
"""Limit cycles of flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._progress import Progress, callback
from ._results import Array, Contents, Result, axes_or_new, pandas_module, table_html
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Cycles(Result):
    """Limit cycles of a flow, by period; with a parameter, branches of them too. Row i of an array is cycle i."""

    @property
    def period(self) -> Array:
        """(n,)"""
        return self._array("period")

    @property
    def stable(self) -> Array:
        """Attracting: (n,) bool"""
        return self._array("stable") != 0

    @property
    def n_unstable(self) -> Array:
        """Multipliers beyond the unit circle: (n,) int64"""
        return self._array("n_unstable")

    @property
    def multipliers(self) -> Array:
        """Floquet multipliers by falling modulus, the trivial one left out: (n, n_states - 1) complex128"""
        return self._complex("multipliers")

    @property
    def minimum(self) -> Array:
        """Least value of each coordinate: (n, n_states)"""
        return self._array("minimum")

    @property
    def maximum(self) -> Array:
        """Largest value of each coordinate: (n, n_states)"""
        return self._array("maximum")

    @property
    def residual(self) -> Array:
        """Largest residual of the differential equation, relative to the largest rate: (n,)"""
        return self._array("residual")

    @property
    def period_error(self) -> Array:
        """Relative change of the period by the last refinement of the mesh: (n,)"""
        return self._array("period_error")

    def states(self, i: int) -> tuple[Array, Array]:
        """Times (m,) from 0 to the period, and states (m, n_states), of cycle i; the last state is the first again."""
        mine = self._array("cycle_of_point") == range(len(self))[i]
        return self._array("time")[mine], self._array("states")[mine]

    @property
    def branches(self) -> tuple[CycleBranch, ...]:
        """One per branch that was followed in the parameter."""
        return cycle_branches(self._contents, "branches")

    def __len__(self) -> int:
        return len(self.period)

    def __repr__(self) -> str:
        stable = int(np.count_nonzero(self.stable))
        branches = f", {len(self.branches)} branches" if self.branches else ""
        return f"<nullcline.Cycles: {len(self)} cycles, {stable} stable{branches}{self._doubt}>"

    def _repr_html_(self) -> str:
        rows = [
            [str(i), f"{self.period[i]:.10g}", "stable" if self.stable[i] else "unstable", f"{np.abs(self.multipliers[i]).max(initial=0):.4g}"]
            for i in range(len(self))
        ]
        return table_html(repr(self).strip("<>"), ["", "period", "stability", "|multiplier| max"], rows, [])

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per cycle."""
        columns: dict[str, Any] = {name: getattr(self, name) for name in ("period", "stable", "n_unstable", "residual", "period_error")}
        for k in range(self.minimum.shape[1]):
            columns[f"minimum_{k}"], columns[f"maximum_{k}"] = self.minimum[:, k], self.maximum[:, k]
        columns["verified"] = self.verified
        return pandas_module("to_pandas").DataFrame(columns)

    def plot(self, ax: Any = None, *, coordinates: tuple[int, int] = (0, 1), **options: Any) -> Any:
        """Draws the cycles in two coordinates, unstable ones dashed. Returns the matplotlib Axes; `options` go to
        Axes.plot."""
        ax = axes_or_new(ax)
        for i in range(len(self)):
            _, states = self.states(i)
            style = {"linestyle": "-" if self.stable[i] else "--"} | options
            ax.plot(states[:, coordinates[0]], states[:, coordinates[1]], **style)
        ax.set(xlabel=f"state {coordinates[0]}", ylabel=f"state {coordinates[1]}")
        return ax


class CycleBranch:
    """Cycles along a parameter, in order, and why the branch ends."""

    def __init__(self, contents: Contents, number: int) -> None:
        self._arrays = contents[0]
        self._mine = self._array("branch_of_cycle") == number
        self._events = self._array("branch_of_event") == number
        self._number = number

    def _array(self, name: str) -> Array:
        return self._arrays[name][1]

    @property
    def parameter(self) -> Array:
        """(n,)"""
        return self._array("parameter")[self._mine]

    @property
    def period(self) -> Array:
        """(n,)"""
        return self._array("period")[self._mine]

    @property
    def stable(self) -> Array:
        """(n,) bool"""
        return self._array("stable")[self._mine] != 0

    @property
    def minimum(self) -> Array:
        """Least value of each coordinate: (n, n_states)"""
        return self._array("minimum")[self._mine]

    @property
    def maximum(self) -> Array:
        """Largest value of each coordinate: (n, n_states)"""
        return self._array("maximum")[self._mine]

    @property
    def origin(self) -> str:
        """Where it was started: "hopf at alpha = 0.84", "cycle at alpha = 0.5"."""
        return str(self._array("origin")[self._number])

    @property
    def begin_reason(self) -> str:
        """"interval_end", "hopf", "snic", "homoclinic", "long_period", "closed", "left_box", ..."""
        return str(self._array("begin_reason")[self._number])

    @property
    def end_reason(self) -> str:
        """As begin_reason, of the other end."""
        return str(self._array("end_reason")[self._number])

    @property
    def begin_parameter(self) -> float:
        """Of the Hopf point, the saddle-node or the homoclinic orbit where it begins; NaN elsewhere."""
        return float(self._array("begin_parameter")[self._number])

    @property
    def end_parameter(self) -> float:
        """As begin_parameter, of the other end."""
        return float(self._array("end_parameter")[self._number])

    @property
    def events(self) -> tuple[tuple[str, float], ...]:
        """(type, parameter) of folds of cycles, period doublings and tori."""
        kinds, places = self._array("event_type")[self._events], self._array("event_parameter")[self._events]
        return tuple((str(kind), float(place)) for kind, place in zip(kinds, places, strict=True))

    def __len__(self) -> int:
        return int(np.count_nonzero(self._mine))

    def __repr__(self) -> str:
        return f"<nullcline.CycleBranch: {len(self)} cycles, from {self.begin_reason} to {self.end_reason}>"

    def plot(self, ax: Any = None, *, quantity: str = "period", **options: Any) -> Any:
        """Draws the period, or the range of the first coordinate ("range"), by the parameter. Returns the matplotlib
        Axes; `options` go to Axes.plot."""
        if quantity not in ("period", "range"):
            raise ValueError(f"quantity: found {quantity!r}, expected period | range")
        ax = axes_or_new(ax)
        shown = [self.period] if quantity == "period" else [self.minimum[:, 0], self.maximum[:, 0]]
        for values in shown:
            ax.plot(self.parameter, values, **options)
        ax.set(xlabel="parameter", ylabel="period" if quantity == "period" else "state 0")
        return ax


def cycle_branches(contents: Contents, group: str) -> tuple[CycleBranch, ...]:
    """The branches of cycles that a group of a file holds."""
    prefix = group + "/"
    arrays = {name.removeprefix(prefix): entry for name, entry in contents[0].items() if name.startswith(prefix)}
    if not arrays:
        return ()
    return tuple(CycleBranch((arrays, contents[1], {}), i) for i in range(len(arrays["end_reason"][1])))


def find_cycles(
    system: Subject,
    parameter: tuple[str, float, float] | None = None,
    *,
    input: ArrayLike | None = None,
    box: ArrayLike | None = None,
    n_starts: int = 100,
    max_time: float = 2000.0,
    tolerance: float = 1e-9,
    seed: int = 0,
    max_step: float = 0.1,
    min_step: float = 1e-9,
    max_points: int = 2000,
    n_intervals: int = 60,
    longest: float = 30.0,
    progress: Progress = False,
) -> Cycles:
    """Finds the limit cycles of a flow by simulation in both senses of time, and follows them in a parameter.

    Each is solved as u' = T f(u), u(0) = u(1) by collocation at Gauss points; its Floquet multipliers are the
    eigenvalues of the linearized return. Cycles of saddle type, of three states and more, are not found.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
        A flow; a network is taken as one, dh/dt = F(h, x) - h.
    parameter : (name, start, stop), optional
        Follow the cycles as "input[i]", "gain" or a parameter of the system goes through the interval.
    input : (n_inputs,) float64, optional
        Held input; zeros if absent.
    box : (2, n_states) float64, optional
        Lower and upper corner of where trajectories start; the system's own box if absent.
    n_starts, max_time, tolerance, seed
        Trajectories, the time that each is followed, the integrator's error per step.
    max_step, min_step, max_points, n_intervals, longest
        Of branches: steps in shares of the interval and of ln T, cycles, intervals of the mesh; a branch ends where
        its period is `longest` times the first one.
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        The system is a map, no box is known, an interval is empty, an option is out of range.

    References
    ----------
    Doedel, Keller & Kernevez (1991); Kuznetsov (2004), sections 6.2 and 7.1.
    """
    subject = resolve(system, "system")
    is_flow = subject.system.time == "continuous" or subject.network is None
    flow = subject.system if is_flow else subject.network.system("continuous")
    options = dict(n_starts=n_starts, max_time=max_time, tolerance=tolerance, seed=seed)
    branch = dict(max_step=max_step, min_step=min_step, max_points=max_points, n_intervals=n_intervals, longest=longest)
    with callback(progress, "cycles") as told:
        contents = _core.find_cycles(flow, input, box, parameter, options, branch, told)
    contents[1]["verified"] = "yes" if subject.verified else "no"
    return Cycles(contents)
