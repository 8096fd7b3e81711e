# SPDX-License-Identifier: BSD-3-Clause
"""Networks from plain arrays: leaky rate networks with masks and Dale's law, PsychRNN's files."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nullcline._core import FormatError, Network
from nullcline.importers._layers import (
    N_GATES,
    Array,
    Fields,
    Part,
    float64,
    n_outputs,
    n_states,
    n_units,
)
from nullcline.importers._readout import read_readout
from nullcline.importers._replay import build, network_from, verify

_SOURCE = "from_arrays"
_ARRAYS = (
    "input_weights",
    "recurrent_weights",
    "bias",
    "recurrent_bias",
    "alpha",
    "mask",
    "dale_signs",
    "projection",
    "readout_weights",
    "readout_bias",
    "initial_state",
)
_SCALARS = ("cell", "activation", "reset", "forget_bias")
_DALE = {
    "effective": lambda weights: weights,
    "absolute": np.abs,
    "rectified": lambda weights: np.maximum(weights, 0),
}


def _read_npz(path: Any) -> dict[str, Array]:
    """Numerical arrays of an .npz; objects in it (PsychRNN stores a function) are left alone."""
    found = {}
    shown = os.fsdecode(path)
    try:
        archive = np.load(path, allow_pickle=False)
    except OSError as error:
        raise FormatError(f"{shown}: {error.strerror or error}") from error
    except (ValueError, EOFError, zipfile.BadZipFile):
        archive = None
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise FormatError(f"{shown}: is no .npz archive")
    with archive:
        for name in archive.files:
            try:
                found[name] = archive[name]
            except ValueError:  # an object array, which only unpickling could read
                continue
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise FormatError(f"{shown}: array '{name}': is damaged: {error}") from error
    return found


def _from_psychrnn(arrays: Mapping[str, Any], cell: Any) -> Fields:
    """PsychRNN's names. Its file holds W_in, W_rec and W_out with masks and signs applied."""
    if cell not in (None, "leaky-outside"):
        raise ValueError(f"{_SOURCE}: found cell '{cell}', but PsychRNN's arrays are leaky-outside")
    missing = [name for name in ("W_in", "W_rec") if name not in arrays]
    if missing:
        raise ValueError(f"{_SOURCE}: PsychRNN's arrays lack {missing[0]}: found {', '.join(arrays)}")
    fields: Fields = {
        "cell": "leaky-outside",
        "activation": "relu",
        "input_weights": arrays["W_in"],
        "recurrent_weights": arrays["W_rec"],
    }
    names = {
        "b_rec": "bias",
        "rec_connectivity": "mask",
        "W_out": "readout_weights",
        "b_out": "readout_bias",
        "init_state": "initial_state",
    }
    fields.update({ours: arrays[name] for name, ours in names.items() if name in arrays})
    if "init_state" in arrays:
        fields["initial_state"] = np.ravel(arrays["init_state"])
    if arrays.get("dale_ratio") is not None and "Dale_rec" in arrays:
        fields["dale_signs"] = np.diag(arrays["Dale_rec"])
    return fields


def _as_arrays(fields: Fields) -> Fields:
    converted: Fields = {}
    for name, values in fields.items():
        if name in _SCALARS:
            expected = (int, float) if name == "forget_bias" else str
            if not isinstance(values, expected):
                what = "a number" if name == "forget_bias" else "a string"
                raise TypeError(f"{_SOURCE}: {name}: found {type(values).__name__}, expected {what}")
            converted[name] = values
        elif name not in _ARRAYS:
            known = ", ".join((*_SCALARS, *_ARRAYS))
            raise ValueError(f"{_SOURCE}: found '{name}', expected one of {known}")
        elif values is not None:
            try:
                converted[name] = float64(values)
            except (TypeError, ValueError) as error:
                raise ValueError(f"{_SOURCE}: {name} holds no numbers: {error}") from error
            if not np.isfinite(converted[name]).all():
                raise ValueError(f"{_SOURCE}: {name} holds NaN or infinity")
    return converted


def _check(fields: Fields) -> None:
    cell = fields.get("cell")
    if cell not in N_GATES:
        raise ValueError(f"{_SOURCE}: found cell {cell!r}, expected one of {', '.join(N_GATES)}")
    for name in ("input_weights", "recurrent_weights"):
        found = fields[name].ndim if name in fields else None
        if found != 2:
            what = "nothing" if found is None else f"{found} dimensions"
            raise ValueError(f"{_SOURCE}: {name}: found {what}, expected a matrix")
    if cell in ("leaky", "leaky-outside") and "alpha" not in fields:
        raise ValueError(
            f"{_SOURCE}: found no alpha, which a {cell} network needs: dt / tau, one value or one per "
            "unit"
        )


def _constrained(fields: Fields, dale: str) -> Fields:
    """The weights that the network computes with: masked, and signed by their presynaptic unit."""
    if dale not in _DALE:
        raise ValueError(f"{_SOURCE}: found dale '{dale}', expected one of {', '.join(_DALE)}")
    if dale != "effective" and "dale_signs" not in fields:
        raise ValueError(f"{_SOURCE}: found dale '{dale}', which needs dale_signs")
    weights = fields["recurrent_weights"]
    if "mask" in fields:
        mask = fields["mask"]
        if mask.shape != (weights.shape[1], weights.shape[1]):
            raise ValueError(
                f"{_SOURCE}: mask has shape {mask.shape}, expected "
                f"{(weights.shape[1], weights.shape[1])}"
            )
        weights = weights * np.tile(mask, (N_GATES[fields["cell"]], 1))
    if "dale_signs" in fields and fields["dale_signs"].shape != (weights.shape[1],):
        raise ValueError(
            f"{_SOURCE}: dale_signs has shape {fields['dale_signs'].shape}, expected ({weights.shape[1]},)"
        )
    if dale != "effective":
        weights = _DALE[dale](weights) * fields["dale_signs"]
    return {**fields, "recurrent_weights": weights}


