# SPDX-License-Identifier: BSD-3-Clause
"""Other ways in which the same arrays could be meant, to name the one that fits a failed replay."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nullcline.importers._layers import N_GATES, Array, Fields, n_units, reorder

GATES = {"ugrnn": "gc", "gru": "rzn", "lstm": "ifgo"}
_MAX_UNITS_FOR_PAIRS = 256

Change = tuple[str, Callable[[Fields], Fields]]


def _with_activation(name: str) -> Callable[[Fields], Fields]:
    return lambda fields: {**fields, "activation": name}


def _with_reset(fields: Fields) -> Fields:
    """The whole bias stays outside the reset gate where the split into two is not known."""
    changed = {name: value for name, value in fields.items() if name != "recurrent_bias"}
    if fields.get("reset", "after") == "before":
        return {**changed, "reset": "after"}
    bias = changed["bias"].copy()
    bias[-n_units(fields) :] += fields.get("recurrent_bias", 0.0)
    return {**changed, "reset": "before", "bias": bias}


def _with_inner_bias(fields: Fields) -> Fields:
    """The candidate's bias inside the reset gate instead of outside."""
    n = n_units(fields)
    bias = fields["bias"].copy()
    inner = bias[-n:].copy()
    bias[-n:] = fields.get("recurrent_bias", 0.0)
    return {**fields, "bias": bias, "recurrent_bias": inner}


def _without_inner_bias(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name != "recurrent_bias"}


def _per_gate(rows: Array, change: Callable[[int, Array], Array], n_gates: int) -> Array:
    return np.concatenate([change(gate, block) for gate, block in enumerate(np.split(rows, n_gates))])


def _with_transposed_recurrence(fields: Fields) -> Fields:
    blocks = N_GATES[fields["cell"]]
    weights = _per_gate(fields["recurrent_weights"], lambda _, block: block.T, blocks)
    return {**fields, "recurrent_weights": weights}


def _with_swapped_update(fields: Fields) -> Fields:
    """h' = (1-z) h + z n: sigma(-a) = 1 - sigma(a), so the rows of z change their sign."""

    def change(gate: int, block: Array) -> Array:
        return -block if gate == 1 else block

    names = ("input_weights", "recurrent_weights", "bias")
    return {**fields, **{name: _per_gate(fields[name], change, 3) for name in names}}


def _with_forget_bias(extra: float) -> Callable[[Fields], Fields]:
    return lambda fields: {**fields, "forget_bias": fields.get("forget_bias", 0.0) + extra}


def _with_residual(fields: Fields) -> Fields:
    n = n_units(fields)
    return {**fields, "recurrent_weights": fields["recurrent_weights"] + np.eye(n)}


def _with_order(order: Sequence[int]) -> Callable[[Fields], Fields]:
    """Reads rows that are stored in another order of gates."""

    def change(fields: Fields) -> Fields:
        names = ("input_weights", "recurrent_weights", "bias")
        return {**fields, **{name: reorder(fields[name], order) for name in names}}

    return change


def _orders(cell: str) -> list[Change]:
    gates = GATES.get(cell, "")
    changes = []
    for stored in itertools.permutations(gates):
        if stored != tuple(gates):
            order = [stored.index(gate) for gate in gates]
            changes.append((f"gates stored in the order {', '.join(stored)}", _with_order(order)))
    return changes


def _axes(fields: Fields) -> list[list[Change]]:
    """Independent questions, each with its other answers."""
    cell = fields["cell"]
    other = "relu" if fields.get("activation", "tanh") == "tanh" else "tanh"
    axes: list[list[Change]] = [[(f"activation {other}", _with_activation(other))]]
    if cell == "gru":
        is_after = fields.get("reset", "after") == "after"
        axes.append([(f"reset {'before' if is_after else 'after'}", _with_reset)])
        axes.append([("z swapped, h' = (1-z) h + z n", _with_swapped_update)])
        if is_after:
            axes[1].append(("the bias of n inside the reset", _with_inner_bias))
            axes[1].append(("no bias inside the reset", _without_inner_bias))
    if cell == "lstm":
        signs = ((1.0, "1 added to the forget gate"), (-1.0, "1 taken from the forget gate"))
        axes.append([(text, _with_forget_bias(extra)) for extra, text in signs])
    if fields["recurrent_weights"].shape[1] == n_units(fields):
        axes.append([("recurrent weights transposed", _with_transposed_recurrence)])
        if cell == "vanilla":
            axes.append([("h added before the activation", _with_residual)])
    if cell in ("leaky", "leaky-outside"):
        kind = "leaky-outside" if cell == "leaky" else "leaky"
        axes.append([(f"cell {kind}", lambda fields: {**fields, "cell": kind})])
    return [*axes, _orders(cell)]


def alternatives(layers: Sequence[Fields]) -> Iterator[tuple[str, list[Fields]]]:
    """The same layers read otherwise: first by one change, then by two. All layers change alike.

    Constraints (mask, signs) are left out: a wrong reading need not obey them.
    """
    plain = [
        {name: value for name, value in fields.items() if name not in ("mask", "dale_signs")}
        for fields in layers
    ]
    if len({fields["cell"] for fields in plain}) > 1:
        return
    axes = _axes(plain[0])
    for axis in axes:
        for text, change in axis:
            yield text, [change(fields) for fields in plain]
    if max(n_units(fields) for fields in plain) > _MAX_UNITS_FOR_PAIRS:
        return
    for first, second in itertools.combinations(axes, 2):
        # Orders stand last: the rows are put in order before anything else is changed.
        for (text, change), (other_text, other) in itertools.product(first, second):
            yield f"{text} and {other_text}", [change(other(fields)) for fields in plain]
