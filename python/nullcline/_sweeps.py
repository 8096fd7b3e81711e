# SPDX-License-Identifier: BSD-3-Clause
"""A quantity over a grid of one or two parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from . import _core
from ._progress import Progress, callback
from ._results import Array, Result, axes_or_new
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Sweep(Result):
    """A quantity at each place of a grid."""

    @property
    def quantity(self) -> str:
        return str(self._contents[1]["quantity"])

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names, one or two."""
        return tuple(str(name) for name in self._array("parameter_name"))

    @property
    def values(self) -> tuple[Array, ...]:
        """Of each parameter: (n_first,), (n_second,)"""
        return tuple(self._array(name) for name in ("first", "second")[: len(self.parameters)])

    @property
    def result(self) -> Array:
        """The quantity: (n_first, n_second), or (n_first, 1); NaN where there is none."""
        return self._array(self.quantity)

    @property
    def doubt(self) -> Array:
        """Of fixed points 1 where the set is not proven to be whole; of cycles trajectories whose end was not
        recognized. The shape of result."""
        return self._array("doubt")

    def __repr__(self) -> str:
        shape = " x ".join(str(len(values)) for values in self.values)
        return f"<nullcline.Sweep: {self.quantity} over {', '.join(self.parameters)}, {shape}>"

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws a curve over one parameter, a map over two. Returns the matplotlib Axes; `options` go to Axes.plot or
        Axes.pcolormesh."""
        ax = axes_or_new(ax)
        if len(self.parameters) == 1:
            ax.plot(self.values[0], self.result[:, 0], **options)
            ax.set(xlabel=self.parameters[0], ylabel=self.quantity)
            return ax
        mesh = ax.pcolormesh(self.values[0], self.values[1], self.result.T, **options)
        ax.figure.colorbar(mesh, ax=ax, label=self.quantity)
        ax.set(xlabel=self.parameters[0], ylabel=self.parameters[1])
        return ax


def sweep(
    system: Subject,
    quantity: Literal[
        "n_fixed_points",
        "n_stable_points",
        "n_cycles",
        "n_stable_cycles",
        "cycle_period",
        "cycle_frequency",
        "cycle_amplitude",
        "largest_exponent",
    ],
    parameter: tuple[str, float, float, int],
    second: tuple[str, float, float, int] | None = None,
    *,
    input: ArrayLike | None = None,
    n_starts: int = 6,
    max_time: float = 2000.0,
    seed: int = 0,
    progress: Progress = False,
) -> Sweep:
    """Computes a quantity at each place of a grid of one or two parameters, in parallel.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
        Cycles are those of flows.
    quantity : str
        Periods, frequencies and amplitudes are those of the stable cycle of the shortest period.
    parameter, second : (name, start, stop, steps)
        "input[i]", "gain" or a parameter of the system, its interval, and how many values in it.
    input : (n_inputs,) float64, optional
        Held input; zeros if absent.
    n_starts, max_time, seed
        Trajectories at each place that look for cycles, and the time that each is followed.
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        An unknown parameter, an empty interval, cycles of a map, an option out of range.
    """
    options = dict(n_starts=n_starts, max_time=max_time, seed=seed)
    axes = [parameter] if second is None else [parameter, second]
    with callback(progress, "sweep") as told:
        return Sweep(_core.sweep(resolve(system, "system").system, quantity, axes, input, options, told))
