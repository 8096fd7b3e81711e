# SPDX-License-Identifier: BSD-3-Clause
"""Proofs shown again."""

from __future__ import annotations

import dataclasses

from . import _core
from ._fixed_points import FixedPoints
from ._progress import Progress, callback
from ._systems import Subject, resolve


@dataclasses.dataclass(frozen=True)
class Doubt:
    """A claim of a result that could not be shown again; `point` is None for one about the whole set."""

    input_index: int
    point: int | None
    claim: str


def verify(system: Subject, points: FixedPoints, *, progress: Progress = False) -> tuple[Doubt, ...]:
    """Shows each claim of proof in `points` anew, from the states and the system alone; returns those that fail.

    Checked are, for every point with the verdict "proven": that a fixed point lies within `radius` and no other
    within `uniqueness_radius`, its index, `n_unstable` where that is proven, and that no fixed point lies within
    the `exclusion_radius` of a slow point; and the sum of the indices. Completeness is not.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
    points : FixedPoints
    progress : bool or callable
        As in find_fixed_points.

    Raises
    ------
    ValueError
        The points do not fit the system.
    """
    if not isinstance(points, FixedPoints):
        raise ValueError(f"points: found {type(points).__name__}, expected FixedPoints")
    with callback(progress, "verify") as told:
        found = _core.verify_points(resolve(system, "system").system, points._contents, told)
    return tuple(Doubt(*doubt) for doubt in found)
