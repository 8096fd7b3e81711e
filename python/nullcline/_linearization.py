# SPDX-License-Identifier: BSD-3-Clause
"""The linearization of a system at given states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._results import Array, Contents, Result, pandas_module, table_html
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_MAX_HTML_ROWS = 20


class Modes(Result):
    """States with the linearization of the system at each."""

    @property
    def states(self) -> Array:
        """(n, n_states) float64"""
        return self._array("states")

    @property
    def speed(self) -> Array:
        """q = 1/2 |F(h) - h|^2 of the full map (1/2 |f|^2 of a flow): (n,)"""
        return self._array("speed")

    @property
    def residual(self) -> Array:
        """Infinity norm of F(h) - h (of f for a flow): (n,)"""
        return self._array("residual")

    @property
    def eigenvalues(self) -> Array:
        """Of dF/dh, by falling magnitude (flow: real part): (n, n_states) complex128"""
        return self._complex("eigenvalues")

    @property
    def right_eigenvectors(self) -> Array:
        """Columns r_j of unit 2-norm: [i, :, j] belongs to eigenvalues[i, j]"""
        return self._complex("right_eigenvectors")

    @property
    def left_eigenvectors(self) -> Array:
        """Rows l_j with l_i r_j = delta_ij, without conjugation: [i, j, :] belongs to eigenvalues[i, j]"""
        return self._complex("left_eigenvectors")

    @property
    def time_constants(self) -> Array:
        """1 / |ln |lambda|| in steps (map), 1 / |Re lambda| (flow): (n, n_states)"""
        return self._array("time_constants")

    @property
    def frequencies(self) -> Array:
        """|arg lambda| / 2 pi in cycles per step (map), |Im lambda| / 2 pi (flow): (n, n_states)"""
        return self._array("frequencies")

    @property
    def stability(self) -> Array:
        """"stable" | "saddle" | "unstable" | "degenerate" (an eigenvalue within its error of the boundary): (n,)"""
        return self._array("stability")

    @property
    def n_unstable(self) -> Array:
        """Eigenvalues beyond the boundary by more than their error: (n,) int64"""
        return self._array("n_unstable")

    @property
    def defective(self) -> Array:
        """Condition of the eigenvectors above 1e8, modes unreliable: (n,) bool"""
        return self._array("defective") != 0

    @property
    def at_kink(self) -> Array:
        """A relu sits within 1e-9 of its kink: (n,) bool"""
        return self._array("at_kink") != 0

    def __len__(self) -> int:
        return len(self.states)


class Linearization(Modes):
    """The linearization at given states, whether they are fixed points or not."""

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per state; states as columns state_0, ..."""
        columns: dict[str, Any] = {
            name: getattr(self, name) for name in ("stability", "n_unstable", "speed", "residual", "defective", "at_kink")
        }
        columns["max_abs_eigenvalue"] = np.abs(self.eigenvalues).max(axis=1, initial=0)
        columns["verified"] = self.verified
        columns.update({f"state_{k}": self.states[:, k] for k in range(self.states.shape[1])})
        return pandas_module("to_pandas").DataFrame(columns)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws the eigenvalues of all states in the complex plane, with the unit circle of a map.
        Returns the matplotlib Axes; `options` go to Axes.scatter."""
        from ._plots import plot_spectra

        return plot_spectra(self, ax, options)

    def _repr_html_(self) -> str:
        head = ["", "stability", "unstable", "speed", "|λ| max"]
        rows = [
            [
                str(i),
                str(self.stability[i]),
                str(self.n_unstable[i]),
                f"{self.speed[i]:.1e}",
                f"{abs(self.eigenvalues[i, 0]):.4f}",
            ]
            for i in range(min(len(self), _MAX_HTML_ROWS))
        ]
        notes = [f"and {len(self) - _MAX_HTML_ROWS} more"] if len(self) > _MAX_HTML_ROWS else []
        return table_html(repr(self).strip("<>"), head, rows, notes)

    def __repr__(self) -> str:
        return f"<nullcline.Linearization: {len(self)} states of {self.states.shape[1]} numbers{self._doubt}>"


def linearize(system: Subject, states: ArrayLike, inputs: ArrayLike | None = None) -> Linearization:
    """Linearizes a system at states: eigenvalues, right and left eigenvectors, time constants, frequencies.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
    states : (n_states,) or (n, n_states) float64
    inputs : (n_inputs,) or (n, n_inputs) float64, optional
        Zeros if absent.

    Raises
    ------
    ValueError
        Shapes do not fit; the message names both.
    """
    subject = resolve(system, "system")
    contents: Contents = _core.linearize(subject.system, states, inputs)
    contents[1].update(
        nullcline_kind="linearization", time=subject.system.time, verified="yes" if subject.verified else "no"
    )
    return Linearization(contents)
