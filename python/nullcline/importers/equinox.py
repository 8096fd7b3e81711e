# SPDX-License-Identifier: BSD-3-Clause
"""Networks from Equinox."""

from __future__ import annotations

from typing import Any

import numpy as np

from nullcline._core import Network
from nullcline.importers._jax import stepper
from nullcline.importers._layers import Fields, Part, float64
from nullcline.importers._replay import network_from


def _fields(cell: Any, kind: str) -> Fields:
    weights = float64(cell.weight_hh)
    fields = {
        "cell": kind,
        "input_weights": float64(cell.weight_ih),
        "recurrent_weights": weights,
        "bias": float64(cell.bias) if cell.use_bias else np.zeros(len(weights)),
    }
    if kind == "gru" and cell.use_bias:
        fields["recurrent_bias"] = float64(cell.bias_n)
    return fields


def _part(cell: Any) -> Part:
    import equinox
    import jax

    kinds = {equinox.nn.GRUCell: "gru", equinox.nn.LSTMCell: "lstm"}
    kind = next((kinds[known] for known in kinds if isinstance(cell, known)), None)
    if kind is None:
        raise TypeError(
            f"from_equinox: found {type(cell).__name__}, expected equinox.nn.GRUCell or LSTMCell"
        )
    fields = _fields(cell, kind)

    def live(x: Any, h: Any, c: Any) -> tuple[Any, ...]:
        return jax.vmap(cell)(x, (h, c)) if kind == "lstm" else (jax.vmap(cell)(x, h),)

    return Part([fields], stepper(fields, live), cell.weight_hh.dtype == np.float64)


def from_equinox(cell: Any, readout: Any = None) -> Network:
    """A network from equinox.nn.GRUCell, LSTMCell, or a list of them, bottom first.

    The state of a list is theirs side by side, bottom first; an LSTM's is [h; c]. The network is
    accepted only if it repeats random steps of the cells themselves.

    readout: equinox.nn.Linear on the top cell's h, or a pair (weights (n_outputs, n_units), bias or
    None).

    @throws TypeError for other objects; ValueError for weights that are not finite, a readout of
    another width, and a failed replay.
    """
    cells = list(cell) if isinstance(cell, list | tuple) else [cell]
    if not cells:
        raise ValueError("from_equinox: found an empty list, expected at least one cell")
    names = ", ".join(type(part).__name__ for part in cells)
    return network_from([_part(part) for part in cells], readout, f"from_equinox: {names}")
