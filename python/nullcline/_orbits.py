# SPDX-License-Identifier: BSD-3-Clause
"""Orbits: where trajectories of a map end when they end at no fixed point."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ._results import Array, readable

_Arrays = dict[str, tuple[tuple[str, ...], Array, dict[str, Any]]]


@dataclasses.dataclass(frozen=True, eq=False)
class Orbit:
    """A periodic orbit, an invariant circle, a torus or a chaotic attractor of a map."""

    kind: str  #: "periodic" | "invariant_circle" | "torus" | "chaotic" | "undecided"
    period: int  #: steps until a periodic orbit closes; number of circles that F permutes; else 0
    rotation_number: float  #: share of a turn in F^period of an invariant circle, in (0, 1/2]; else NaN
    points: Array = dataclasses.field(repr=False)  #: the orbit, samples of the curve, or a stretch, (n, n_states)
    stability: str  #: "stable": trajectories end here; "saddle", "unstable", "degenerate"
    n_unstable: int  #: multipliers beyond the unit circle; positive exponents of a chaotic attractor
    multipliers: Array = dataclasses.field(repr=False)  #: eigenvalues of DF^period, complex128; else empty
    verdict: str  #: "proven": existence and uniqueness within `radius`; "not_proven"
    radius: float  #: the true periodic orbit is this near, in the infinity norm
    residual: float  #: largest error of the equation that the orbit solves
    index: int  #: sign det(I - DF^period); 0 if not periodic
    at_kink: bool  #: a relu sits at its kink at one of the states, so that multipliers hold on one side
    exponents: Array = dataclasses.field(repr=False)  #: largest Lyapunov exponents per step; else empty
    exponent_errors: Array = dataclasses.field(repr=False)  #: their standard errors
    n_ends: int  #: followed trajectories that end here
    readouts: Array | None = dataclasses.field(repr=False)  #: (n, n_outputs), or None
    input: Array = dataclasses.field(repr=False)  #: the held input
    evidence: str  #: why it is what it is, in a sentence


def _unpadded(row: Array) -> Array:
    """The numbers before the first NaN."""
    absent = np.isnan(row)
    return readable(row[: absent.argmax()].copy() if absent.any() else row.copy())


def orbits_of(arrays: _Arrays, inputs: Array) -> tuple[Orbit, ...]:
    """The orbits that the arrays of a result hold."""
    if "orbit_kind" not in arrays:
        return ()
    owner = arrays["orbit_of_point"][1]
    count = len(arrays["orbit_kind"][1])

    def row(name: str, i: int) -> Array:
        return _unpadded(arrays[name][1][i]) if name in arrays else readable(np.zeros(0))

    def states(name: str, i: int) -> Array:
        return readable(arrays[name][1][owner == i])

    def one(i: int) -> Orbit:
        scalars = {
            name: arrays["orbit_" + name][1][i].item()
            for name in "kind period rotation_number stability n_unstable verdict radius residual index n_ends".split()
        }
        return Orbit(
            points=states("orbit_states", i),
            multipliers=readable(row("orbit_multipliers_re", i) + 1j * row("orbit_multipliers_im", i)),
            at_kink=bool(arrays["orbit_at_kink"][1][i]) if "orbit_at_kink" in arrays else False,
            exponents=row("orbit_exponents", i),
            exponent_errors=row("orbit_exponent_errors", i),
            readouts=states("orbit_readouts", i) if "orbit_readouts" in arrays else None,
            input=inputs[arrays["orbit_input_index"][1][i]],
            evidence=str(arrays["orbit_evidence"][1][i]),
            **scalars,
        )

    return tuple(one(i) for i in range(count))


def orbits_of_input(arrays: _Arrays, number: int) -> _Arrays:
    """The same arrays with the orbits and searched periods of one input alone, as its input 0."""
    kept: dict[str, Array] = {}
    if "orbit_kind" in arrays:
        kept["orbit"] = arrays["orbit_input_index"][1] == number
        kept["orbit_point"] = kept["orbit"][arrays["orbit_of_point"][1]]
    if "period_length" in arrays:
        kept["searched_period"] = arrays["period_input_index"][1] == number
    result: _Arrays = {}
    for name, (dimensions, array, attributes) in arrays.items():
        rows = kept.get(dimensions[0]) if dimensions else None
        if rows is None:
            result[name] = (dimensions, array, attributes)
            continue
        if not kept.get("orbit", rows).any() and dimensions[0] != "searched_period":
            continue  # no orbit: as a result without any
        if dimensions[0] == "searched_period" and not rows.any():
            continue
        array = array[rows]
        if name in ("orbit_input_index", "period_input_index"):
            array = np.zeros_like(array)
        if name == "orbit_of_point":
            array = (np.cumsum(kept["orbit"]) - 1)[array]
        result[name] = (dimensions, readable(array), attributes)
    return result