def _read_probe(probe: Any) -> tuple[Array, Array, Array]:
    found = _read_npz(probe) if isinstance(probe, str | os.PathLike) else probe
    if isinstance(found, tuple | list):
        found = dict(zip(("x", "h", "h_next"), found, strict=False))
    arrays = []
    for name in ("x", "h", "h_next"):
        if not isinstance(found, Mapping) or name not in found:
            raise ValueError(f"{_SOURCE}: the probe has no '{name}', expected x, h and h_next")
        arrays.append(np.asarray(found[name]))
        if arrays[-1].ndim != 2:
            raise ValueError(
                f"{_SOURCE}: the probe's {name} has shape {arrays[-1].shape}, expected a row per step"
            )
    return arrays[0], arrays[1], arrays[2]


def _fields(arrays: Any, cell: Any, given: Fields) -> Fields:
    if isinstance(arrays, str | os.PathLike):
        arrays = _read_npz(arrays)
    if arrays is not None and not isinstance(arrays, Mapping):
        raise TypeError(
            f"{_SOURCE}: found {type(arrays).__name__}, expected a mapping of arrays or the path of "
            "an .npz file"
        )
    found: Fields = dict(arrays or {})
    if "W_rec" in found or "W_in" in found:
        found = _from_psychrnn(found, cell)
    found.update({name: values for name, values in given.items() if values is not None})
    if cell is not None:
        found["cell"] = cell
    fields = _as_arrays(found)
    _check(fields)
    rows, n = fields["recurrent_weights"].shape[0], n_units(fields)
    fields.setdefault("bias", np.zeros(rows))
    if "alpha" in fields and fields["alpha"].ndim == 0:
        fields["alpha"] = np.full(n, fields["alpha"])
    return fields


def from_arrays(
    arrays: Any = None,
    *,
    cell: str | None = None,
    dale: str = "effective",
    readout: Any = None,
    step: Callable[[Array, Array], Any] | None = None,
    probe: Any = None,
    **fields: Any,
) -> Network:
    """A network from arrays under the names of `nullcline.Network`, or from PsychRNN's .npz.

    arrays: a mapping or the path of an .npz file; keywords add to it and win over it. PsychRNN's
    names (W_rec, ...) are read as its cell, leaky-outside with relu; say alpha = dt / tau, which its
    file does not hold, and activation if it had another one. Nothing in the file is unpickled.
    cell: needed otherwise: "leaky" h' = (1-alpha) h + alpha phi(A x + W h + b), "leaky-outside"
    v' = (1-alpha) v + alpha (W phi(v) + A x + b), or another cell of `nullcline.Network`.
    alpha: one value or one per unit. mask: 0/1, applied here. dale_signs: +1/-1 per presynaptic
    unit; dale says what recurrent_weights hold: "effective" weights that obey them, or free ones
    whose "absolute" or "rectified" value is taken before the sign.

    step: your own step f(inputs, states) -> next states on (n, n_inputs) and (n, n_states) arrays,
    which the network has to repeat; probe: steps x, h, h_next as a mapping, a triple or an .npz.
    Without either the network is not verified, and says so in every result.

    readout: a linear layer or a pair (weights (n_outputs, n_units), bias or None).

    @throws TypeError, ValueError naming the array, what was found and what was expected; ValueError
    for a failed replay, with the convention that would fit, if one does.
    """
    held = _constrained(_fields(arrays, cell, fields), dale)
    network_wide = {
        name: held.pop(name)
        for name in ("readout_weights", "readout_bias", "initial_state")
        if name in held
    }
    network_wide.update(read_readout(readout, n_outputs(held)))
    source = f"{_SOURCE}: {held['cell']}"
    if step is not None and probe is not None:
        raise ValueError(f"{_SOURCE}: found both a step and a probe, expected one of them")
    if step is not None:
        if not callable(step):
            raise TypeError(
                f"{_SOURCE}: step: found {type(step).__name__}, expected a function (inputs, states) -> states"
            )
        live = step
        part = Part([held], lambda x, h: _checked_step(live, x, h, n_states(held)), True)
        return network_from([part], None, source, **network_wide)
    if probe is None:
        try:
            return build([held], {}, **network_wide)
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
    x, h, h_next = _read_probe(probe)
    tolerance = 1e-10 if h_next.dtype == np.float64 else 1e-5
    steps = (float64(x), float64(h), float64(h_next))
    return verify([held], {}, steps, tolerance, source, **network_wide)


def _checked_step(step: Callable[[Array, Array], Any], x: Array, h: Array, width: int) -> Array:
    found = step(x.copy(), h.copy())
    if hasattr(found, "detach"):
        found = found.detach().cpu().numpy()
    found = np.asarray(found)
    if found.shape != (len(h), width):
        raise ValueError(f"{_SOURCE}: the step returned shape {found.shape}, expected {(len(h), width)}")
    return found
