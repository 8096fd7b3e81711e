# SPDX-License-Identifier: BSD-3-Clause
"""Lyapunov exponents of a trajectory, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from ._progress import Progress, callback
from ._results import Array, Result, axes_or_new
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Trajectory(Result):
    """What one trajectory of a map or a flow comes to, with its Lyapunov exponents."""

    @property
    def verdict(self) -> str:
        """One of fixed_point, cycle, torus, chaos, diverged, undecided."""
        return str(self._contents[1]["verdict"])

    @property
    def evidence(self) -> str:
        """Why, in a sentence."""
        return str(self._contents[1]["evidence"])

    @property
    def exponents(self) -> Array:
        """Per unit of time (flow) or per step (map), falling: (n_exponents,); none if it diverged."""
        return self._array("exponents")

    @property
    def errors(self) -> Array:
        """Their standard errors: (n_exponents,)"""
        return self._array("errors")

    @property
    def running(self) -> tuple[Array, Array]:
        """Times (20,) and the exponents by then (20, n_exponents): whether they have settled."""
        return self._array("running_time"), self._array("running")

    @property
    def exact_exponents(self) -> Array:
        """From the eigenvalues or multipliers of a fixed point or cycle that it comes to; else none."""
        return self._array("exact_exponents")

    @property
    def mean_divergence(self) -> float:
        """Mean divergence of a flow, mean of ln |det| of a map: the sum of all exponents."""
        return float(self._array("mean_divergence"))

    @property
    def kaplan_yorke(self) -> float:
        """Kaplan-Yorke dimension."""
        return float(self._array("kaplan_yorke"))

    @property
    def period(self) -> float:
        """Of a cycle; steps per turn of an invariant circle of a map; else NaN."""
        return float(self._array("period"))

    @property
    def point(self) -> Array:
        """The fixed point, or a state on the cycle; else none."""
        return self._array("point")

    @property
    def end(self) -> Array:
        """The last state: (n_states,)"""
        return self._array("end")

    def __repr__(self) -> str:
        largest = f", largest exponent {self.exponents[0]:.6g}" if len(self.exponents) else ""
        return f"<nullcline.Trajectory: {self.verdict}{largest}>"

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws the exponents by the time they were averaged over. Returns the matplotlib Axes; `options` go to
        Axes.plot."""
        ax = axes_or_new(ax)
        times, values = self.running
        ax.plot(times, values, **options)
        ax.set(xlabel="averaged over", ylabel="Lyapunov exponents")
        return ax


def lyapunov(
    system: Subject,
    start: ArrayLike,
    *,
    input: ArrayLike | None = None,
    duration: float = 0.0,
    transient: float = 0.0,
    n_exponents: int = 0,
    tolerance: float = 1e-10,
    progress: Progress = False,
) -> Trajectory:
    """Follows the trajectory from `start` and says what it comes to, with its Lyapunov exponents.

    Tangent vectors are carried along and kept orthonormal, Q R = DF Q; exponent i is the mean of ln R_ii. Then the
    end of the trajectory is solved for as a fixed point or a cycle; what is neither is told by the exponents.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
        A map, or a flow.
    start : (n_states,) float64
    input : (n_inputs,) float64, optional
        Held input; zeros if absent.
    duration : float
        Time of a flow or steps of a map to average over; 0: 2000 or 20000.
    transient : float
        Left out before; 0: a tenth of the duration.
    n_exponents : int
        The largest ones; 0: all of up to 32 states, else 4.
    tolerance : float
        Error of a step of the integrator of a flow.
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        Sizes do not fit, an option is out of range.

    References
    ----------
    Benettin, Galgani, Giorgilli & Strelcyn (1980); Kaplan & Yorke (1979).
    """
    options = dict(duration=duration, transient=transient, n_exponents=n_exponents, tolerance=tolerance)
    with callback(progress, "lyapunov") as told:
        return Trajectory(_core.classify_trajectory(resolve(system, "system").system, start, input, options, told))
