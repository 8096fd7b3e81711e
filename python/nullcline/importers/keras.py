# SPDX-License-Identifier: BSD-3-Clause
"""Networks from Keras 3, on any of its backends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from nullcline._core import Network
from nullcline.importers._activations import recognize, require_sigmoid
from nullcline.importers._layers import Array, Fields, Part, float64, n_outputs, reorder
from nullcline.importers._replay import network_from

_SOURCE = "from_keras"


@contextlib.contextmanager
def _precise(keras: Any) -> Iterator[None]:
    """JAX computes in float64, and on accelerators in full float32, only where it is told to."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        with jax.enable_x64(True), jax.default_matmul_precision("highest"):
            yield
    elif backend == "torch":
        import torch

        with torch.no_grad(), torch.autocast("cpu", enabled=False):
            yield
    else:
        yield


def _evaluate(function: Any, values: Array) -> Array:
    import keras

    return float64(keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor(values))))


def _weights(keras: Any, variable: Any) -> Array:
    return float64(np.asarray(keras.ops.convert_to_numpy(variable)))


def _fields(cell: Any, keras: Any) -> Fields:
    name = f"{_SOURCE}: {type(cell).__name__}"
    if not cell.built:
        raise ValueError(f"{name} is not built and has no weights; call it on an input first")
    kinds = {keras.layers.GRUCell: "gru", keras.layers.LSTMCell: "lstm"}
    kind = next((kinds[known] for known in kinds if isinstance(cell, known)), "vanilla")
    activation = recognize(cell.activation, _evaluate, name)
    if kind != "vanilla":
        require_sigmoid(cell.recurrent_activation, _evaluate, name)
    order = {"vanilla": (0,), "gru": (1, 0, 2), "lstm": (0, 1, 2, 3)}[kind]  # GRU: stored as z, r, h

    def gates(values: Array) -> Array:
        return reorder(float64(values.T), order)

    fields: Fields = {
        "cell": kind,
        "activation": activation,
        "input_weights": gates(_weights(keras, cell.kernel)),
        "recurrent_weights": gates(_weights(keras, cell.recurrent_kernel)),
    }
    rows, n = fields["recurrent_weights"].shape
    bias = np.zeros(rows) if cell.bias is None else _weights(keras, cell.bias)
    if kind == "gru":
        fields["reset"] = "after" if cell.reset_after else "before"
        if cell.reset_after and bias.ndim == 2:
            outside, inside = gates(bias[0]), gates(bias[1])
            fields["recurrent_bias"] = inside[-n:].copy()
            inside[-n:] = 0
            return {**fields, "bias": outside + inside}
    return {**fields, "bias": gates(bias)}


def _part(cell: Any, keras: Any) -> Part:
    fields = _fields(cell, keras)
    width = n_outputs(fields)
    is_lstm = fields["cell"] == "lstm"
    stored = np.asarray(keras.ops.convert_to_numpy(cell.kernel)).dtype
    precision = np.float64 if stored == np.float64 else np.float32

    def step(inputs: Array, states: Array) -> Array:
        held = [inputs, states[:, :width], states[:, width:]] if is_lstm else [inputs, states]
        with _precise(keras):
            x, *state = (keras.ops.convert_to_tensor(part.astype(precision)) for part in held)
            # `call` instead of `__call__`: the latter rounds to half precision where the layer does.
            _, found = cell.call(x, state, training=False)
            values = [keras.ops.convert_to_numpy(part) for part in found]
        return np.concatenate(values, axis=1).astype(precision)

    return Part([fields], step, stored == np.float64)


def _cells_of(layer: Any, keras: Any) -> list[Any]:
    """The cells of a recurrent layer, bottom first. @throws TypeError, ValueError"""
    layers = keras.layers
    if isinstance(layer, layers.Bidirectional):
        raise ValueError(
            f"{_SOURCE}: Bidirectional has a backward pass that runs from the end of a trial, so that "
            "its state is no function of the state before; pass its forward_layer"
        )
    if isinstance(layer, layers.RNN):
        return _cells_of(layer.cell, keras)
    if isinstance(layer, layers.StackedRNNCells):
        return [found for cell in layer.cells for found in _cells_of(cell, keras)]
    if isinstance(layer, layers.SimpleRNNCell | layers.GRUCell | layers.LSTMCell):
        return [layer]
    raise TypeError(
        f"{_SOURCE}: found {type(layer).__name__}, expected SimpleRNN, GRU, LSTM, one of their cells, "
        "or a model with one of them"
    )


def _recurrent_layers(model: Any, keras: Any) -> list[Any]:
    """The recurrent layers of a model that follow on each other; otherwise which there are."""
    recurrent = keras.layers.RNN | keras.layers.Bidirectional
    found = [layer for layer in model.layers if isinstance(layer, recurrent)]
    if not found:
        names = ", ".join(type(layer).__name__ for layer in model.layers) or "no layers"
        raise TypeError(f"{_SOURCE}: found a model of {names}, expected a recurrent layer in it")
    if len(found) == 1:
        return found
    first, last = model.layers.index(found[0]), model.layers.index(found[-1])
    transparent = keras.layers.Dropout | keras.layers.Masking
    between = [layer for layer in model.layers[first : last + 1] if not isinstance(layer, transparent)]
    if isinstance(model, keras.Sequential) and between == found:
        return found
    names = ", ".join(f"{layer.name} ({type(layer).__name__})" for layer in found)
    raise ValueError(
        f"{_SOURCE}: found a model with several recurrent layers that do not just follow on each "
        f"other: {names}; pass one of them, or a list of those that do, bottom first"
    )


def from_keras(layer_or_model: Any, readout: Any = None) -> Network:
    """A network from SimpleRNN, GRU, LSTM, one of their cells, a model with them, or a list.

    Layers that follow on each other make one system whose state is theirs side by side, bottom
    first; an LSTM's is [h; c]. Of a model, its recurrent layers are taken: the network's input is
    what goes into the first of them. The network is accepted only if it repeats random steps of
    the live cells, without dropout. The model is only read.

    readout: Dense on the top layer's h, or a pair (weights (n_outputs, n_units), bias or None).

    @throws TypeError for other objects; ValueError for Bidirectional, for activations other than
    tanh and relu (gates: sigmoid), layers that are not built, weights that are not finite, a
    readout of another width, and a failed replay.
    """
    import keras

    found = layer_or_model
    if isinstance(found, keras.Model):
        found = _recurrent_layers(found, keras)
    layers = list(found) if isinstance(found, list | tuple) else [found]
    if not layers:
        raise ValueError(f"{_SOURCE}: found an empty list, expected at least one layer")
    parts = [_part(cell, keras) for layer in layers for cell in _cells_of(layer, keras)]
    names = ", ".join(type(layer).__name__ for layer in layers)
    return network_from(parts, readout, f"{_SOURCE}: {names}")
