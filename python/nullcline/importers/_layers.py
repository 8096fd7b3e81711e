# SPDX-License-Identifier: BSD-3-Clause
"""Layers as the keyword arguments of `nullcline.Network`, and live objects that step them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray
Fields = dict[str, Any]
Step = Callable[[Array, Array], Array]

N_GATES = {"vanilla": 1, "leaky": 1, "leaky-outside": 1, "ugrnn": 2, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class Part:
    """Layers that one live object computes: their fields, bottom first, and the object's own step.

    `step` maps inputs (n, n_inputs) and states (n, n_states) in float64 to the next states; their
    dtype says in which precision the object computed. `is_double` says whether it holds its weights
    in float64.
    """

    layers: list[Fields]
    step: Step
    is_double: bool


def float64(values: Any) -> Array:
    """A copy in float64, row-major; exact for every floating-point type up to 64 bits. Raises ValueError for
    complex numbers."""
    if np.iscomplexobj(values):
        raise ValueError("found complex numbers, expected real ones")
    return np.array(values, dtype=np.float64, order="C")


def n_units(fields: Fields) -> int:
    return fields["recurrent_weights"].shape[0] // N_GATES[fields["cell"]]


def n_outputs(fields: Fields) -> int:
    """Width of h, which the layer above and the readout see."""
    return fields["recurrent_weights"].shape[1]


def n_states(fields: Fields) -> int:
    return n_outputs(fields) + (n_units(fields) if fields["cell"] == "lstm" else 0)


def reorder(rows: Array, order: Sequence[int]) -> Array:
    """Blocks of rows (gates) in the given order."""
    return np.concatenate([np.split(rows, len(order))[gate] for gate in order])


def stack_steps(parts: Sequence[Part]) -> Step:
    """One step of parts on top of each other: the output of each is the input of the next."""

    def step(inputs: Array, states: Array) -> Array:
        next_states = []
        first = 0
        for part in parts:
            width = sum(n_states(fields) for fields in part.layers)
            found = part.step(inputs, states[:, first : first + width])
            top = width - n_states(part.layers[-1])
            inputs = float64(found[:, top : top + n_outputs(part.layers[-1])])
            next_states.append(found)
            first += width
        return np.concatenate(next_states, axis=1)

    return step


def check_widths(layers: Sequence[Fields], source: str) -> None:
    for below, above in zip(layers, layers[1:], strict=False):
        found, expected = above["input_weights"].shape[1], n_outputs(below)
        if found != expected:
            raise ValueError(
                f"{source}: a layer takes {found} inputs, but the layer below it has {expected} outputs"
            )
