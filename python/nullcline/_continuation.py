# SPDX-License-Identifier: BSD-3-Clause
"""Branches of fixed points as parameters change, and their bifurcations."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _core
from ._cycles import CycleBranch, cycle_branches
from ._progress import Progress, callback
from ._results import Array, Result, pandas_module, readable, table_html
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_CURVES = ("fold_curve", "hopf_curve", "flip_curve", "neimark_sacker_curve")
_MAX_HTML_ROWS = 20


@dataclasses.dataclass(frozen=True, eq=False)
class Event:
    """A bifurcation on a branch."""

    type: str
    """"fold", "hopf", "branch_point", "flip", "neimark_sacker"; in two parameters "bogdanov_takens", "cusp", ..."""
    parameters: Array
    """One value, or two on a curve in two parameters."""
    state: Array
    criticality: str | None
    """"supercritical", "subcritical", or None where neither applies"""
    coefficient: float
    """Of the normal form; NaN where there is none."""
    period: float
    """Of the cycle or the invariant circle that is born; NaN elsewhere."""
    error: float
    """How exactly it was located."""
    note: str
    point: int
    """It lies between this point of the branch and the next one."""


@dataclasses.dataclass(frozen=True, eq=False)
class Branch:
    """Points along a branch of one parameter, or along a curve of two."""

    kind: str
    """"equilibrium", "fixed_point", "period_k", or "fold_curve", "hopf_curve", ..."""
    period: int
    states: Array
    """(n_points, n_states)"""
    parameters: Array
    """(n_points, 1) or (n_points, 2)"""
    n_unstable: Array
    """Number of unstable directions: (n_points,)"""
    events: tuple[Event, ...]
    begin_reason: str
    """Why it ends at its first point: "interval_end", "left_box", "closed", "step_too_small", ..."""
    end_reason: str
    """Why it ends at its last point."""
    origin: str

    def __len__(self) -> int:
        return len(self.states)

    def __repr__(self) -> str:
        events = ", ".join(event.type for event in self.events) or "no events"
        return f"<nullcline.Branch: {self.kind}, {len(self)} points, {events}>"


class Continuation(Result):
    """All branches that a continuation found, and the curves of their events in two parameters."""

    def _all(self) -> tuple[Branch, ...]:
        cache: dict[str, Any] = self._cache  # type: ignore[attr-defined]
        if "all" not in cache:
            cache["all"] = tuple(self._branch(i) for i in range(len(self._array("branch_kind"))))
        found: tuple[Branch, ...] = cache["all"]
        return found

    def _branch(self, i: int) -> Branch:
        kind = str(self._array("branch_kind")[i])
        n_parameters = 2 if kind in _CURVES else 1
        mine = self._array("branch_of_point") == i
        events = tuple(self._event(int(k), n_parameters) for k in np.flatnonzero(self._array("event_branch") == i))
        return Branch(
            kind=kind,
            period=int(self._array("period")[i]),
            states=readable(self._array("states")[mine]),
            parameters=readable(self._array("parameters")[mine, :n_parameters]),
            n_unstable=readable(self._array("n_unstable")[mine]),
            events=events,
            begin_reason=str(self._array("begin_reason")[i]),
            end_reason=str(self._array("end_reason")[i]),
            origin=str(self._array("origin")[i]),
        )

    def _event(self, k: int, n_parameters: int) -> Event:
        criticality = str(self._array("event_criticality")[k])
        return Event(
            type=str(self._array("event_type")[k]),
            parameters=readable(self._array("event_parameter")[k, :n_parameters].copy()),
            state=readable(self._array("event_state")[k].copy()),
            criticality=None if criticality == "unknown" else criticality,
            coefficient=float(self._array("event_coefficient")[k]),
            period=float(self._array("event_period")[k]),
            error=float(self._array("event_error")[k]),
            note=str(self._array("event_note")[k]),
            point=int(self._array("event_point")[k]),
        )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that vary, one or two."""
        return tuple(str(name) for name in self._array("parameter_name"))

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Branches in the first parameter."""
        return tuple(branch for branch in self._all() if branch.kind not in _CURVES)

    @property
    def curves(self) -> tuple[Branch, ...]:
        """Curves of events in both parameters."""
        return tuple(branch for branch in self._all() if branch.kind in _CURVES)

    @property
    def events(self) -> tuple[Event, ...]:
        """Events of all branches, then of all curves. A branch point stands on each branch that meets there."""
        return tuple(event for branch in self._all() for event in branch.events)

    @property
    def cycles(self) -> tuple[CycleBranch, ...]:
        """Branches of the cycles that are born at Hopf points."""
        return cycle_branches(self._contents, "cycles")

    @property
    def n_states(self) -> int:
        return int(self._array("states").shape[1])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be followed or told."""
        return tuple(str(text) for text in self._array("warning"))

    def __len__(self) -> int:
        """Number of branches."""
        return len(self.branches)

    def __repr__(self) -> str:
        return (
            f"<nullcline.Continuation in {', '.join(self.parameters)}: {len(self.branches)} branches, "
            f"{len(self.curves)} curves, {len(self.cycles)} branches of cycles, {len(self.events)} events>"
        )

    def _repr_html_(self) -> str:
        rows = [
            [event.type, ", ".join(f"{value:.10g}" for value in event.parameters), event.criticality or "", event.note]
            for event in self.events[:_MAX_HTML_ROWS]
        ]
        more = len(self.events) - _MAX_HTML_ROWS
        return table_html(
            repr(self).strip("<>"), ["event", "at", "criticality", "note"], rows, [f"and {more} more"] if more > 0 else []
        )

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per point of all branches and curves: branch, kind, the parameters by
        name, n_unstable, h0, h1, ..."""
        kinds = self._array("branch_kind")
        owner = self._array("branch_of_point")
        columns: dict[str, Any] = {"branch": owner, "kind": [str(kinds[i]) for i in owner]}
        for k, name in enumerate(self.parameters):
            columns[name] = self._array("parameters")[:, k]
        columns["n_unstable"] = self._array("n_unstable")
        for i in range(self.n_states):
            columns[f"h{i}"] = self._array("states")[:, i]
        return pandas_module("to_pandas").DataFrame(columns)

    def plot(self, ax: Any = None, *, coordinate: int = 0, **options: Any) -> Any:
        """Draws one coordinate of all branches over the first parameter: solid where stable, with a marker at each
        event. Returns the matplotlib Axes; `options` go to Axes.plot."""
        from ._plots import plot_continuation

        return plot_continuation(self, ax, coordinate, options)


def continuation(
    system: Subject,
    parameter: str,
    start: float,
    stop: float,
    *,
    second: tuple[str, float, float] | None = None,
    input: ArrayLike | None = None,
    period: int = 1,
    n_doublings: int = 2,
    n_searches: int = 3,
    max_step: float = 0.02,
    first_step: float = 0.005,
    min_step: float = 1e-9,
    max_points: int = 20000,
    max_state: float = 1e3,
    cycles: Literal["automatic", "always", "never"] = "automatic",
    n_intervals: int = 60,
    longest: float = 30.0,
    n_starts: int = 5000,
    max_starts: int = 40000,
    min_hits: int = 5,
    max_iterations: int = 200,
    max_boxes: int = 100000,
    max_modes: int = 256,
    seed: int = 0,
    progress: Progress = False,
) -> Continuation:
    """Follows all fixed points of a map, or equilibria of a flow, as a parameter changes.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
    parameter : str
        "input[i]", "gain" of a network (it scales the recurrent weights), or a parameter of the system.
    start, stop : float
        The interval of the parameter.
    second : (name, start, stop), optional
        A second parameter: the folds, Hopf, flip and Neimark-Sacker points are followed in both.
    input : array_like (n_inputs,), optional
        Held input; zeros by default.
    period : int
        Follow orbits of this many steps of a map.
    n_doublings : int
        How often orbits of twice the period are followed from the flips of a map.
    n_searches : int
        Values in the interval, both ends among them, where all points are searched.
    max_step, first_step, min_step : float
        Steps along a branch, in shares of the interval and of 1 + |state|.
    max_points : int
        Of one branch.
    max_state : float
        A branch ends where a coordinate exceeds it.
    cycles : {"automatic", "always", "never"}
        Follow the cycles that are born at the Hopf points of a flow; automatic: in up to 16 states.
    n_intervals, longest
        Of branches of cycles, as in find_cycles.
    n_starts, max_starts, min_hits, max_iterations, max_boxes, max_modes, seed
        Of the searches, as in find_fixed_points.
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        An unknown parameter, an interval of zero length, an option out of range.

    References
    ----------
    Keller (1977); Kuznetsov, Elements of Applied Bifurcation Theory (2004); Govaerts (2000).
    """
    options = dict(
        period=period,
        n_doublings=n_doublings,
        n_searches=n_searches,
        max_step=max_step,
        first_step=first_step,
        min_step=min_step,
        max_points=max_points,
        max_state=max_state,
        cycles=cycles,
        n_intervals=n_intervals,
        longest=longest,
        n_starts=n_starts,
        max_starts=max_starts,
        min_hits=min_hits,
        max_iterations=max_iterations,
        max_boxes=max_boxes,
        max_modes=max_modes,
        seed=seed,
    )
    with callback(progress, "continuation") as told:
        contents = _core.continue_branches(
            resolve(system, "system").system, input, (parameter, start, stop), second, options, told
        )
    return Continuation(contents)
