# SPDX-License-Identifier: BSD-3-Clause
"""Builds a network and believes it only if it repeats the live object's own steps."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from nullcline._core import Network
from nullcline.importers import _conventions
from nullcline.importers._layers import (
    Array,
    Fields,
    Part,
    Step,
    check_widths,
    n_outputs,
    n_states,
    stack_steps,
)
from nullcline.importers._readout import read_readout

_N_STEPS = 32  # steps in a probe, and steps taken to see how far states go
_TOLERANCE, _SINGLE_TOLERANCE = 1e-10, 1e-5  # of a source in float64; of any other


def build(layers: Sequence[Fields], readout: Fields, **fields: Any) -> Network:
    upper = [Network(**layer) for layer in layers[1:]]
    return Network(**layers[0], **readout, **fields, **({"upper": upper} if upper else {}))


def draw_probe(step: Step, n_inputs: int, n_states: int) -> tuple[Array, Array]:
    """Random inputs, and random states about as large as those that random inputs lead to."""
    rng = np.random.default_rng(0)
    states = np.zeros((_N_STEPS, n_states))
    visited = []
    for _ in range(_N_STEPS):
        with np.errstate(over="ignore", invalid="ignore"):
            states = np.array(step(rng.standard_normal((_N_STEPS, n_inputs)), states), np.float64)
        # A rectified network may diverge; what it does far out is not looked at.
        states = np.clip(np.nan_to_num(states), -2, 2)
        visited.append(states)
    sizes = np.clip(np.std(np.concatenate(visited), axis=0), 0.1, 2)
    inputs = rng.standard_normal((_N_STEPS, n_inputs))
    return inputs, visited[-1] + sizes * rng.standard_normal(states.shape)


def _verify(network: Network, probe: tuple[Array, Array, Array], tolerance: float) -> str:
    """Empty, or what differs."""
    try:
        network.verify(*probe, tolerance)
    except ValueError as error:
        return str(error).split(";")[0]
    return ""


def verify(
    layers: Sequence[Fields],
    readout: Fields,
    probe: tuple[Array, Array, Array],
    tolerance: float,
    source: str,
    **fields: Any,
) -> Network:
    """The network, marked as verified.

    @throws ValueError with the largest error, and the convention that would fit, if one does.
    """
    try:
        network = build(layers, readout, **fields)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None
    difference = _verify(network, probe, tolerance)
    if not difference:
        return network
    if "proves nothing" in difference:
        raise ValueError(f"{source}: {difference}")
    few = tuple(array[:8] for array in probe)
    for text, changed in _conventions.alternatives(layers):
        if not _verify(build(changed, {}), few, tolerance):
            raise ValueError(f"{source}: {difference}; it does with {text}")
    raise ValueError(f"{source}: {difference}; no other convention that is known does either")


def network_from(parts: Sequence[Part], readout: Any, source: str, **fields: Any) -> Network:
    """The stack of all parts' layers, verified against steps of the parts themselves."""
    layers = [fields for part in parts for fields in part.layers]
    check_widths(layers, source)
    read = read_readout(readout, n_outputs(layers[-1]))
    for layer in layers:
        for name, values in layer.items():
            if isinstance(values, np.ndarray) and not np.isfinite(values).all():
                raise ValueError(f"{source}: {name} holds NaN or infinity")
    step = stack_steps(parts)
    width = sum(n_states(layer) for layer in layers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the caller's own layers: on speed, on threads
        try:
            inputs, states = draw_probe(step, layers[0]["input_weights"].shape[1], width)
            next_states = step(inputs, states)
        except Exception as error:  # a caller's own forward pass may fail in any way
            if str(error).startswith("from_"):
                raise
            problem = " ".join(f"{type(error).__name__}: {error}".split())
            raise ValueError(f"{source}: its step cannot be replayed ({problem})") from error
    is_double = next_states.dtype == np.float64 and all(part.is_double for part in parts)
    tolerance = _TOLERANCE if is_double else _SINGLE_TOLERANCE
    probe = (inputs, states, np.asarray(next_states, np.float64))
    return verify(layers, read, probe, tolerance, source, **fields)
