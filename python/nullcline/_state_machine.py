# SPDX-License-Identifier: BSD-3-Clause
"""Systems as finite-state machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._portrait import _group
from ._fixed_points import FixedPoints
from ._progress import Progress, callback
from ._results import Array, Result, axes_or_new
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_COLORS = ("#d97706", "#0072b2", "#c03a8a", "#00745a", "#5b3f99", "#5d2910")


class StateMachine(Result):
    """Stable states of a system, and where pulses of input send each of them."""

    _hidden = ("network/", "model/", "points/")

    @property
    def states(self) -> Array:
        """Where a pulse begins: (n, n_states); of a cycle or orbit its first state"""
        return self._array("node_states")

    @property
    def kinds(self) -> Array:
        """"point", "cycle" or "orbit": (n,)"""
        return self._array("attractor_kind")

    @property
    def pulses(self) -> Array:
        """(n_pulses, n_inputs)"""
        return self._array("pulses")

    @property
    def transitions(self) -> Array:
        """The stable state after the pulse, -1 undecided, -2 away: (n, n_pulses) int64"""
        return self._array("transitions")

    @property
    def settling(self) -> Array:
        """Time after the pulse until the state was captured; NaN where none was: (n, n_pulses)"""
        return self._array("settling")

    @property
    def points(self) -> FixedPoints:
        """All fixed points between pulses, with the audit."""
        group = _group(self._contents, "points")
        assert group is not None
        return FixedPoints(group)

    def __len__(self) -> int:
        return len(self.states)

    def __repr__(self) -> str:
        return f"<nullcline.StateMachine: {len(self)} stable states, {len(self.pulses)} pulses{self._doubt}>"

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws states as circles and transitions as arrows, a color per pulse; what stays has no arrow. States of two
        dimensions stand where they are, others on a circle. Returns the matplotlib Axes; `options` go to the arrows."""
        ax = axes_or_new(ax)
        n = len(self)
        angles = np.pi / 2 - 2 * np.pi * np.arange(n) / max(n, 1)
        places = self.states if self.states.shape[1] == 2 else np.column_stack([np.cos(angles), np.sin(angles)])
        for k, pulse in enumerate(self.pulses):
            label = " ".join(f"{value:g}" for value in pulse)
            style = {"color": _COLORS[k % len(_COLORS)]}
            ax.plot([], [], label=label, **style)
            for i, j in enumerate(self.transitions[:, k]):
                if j < 0 or j == i:
                    continue
                arrow = style | {"arrowstyle": "->", "shrinkA": 14, "shrinkB": 14, "connectionstyle": "arc3,rad=0.15"} | options
                ax.annotate("", places[j], places[i], arrowprops=arrow)
        for i, place in enumerate(places):
            ax.plot(*place, marker="o", markersize=22, markerfacecolor="white", markeredgecolor="#1a1e23")
            ax.annotate(str(i), place, ha="center", va="center")
        ax.margins(0.15)
        if n:
            ax.legend(title="pulse", loc="upper left", bbox_to_anchor=(1, 1))
        return ax


def state_machine(
    system: Subject,
    states: ArrayLike | None = None,
    *,
    input: ArrayLike | None = None,
    pulses: ArrayLike | None = None,
    duration: float = 1.0,
    max_time: float = 10000.0,
    tolerance: float = 1e-9,
    seed: int = 0,
    progress: Progress = False,
) -> StateMachine:
    """The stable states of a system, and where pulses of input send each of them.

    Stable states are stable fixed points, attracting cycles (flows of two or three states) and orbits (maps). A pulse
    holds the input for a while; the trajectory afterwards has arrived once a region captures it that is known to shrink onto
    a stable state (see portrait).

    Parameters
    ----------
    system : Network, TrainedNetwork or System
        With inputs.
    states : (n, n_states) float64, optional
        Visited states, from which the search for fixed points starts too.
    input : (n_inputs,) float64, optional
        Held input between pulses; zeros if absent.
    pulses : (n_pulses, n_inputs) float64, optional
        1 and -1 on each input in turn if absent.
    duration : float
        Time that a pulse lasts; of a map: steps.
    max_time, tolerance, seed
        Time that is waited after a pulse, the integrator's error per step, the seed of the search.
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        The system has no inputs, shapes do not fit, or an option is out of range.

    References
    ----------
    Jordan, Sokol & Park (2021), figure 2B.
    """
    subject = resolve(system, "system")
    options = dict(duration=duration, max_time=max_time, tolerance=tolerance, seed=seed)
    rows = None if pulses is None else np.atleast_2d(np.asarray(pulses, dtype=np.float64))
    with callback(progress, "state machine") as told:
        contents = _core.make_state_machine(
            subject.system, subject.network, subject.model, states, input, rows, options, told
        )
    contents[1]["verified"] = "yes" if subject.verified else "no"
    return StateMachine(contents)
