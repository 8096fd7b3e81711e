# SPDX-License-Identifier: BSD-3-Clause
"""Approximate continuous attractors: curves along which a map moves slowly."""

from __future__ import annotations

import dataclasses

import numpy as np

from . import _core
from ._fixed_points import FixedPoints
from ._results import Array
from ._systems import Subject, resolve


@dataclasses.dataclass(frozen=True, eq=False)
class SlowManifold:
    """A curve F(h) - h = drift * t, t being its unit tangent; row i of each array is one state of it."""

    point: int  #: where it was started: a row of the FixedPoints
    is_ring: bool  #: closed; else a line
    states: Array = dataclasses.field(repr=False)  #: states along the curve, (n, n_states)
    arclength: Array = dataclasses.field(repr=False)  #: (n,), from the first state
    drift: Array = dataclasses.field(repr=False)  #: (n,), per step, positive towards larger arclength
    transverse: Array = dataclasses.field(repr=False)  #: (n,): largest |eigenvalue| but for the one nearest to 1
    fixed_points: Array = dataclasses.field(repr=False)  #: i: a fixed point lies between states i and i + 1
    ghosts: Array = dataclasses.field(repr=False)  #: states where |drift| is least without vanishing
    first_end: str  #: "closed" | "too_fast" | "outside" | "max_steps" | "stalled"
    last_end: str
    verified: bool = True  #: whether the network is known to mean what the equations say

    @property
    def length(self) -> float:
        return float(self.arclength[-1])

    def forgotten(self, n_steps: float) -> float:
        """Share of the curve's length that a state drifts in n_steps steps, for the median drift: a task
        of so many steps is served by the curve as by a continuous attractor if it is far below 1."""
        return float(np.median(np.abs(self.drift)) * n_steps / self.length)


def trace_slow_manifold(
    system: Subject,
    points: FixedPoints,
    *,
    max_drift: float = 0.05,
    step: float = 0.05,
    max_steps: int = 2000,
    slowness: float = 0.1,
) -> list[SlowManifold]:
    """Follows the slow direction of a map away from its fixed and slow points.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
        A map; the one whose points these are.
    points : FixedPoints
        Of one held input. Each whose slowest real eigenvalue is near 1 starts a curve, unless it lies
        on a curve that was traced before.
    max_drift : float
        Drift in a step at which the curve ends.
    step : float
        Largest distance between two states of the curve.
    max_steps : int
        States of the curve in each sense.
    slowness : float
        Distance from 1 of the eigenvalue of a start.

    Raises
    ------
    ValueError
        The system is a flow, the points are not of one input or do not fit, an option is out of range.

    References
    ----------
    Seung (1996), doi:10.1073/pnas.93.23.13339.
    """
    if not isinstance(points, FixedPoints):
        raise ValueError(f"points: found {type(points).__name__}, expected FixedPoints")
    points._require_one_input("points")
    options = dict(max_drift=max_drift, step=step, max_steps=max_steps, slowness=slowness)
    curves = []
    subject = resolve(system, "system")
    for arrays, attributes, _ in _core.trace_slow_manifold(subject.system, points._contents, options):
        values = {name: array for name, (_, array, _) in arrays.items()}
        curves.append(
            SlowManifold(
                point=int(attributes["point"]),
                is_ring=bool(attributes["is_ring"]),
                first_end=str(attributes["first_end"]),
                last_end=str(attributes["last_end"]),
                verified=subject.verified,
                **values,
            )
        )
    return curves
