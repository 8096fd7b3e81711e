# SPDX-License-Identifier: BSD-3-Clause
"""Networks from PyTorch."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from nullcline._core import Network
from nullcline.importers._layers import Array, Fields, Part, n_outputs, n_states, n_units
from nullcline.importers._replay import network_from


def _fields(module: Any, suffix: str, cell: str, activation: str) -> Fields:
    def array(name: str) -> Array | None:
        values = getattr(module, name + suffix, None)
        return None if values is None else values.detach().cpu().double().numpy().copy()

    weights, first, second = array("weight_hh"), array("bias_ih"), array("bias_hh")
    fields = {
        "cell": cell,
        "activation": activation,
        "input_weights": array("weight_ih"),
        "recurrent_weights": weights,
        "bias": np.zeros(len(weights)),
    }
    if first is not None and second is not None:
        fields["bias"] = first + second
        if cell == "gru":
            n = n_units(fields)
            fields["bias"][-n:] = first[-n:]
            fields["recurrent_bias"] = second[-n:]
    if array("weight_hr") is not None:
        fields["projection"] = array("weight_hr")
    return fields


def _split(layers: Sequence[Fields], states: Array) -> tuple[list[Array], list[Array]]:
    """(h, c) of each layer; c is empty but for an LSTM."""
    outputs, cells = [], []
    first = 0
    for fields in layers:
        last, middle = first + n_states(fields), first + n_outputs(fields)
        outputs.append(states[:, first:middle])
        cells.append(states[:, middle:last])
        first = last
    return outputs, cells


def _copy_in_float64(module: Any, torch: Any) -> Any:
    """Same class, same forward pass, same weights; the caller's module is only read."""
    # Weights that are computed from others (weight_norm) are no leaves, and those cannot be copied.
    computed = {
        id(value): value.detach().clone()
        for part in module.modules()
        for value in vars(part).values()
        if isinstance(value, torch.Tensor) and not value.is_leaf
    }
    try:
        return copy.deepcopy(module, computed).to(device="cpu", dtype=torch.float64).eval()
    except (RuntimeError, TypeError, NotImplementedError) as error:
        raise ValueError(
            f"from_torch: {type(module).__name__} cannot be copied to replay it: {error}"
        ) from error


def _cell_step(module: Any, layers: Sequence[Fields], torch: Any) -> Any:
    live = _copy_in_float64(module, torch)

    def step(inputs: Array, states: Array) -> Array:
        (h,), (c,) = _split(layers, torch.from_numpy(np.array(states)))
        with torch.no_grad(), torch.autocast("cpu", enabled=False):
            found = live(torch.from_numpy(inputs), (h, c) if c.shape[1] else h)
        return torch.cat(found if c.shape[1] else (found,), dim=1).numpy()

    return step


def _layer_step(module: Any, layers: Sequence[Fields], torch: Any) -> Any:
    live = _copy_in_float64(module, torch)
    time_axis = 1 if module.batch_first else 0

    def step(inputs: Array, states: Array) -> Array:
        h, c = (torch.stack(parts) for parts in _split(layers, torch.from_numpy(np.array(states))))
        has_cells = c.shape[2] > 0
        x = torch.from_numpy(inputs).unsqueeze(time_axis)
        with torch.no_grad(), torch.autocast("cpu", enabled=False):
            _, found = live(x, (h, c) if has_cells else h)
        pairs = zip(*found, strict=True) if has_cells else ((values,) for values in found)
        return torch.cat([values for pair in pairs for values in pair], dim=1).numpy()

    return step


def _is_double(module: Any, torch: Any) -> bool:
    return all(parameter.dtype == torch.float64 for parameter in module.parameters())


def _activation(module: Any, cell: str) -> str:
    return str(module.nonlinearity) if cell == "vanilla" else "tanh"


def _refuse(module: Any) -> None:
    name = f"from_torch: {type(module).__name__}"
    if getattr(module, "bidirectional", False):
        raise ValueError(
            f"{name} is bidirectional: its backward pass runs from the end of a trial, so that its "
            "state is no function of the state before; pass a unidirectional module"
        )
    if module.training and getattr(module, "dropout", 0) > 0:
        raise ValueError(
            f"{name} is in training mode with dropout {module.dropout:g}: its steps are random; "
            "call .eval() first"
        )
    for parameter in module.parameters():
        if parameter.is_meta:
            raise ValueError(f"{name} is on the meta device and has no weights")
        if not parameter.is_floating_point():
            raise ValueError(f"{name} has weights of type {parameter.dtype}, expected real numbers")


def _part(module: Any, torch: Any) -> Part:
    nn = torch.nn
    cells = {nn.RNNCell: "vanilla", nn.GRUCell: "gru", nn.LSTMCell: "lstm"}
    for kind, cell in cells.items():
        if isinstance(module, kind):
            _refuse(module)
            layers = [_fields(module, "", cell, _activation(module, cell))]
            return Part(layers, _cell_step(module, layers, torch), _is_double(module, torch))
    for kind, cell in {nn.RNN: "vanilla", nn.GRU: "gru", nn.LSTM: "lstm"}.items():
        if isinstance(module, kind):
            _refuse(module)
            activation = _activation(module, cell)
            layers = [
                _fields(module, f"_l{layer}", cell, activation) for layer in range(module.num_layers)
            ]
            return Part(layers, _layer_step(module, layers, torch), _is_double(module, torch))
    raise TypeError(_not_recurrent(module, nn))


def _not_recurrent(module: Any, nn: Any) -> str:
    kinds = "nn.RNN, nn.GRU, nn.LSTM or one of their cells"
    found = f"from_torch: found {type(module).__name__}, expected {kinds}"
    if not isinstance(module, nn.Module):
        return found
    inside = [
        f".{name} ({type(part).__name__})"
        for name, part in module.named_modules()
        if isinstance(part, nn.RNNBase | nn.RNNCellBase)
    ]
    return f"{found}; it has {', '.join(inside)}" if inside else found


def from_torch(module: Any, readout: Any = None) -> Network:
    """A network from nn.RNN, nn.GRU, nn.LSTM, one of their cells, or a list of them, bottom first.

    All layers make one system whose state is theirs side by side, bottom first; an LSTM's is
    [h; c]. The network is accepted only if it repeats random steps of the module itself, taken on
    a copy in float64, within 1e-10, or 1e-5 where its weights are not in float64. The module is only read.

    readout: nn.Linear on the top layer's h, or a pair (weights (n_outputs, n_units), bias or None).

    @throws TypeError for other objects; ValueError for a bidirectional module, for dropout in
    training mode, weights that are not finite, a readout of another width, and a failed replay.
    """
    import torch

    modules = module if isinstance(module, list | tuple) else [module]
    if not modules:
        raise ValueError("from_torch: found an empty list, expected at least one module")
    parts = [_part(part, torch) for part in modules]
    names = ", ".join(type(part).__name__ for part in modules)
    return network_from(parts, readout, f"from_torch: {names}")
