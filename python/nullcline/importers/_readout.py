# SPDX-License-Identifier: BSD-3-Clause
"""Readouts y = C h + d from linear layers of any framework, or from a pair (weights, bias)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nullcline.importers._activations import name_of
from nullcline.importers._layers import Array, Fields, float64


def _as_array(values: Any) -> Array:
    if hasattr(values, "detach"):
        if getattr(values, "is_complex", bool)():
            raise ValueError("readout: found complex numbers, expected real ones")
        try:
            values = values.detach().cpu().double().numpy()
        except (NotImplementedError, RuntimeError, ValueError) as error:  # on the meta device, or lazy
            problem = str(error).split("\n")[0]
            raise ValueError(f"readout: its weights cannot be read ({problem})") from error
    return float64(np.asarray(values))


def _weights_and_bias(readout: Any) -> tuple[Any, Any, bool]:
    """Weights, bias and whether the weights are stored (n_inputs, n_outputs)."""
    if isinstance(readout, tuple | list):
        if len(readout) != 2:
            raise TypeError(f"readout: found {len(readout)} values, expected (weights, bias)")
        return readout[0], readout[1], False
    if isinstance(readout, Mapping):
        for name, is_transposed in (("kernel", True), ("w", True), ("weight", False)):
            if name in readout:
                return readout[name], readout.get("bias", readout.get("b")), is_transposed
        found = ", ".join(map(str, readout)) or "nothing"
        raise TypeError(f"readout: found a mapping of {found}, expected kernel, w or weight")
    for name, is_transposed in (("kernel", True), ("weight", False)):
        if getattr(readout, name, None) is not None:
            return getattr(readout, name), getattr(readout, "bias", None), is_transposed
    raise TypeError(
        f"readout: found {type(readout).__name__}, expected a linear layer with its weights or a "
        "pair (weights, bias)"
    )


def _refuse_nonlinear(readout: Any) -> None:
    activation = getattr(readout, "activation", None)
    if activation is not None and name_of(activation) != "linear":
        raise ValueError(
            f"readout: found a layer with activation {name_of(activation)}, expected a linear one; "
            "pass the pair (weights, bias) to read out before the activation"
        )


def read_readout(readout: Any, width: int) -> Fields:
    """Keyword arguments of the network; `width` is the number of units that are read.

    @throws TypeError, ValueError naming what was found.
    """
    if readout is None:
        return {}
    _refuse_nonlinear(readout)
    stored, stored_bias, is_transposed = _weights_and_bias(readout)
    weights = _as_array(stored)
    if weights.ndim != 2:
        raise ValueError(f"readout: weights have {weights.ndim} dimensions, expected 2")
    if is_transposed:
        weights = float64(weights.T)
    if weights.shape[1] != width:
        raise ValueError(
            f"readout: reads {weights.shape[1]} units, but the network has {width} "
            f"(weights as (n_outputs, n_units) are {weights.shape})"
        )
    if stored_bias is None or stored_bias is False:
        return {"readout_weights": weights}
    bias = _as_array(stored_bias)
    if bias.shape != (weights.shape[0],):
        raise ValueError(f"readout: bias has shape {bias.shape}, expected ({weights.shape[0]},)")
    return {"readout_weights": weights, "readout_bias": bias}
