# SPDX-License-Identifier: BSD-3-Clause
"""Networks from Haiku."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nullcline._core import Network
from nullcline.importers._jax import stepper
from nullcline.importers._layers import Array, Fields, Part, float64, reorder
from nullcline.importers._replay import network_from

_SOURCE = "from_haiku"
_CELLS = ("vanilla", "gru", "lstm")


def _gru(w: Mapping[str, Array]) -> Fields:
    """Haiku: z, r, a and h' = (1-z) h + z a; sigma(-x) = 1 - sigma(x), so z's rows are negated."""

    def rows(values: Array) -> Array:
        z, r, a = np.split(float64(values).T, 3)
        return np.concatenate([r, -z, a])

    return {
        "cell": "gru",
        "reset": "before",
        "input_weights": rows(w["w_i"]),
        "recurrent_weights": rows(w["w_h"]),
        "bias": rows(w["b"]),
    }


def _lstm(w: Mapping[str, Array]) -> Fields:
    """Haiku: one kernel on [x, h], gates i, g, f, o, and 1 is added to f in the code."""
    order = (0, 2, 1, 3)
    rows = float64(w["w"]).T
    n = len(rows) // 4
    return {
        "cell": "lstm",
        "forget_bias": 1.0,
        "input_weights": reorder(rows[:, : rows.shape[1] - n], order),
        "recurrent_weights": reorder(rows[:, rows.shape[1] - n :], order),
        "bias": reorder(float64(w["b"]), order),
    }


def _vanilla(outer: Mapping[str, Array], inner: Mapping[str, Array]) -> Fields:
    return {
        "cell": "vanilla",
        "activation": "relu",
        "input_weights": float64(outer["w"]).T.copy(),
        "recurrent_weights": float64(inner["w"]).T.copy(),
        "bias": float64(outer["b"]) + (float64(inner["b"]) if "b" in inner else 0.0),
    }


def _modules(params: Mapping[str, Any]) -> dict[str, str]:
    """Names of recurrent modules and what they are, by the names that Haiku gives them."""
    found = {}
    for name, weights in params.items():
        if {"w_i", "w_h", "b"} == set(weights):
            found[name] = "gru"
        owner, _, last = name.rpartition("/")
        if last == "linear" and owner.split("/")[-1].rstrip("_0123456789") == "lstm":
            found[owner] = "lstm"
        if last == "linear_1" and owner.split("/")[-1].rstrip("_0123456789") == "vanilla_rnn":
            found[owner] = "vanilla"
    return found


def _weights(params: Mapping[str, Any], name: str, cell: str) -> dict[str, Mapping[str, Array]]:
    """The module's parameters with the module's name taken off."""
    wanted = {"gru": [""], "lstm": ["/linear"], "vanilla": ["/linear", "/linear_1"]}[cell]
    for suffix in wanted:
        if name + suffix not in params:
            names = ", ".join(params) or "nothing"
            raise ValueError(
                f"{_SOURCE}: a {cell} named '{name}' needs '{name + suffix}', found {names}"
            )
    return {suffix: params[name + suffix] for suffix in wanted}


def _read(weights: Mapping[str, Mapping[str, Array]], name: str, cell: str) -> Fields:
    try:
        if cell == "gru":
            return _gru(weights[""])
        if cell == "lstm":
            return _lstm(weights["/linear"])
        return _vanilla(weights["/linear"], weights["/linear_1"])
    except (KeyError, ValueError) as error:
        shapes = {key: np.shape(value) for group in weights.values() for key, value in group.items()}
        raise ValueError(f"{_SOURCE}: '{name}' is no {cell}: found {shapes}") from error


def _own_step(weights: Mapping[str, Any], cell: str, n: int) -> Callable[..., Any]:
    """A step of Haiku's own core with these parameters."""
    import haiku as hk

    def run(x: Any, state: Any) -> Any:
        if cell == "gru":
            core = hk.GRU(n, name="core")
        elif cell == "lstm":
            core = hk.LSTM(n, name="core")
        else:
            core = hk.VanillaRNN(n, double_bias="b" in weights["/linear_1"], name="core")
        return core(x, state)

    held = {f"core{suffix}": dict(values) for suffix, values in weights.items()}
    apply = hk.without_apply_rng(hk.transform(run)).apply
    return lambda x, state: apply(held, x, state)


