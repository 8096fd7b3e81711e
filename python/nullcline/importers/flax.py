# SPDX-License-Identifier: BSD-3-Clause
"""Networks from Flax, both of its interfaces: linen and nnx."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nullcline._core import Network
from nullcline.importers._activations import recognize, require_sigmoid
from nullcline.importers._jax import evaluate, stepper
from nullcline.importers._layers import Array, Fields, Part, float64
from nullcline.importers._replay import network_from

_SOURCE = "from_flax"
_LINEN = {
    "gru": {"ir", "iz", "in", "hr", "hz", "hn"},
    "lstm": {"ii", "if", "ig", "io", "hi", "hf", "hg", "ho"},
    "vanilla": {"i", "h"},
}
_GATES = {"gru": "rzn", "lstm": "ifgo"}


def _kind(cell: Any, library: Any) -> str:
    kinds = {
        "gru": (library.GRUCell,),
        "lstm": (library.LSTMCell, library.OptimizedLSTMCell),
        "vanilla": (library.SimpleCell,),
    }
    for kind, classes in kinds.items():
        if isinstance(cell, classes):
            return kind
    raise TypeError(
        f"{_SOURCE}: found {type(cell).__name__}, expected GRUCell, LSTMCell, OptimizedLSTMCell or "
        "SimpleCell of flax.linen or flax.nnx"
    )


def _check_functions(cell: Any, kind: str) -> str:
    where = f"{_SOURCE}: {type(cell).__name__}"
    if kind != "vanilla":
        require_sigmoid(cell.gate_fn, evaluate, where)
    return recognize(cell.activation_fn, evaluate, where)


def _assemble(
    cell: Any, kind: str, kernel: Callable[[str], Array], bias: Callable[[str], Array]
) -> Fields:
    """Fields from kernels (n_in, n_out) and biases by name: "i" or "h", and the gate."""
    gates = _GATES.get(kind, ("",))
    fields = {
        "cell": kind,
        "activation": _check_functions(cell, kind),
        "input_weights": np.concatenate([kernel("i" + gate).T for gate in gates]),
        "recurrent_weights": np.concatenate([kernel("h" + gate).T for gate in gates]),
    }
    outside, inside = ([bias(side + gate) for gate in gates] for side in "ih")
    if kind == "gru":
        fields["recurrent_bias"] = inside[-1]
        inside[-1] = np.zeros_like(inside[-1])
    fields["bias"] = np.concatenate(outside) + np.concatenate(inside)
    if kind == "vanilla" and cell.residual:  # h is added before the activation
        fields["recurrent_weights"] = fields["recurrent_weights"] + np.eye(len(fields["bias"]))
    return fields


def _carry_step(
    fields: Fields, call: Callable[[Any, Any], tuple[Any, Any]], is_double: bool
) -> Part:
    """Flax carries (c, h)."""

    def live(x: Any, h: Any, c: Any) -> tuple[Any, ...]:
        carry, _ = call(h if c is None else (c, h), x)
        return (carry,) if c is None else (carry[1], carry[0])

    return Part([fields], stepper(fields, live), is_double)


# ------------------------------------------------------------------------------------------- linen


def _subtrees(tree: Any, names: set[str], path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(tree, Mapping):
        return
    if set(tree) == names and all(isinstance(part, Mapping) for part in tree.values()):
        yield path or "the top", tree
        return
    for name, part in tree.items():
        yield from _subtrees(part, names, f"{path}/{name}" if path else str(name))


def _cell_params(params: Mapping[str, Any], kind: str, cell: Any) -> Mapping[str, Any]:
    found = list(_subtrees(params, _LINEN[kind]))
    if len(found) == 1:
        return found[0][1]
    expected = ", ".join(sorted(_LINEN[kind]))
    if not found:
        names = ", ".join(map(str, params)) or "nothing"
        raise ValueError(
            f"{_SOURCE}: found parameters {names}; {type(cell).__name__} needs {expected}"
        )
    places = ", ".join(path for path, _ in found)
    raise ValueError(
        f"{_SOURCE}: several places fit {type(cell).__name__}: {places}; pass the parameters of one"
    )


def _linen_part(cell: Any, params: Mapping[str, Any], linen: Any) -> Part:
    from flax.core import meta

    kind = _kind(cell, linen)
    held = meta.unbox(_cell_params(params, kind, cell))

    def kernel(name: str) -> Array:
        return float64(held[name]["kernel"])

    def bias(name: str) -> Array:
        return float64(held[name].get("bias", np.zeros(kernel(name).shape[1])))

    fields = _assemble(cell, kind, kernel, bias)
    free = cell.clone(parent=None, dtype=None)  # computes in the precision of its inputs
    variables = {"params": {name: dict(part) for name, part in held.items()}}
    is_double = all(a.dtype == np.float64 for part in held.values() for a in part.values())
    return _carry_step(fields, lambda carry, x: free.apply(variables, carry, x), is_double)


# --------------------------------------------------------------------------------------------- nnx


def _nnx_bias(layer: Any, width: int) -> Array:
    return np.zeros(width) if layer.bias is None else float64(layer.bias)


def _nnx_fields(cell: Any, kind: str) -> Fields:
    if not hasattr(cell, "dense_h"):
        layers = {name: getattr(cell, "if_" if name == "if" else name) for name in _LINEN[kind]}
        return _assemble(
            cell,
            kind,
            lambda name: float64(layers[name].kernel),
            lambda name: _nnx_bias(layers[name], layers[name].kernel.shape[1]),
        )
    gates = _GATES.get(kind, "c")
    dense = {"i": cell.dense_i, "h": cell.dense_h}

    def block(values: Array, name: str) -> Array:
        return np.split(values, len(gates), axis=-1)[gates.index(name[1:] or "c")]

    def bias(name: str) -> Array:
        layer = dense[name[0]]
        found = block(_nnx_bias(layer, layer.kernel.shape[1]), name)
        if name == "hn" and getattr(cell, "hn_bias", None) is not None:
            found = found + float64(cell.hn_bias)
        return found

    return _assemble(cell, kind, lambda name: block(float64(dense[name[0]].kernel), name), bias)


def _nnx_part(cell: Any, nnx: Any) -> Part:
    import jax

    kind = _kind(cell, nnx)
    fields = _nnx_fields(cell, kind)
    free = nnx.clone(cell)
    for _, part in nnx.iter_graph(free):
        if isinstance(part, nnx.Module) and getattr(part, "dtype", None) is not None:
            part.dtype = None  # computes in the precision of its inputs
    held = jax.tree.leaves(nnx.state(cell, nnx.Param))
    is_double = all(array.dtype == np.float64 for array in held)
    return _carry_step(fields, free, is_double)


# ---------------------------------------------------------------------------------------- all forms


def _unwrapped(module: Any) -> Any:
    if type(module).__name__ == "Bidirectional":
        raise ValueError(
            f"{_SOURCE}: Bidirectional has a backward pass that runs from the end of a trial, so that "
            "its state is no function of the state before; pass its forward cell"
        )
    return module.cell if type(module).__name__ == "RNN" else module


def _part(module_or_params: Any, cell: Any) -> Part:
    from flax import linen, nnx

    if isinstance(module_or_params, nnx.Module):
        return _nnx_part(_unwrapped(module_or_params), nnx)
    if isinstance(module_or_params, linen.Module):
        if module_or_params.scope is None:
            raise TypeError(
                f"{_SOURCE}: a linen module holds no weights; pass the parameters, and cell="
                f"{type(module_or_params).__name__}(...)"
            )
        params = module_or_params.variables["params"]
        return _linen_part(_unwrapped(module_or_params), params, linen)
    if isinstance(module_or_params, Mapping):
        if not isinstance(cell, linen.Module):
            raise TypeError(
                f"{_SOURCE}: found parameters and cell {cell!r}; parameters do not tell their "
                "activations: pass the module too, such as cell=nn.GRUCell(features=64)"
            )
        return _linen_part(_unwrapped(cell), module_or_params, linen)
    raise TypeError(
        f"{_SOURCE}: found {type(module_or_params).__name__}, expected an nnx cell, a bound linen "
        "module, or parameters with cell="
    )


def from_flax(module_or_params: Any, cell: Any = None, *, readout: Any = None) -> Network:
    """A network from a Flax cell: GRUCell, LSTMCell, OptimizedLSTMCell or SimpleCell.

    module_or_params: an nnx cell (or nnx.RNN of one), a bound linen module, or linen parameters,
    then with `cell`, the linen module they belong to. Parameters may be those of a whole model
    that has one such cell. A list, bottom first, makes one system; `cell` is then a list too.
    The network is accepted only if it repeats random steps of the cell itself; the state of an
    LSTM, in Flax (c, h), is [h; c] here.

    readout: parameters {kernel, bias} of a Dense, an nnx.Linear, or a pair (weights (n_outputs,
    n_units), bias or None).

    @throws TypeError for other objects; ValueError for activations other than tanh and relu (gates:
    sigmoid), parameters of another cell, weights that are not finite, a readout of another width,
    and a failed replay.
    """
    is_list = isinstance(module_or_params, list | tuple)
    modules = list(module_or_params) if is_list else [module_or_params]
    cells = list(cell) if isinstance(cell, list | tuple) else [cell] * len(modules)
    if not modules or len(cells) != len(modules):
        raise ValueError(f"{_SOURCE}: found {len(modules)} modules and {len(cells)} cells")
    parts = [_part(*pair) for pair in zip(modules, cells, strict=True)]
    names = ", ".join(fields["cell"] for part in parts for fields in part.layers)
    return network_from(parts, readout, f"{_SOURCE}: {names}")
