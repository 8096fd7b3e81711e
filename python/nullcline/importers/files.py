# SPDX-License-Identifier: BSD-3-Clause
"""Networks from files that frameworks save; none of the frameworks is needed."""

from __future__ import annotations

import os

from nullcline._arguments import path_text, text
from nullcline._core import Network, network_from_file

__all__ = ["from_file"]


def from_file(
    path: str | os.PathLike[str],
    *,
    cell: str | None = None,
    activation: str | None = None,
    reset: str | None = None,
    alpha: float | None = None,
    prefix: str = "",
    readout: str = "",
    probe: str | os.PathLike[str] | None = None,
) -> Network:
    """The recurrent network in a file of weights.

    Read are PyTorch's state dictionaries (.pt, .pth), .safetensors and .npz under PyTorch's names,
    Keras's .keras, .weights.h5 and .h5, PsychRNN's .npz, and .npz under the names of Network's fields.
    The content says what a file is, never its name, and nothing in it is executed.

    Parameters
    ----------
    path : path of the file
    cell, activation, reset, alpha
        What the file does not say about itself, as in Network. What contradicts the file is refused.
    prefix : str
        The recurrent module, where the file holds several: "encoder.gru".
    readout : str
        The linear readout, where it is ambiguous: "fc"; "none" for no readout.
    probe : path, optional
        An .npz of steps `x` (n, n_inputs), `h` and `h_next` (n, n_states) by the framework itself, which the
        network must repeat within 1e-5 (float32) or 1e-10 (float64). Without one the network, and all
        that follows from it, is not verified.

    Raises
    ------
    FormatError
        The file cannot be read, holds no one recurrent network, or its probe is not reproduced; the
        message says which other convention would fit, if one does.
    ValueError
        An option contradicts the file.
    """
    for name, value in (("cell", cell), ("activation", activation), ("reset", reset)):
        if value is not None:
            text(name, value)
    return network_from_file(
        path_text("path", path),
        cell=cell,
        activation=activation,
        reset=reset,
        alpha=alpha,
        prefix=text("prefix", prefix),
        readout=text("readout", readout),
        probe=None if probe is None else path_text("probe", probe),
    )