def _given_step(params: Mapping[str, Any], transformed: Any) -> Callable[..., Any]:
    apply = getattr(transformed, "apply", transformed)
    if not callable(apply):
        raise TypeError(
            f"{_SOURCE}: found {type(transformed).__name__}, expected a transformed step "
            "f(inputs, state) -> (output, state)"
        )

    def step(x: Any, state: Any) -> Any:
        try:
            return apply(params, None, x, state)
        except TypeError:  # without_apply_rng: no place for a key
            return apply(params, x, state)

    return step


def _part(params: Mapping[str, Any], name: str, cell: str, transformed: Any) -> Part:
    import haiku as hk

    weights = _weights(params, name, cell)
    fields = _read(weights, name, cell)
    n = fields["recurrent_weights"].shape[1]
    run = _own_step(weights, cell, n) if transformed is None else _given_step(params, transformed)

    def live(x: Any, h: Any, c: Any) -> tuple[Any, ...]:
        _, state = run(x, h if c is None else hk.LSTMState(hidden=h, cell=c))
        return (state,) if c is None else (state.hidden, state.cell)

    arrays = [array for group in weights.values() for array in group.values()]
    return Part([fields], stepper(fields, live), all(array.dtype == np.float64 for array in arrays))


def _choose(params: Mapping[str, Any], module: Any, cell: str | None) -> list[tuple[str, str]]:
    known = _modules(params)
    if cell is not None and cell not in _CELLS:
        raise ValueError(f"{_SOURCE}: found cell '{cell}', expected {', '.join(_CELLS)}")
    if module is None:
        if len(known) != 1:
            found = ", ".join(f"'{name}' ({kind})" for name, kind in known.items())
            found = found or f"none in {', '.join(params) or 'no parameters'}"
            raise ValueError(
                f"{_SOURCE}: found recurrent modules: {found}; name one with module="
                + ("" if known else " and its cell with cell=")
            )
        module = next(iter(known))
    names = list(module) if isinstance(module, list | tuple) else [module]
    chosen = []
    for name in names:
        kind = cell or known.get(name)
        if kind is None:
            raise ValueError(f"{_SOURCE}: '{name}' is not a name of Haiku's own: say cell=")
        chosen.append((name, kind))
    return chosen


def from_haiku(
    params: Any,
    transformed: Any = None,
    *,
    module: Any = None,
    cell: str | None = None,
    readout: Any = None,
) -> Network:
    """A network from the parameters of hk.GRU, hk.LSTM or hk.VanillaRNN, alone or in a model.

    transformed: a Haiku-transformed step f(inputs, state) -> (output, state) with these
    parameters, which the network then has to repeat; without it, steps of Haiku's own core of that
    name are repeated. module: name of the core among the parameters, needed where there are
    several; a list, bottom first, makes one system. cell: "gru", "lstm" or "vanilla", needed where
    a module has a name of its own.

    readout: name of a hk.Linear among the parameters, its {w, b}, or a pair (weights (n_outputs,
    n_units), bias or None).

    @throws TypeError for other objects; ValueError for names and shapes that do not fit, weights
    that are not finite, a readout of another width, and a failed replay.
    """
    if not isinstance(params, Mapping) or not all(isinstance(p, Mapping) for p in params.values()):
        raise TypeError(
            f"{_SOURCE}: found {type(params).__name__}, expected the parameters that a transformed "
            "function's init returns"
        )
    chosen = _choose(params, module, cell)
    if transformed is not None and len(chosen) > 1:
        raise ValueError(f"{_SOURCE}: found a transformed step and several modules, expected one")
    if isinstance(readout, str):
        if readout not in params:
            raise ValueError(f"{_SOURCE}: found no '{readout}' for the readout in {', '.join(params)}")
        readout = params[readout]
    parts = [_part(params, name, kind, transformed) for name, kind in chosen]
    names = ", ".join(f"{kind} '{name}'" for name, kind in chosen)
    return network_from(parts, readout, f"{_SOURCE}: {names}")
