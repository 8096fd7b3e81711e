# SPDX-License-Identifier: BSD-3-Clause
"""What all results share: arrays with named dimensions, as a file holds them."""

from __future__ import annotations

import html
import os
from typing import Any, ClassVar, TypeAlias

import numpy as np

from . import _core
from ._arguments import path_text

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
#: {name: (dimensions, array, attributes)}, attributes of the whole, {group: attributes}
Contents: TypeAlias = tuple[dict[str, tuple[tuple[str, ...], Array, dict[str, Any]]], dict[str, Any], dict[str, Any]]


def readable(array: Array) -> Array:
    """The same array, not to be written to."""
    array.flags.writeable = False
    return array


class Result:
    """An immutable result. Two are equal if their arrays are; they can be pickled and saved."""

    _contents: Contents
    _hidden: ClassVar[tuple[str, ...]] = ("network/",)
    #: what two equal results may differ in
    _incidental: ClassVar[frozenset[str]] = frozenset({"seconds", "ends_seconds", "visited_states", "trajectories"})

    def __init__(self, contents: Contents) -> None:
        for _, array, _ in contents[0].values():
            readable(array)
        object.__setattr__(self, "_contents", contents)
        object.__setattr__(self, "_cache", {})

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._contents,)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Result):
            return NotImplemented
        mine, theirs = self._contents[0], other._contents[0]
        names = set(mine) - self._incidental
        return names == set(theirs) - self._incidental and all(
            np.array_equal(mine[name][1], theirs[name][1], equal_nan=mine[name][1].dtype.kind == "f") for name in names
        )

    __hash__ = None  # type: ignore[assignment]

    def _array(self, name: str) -> Array:
        return self._contents[0][name][1]

    def _complex(self, name: str) -> Array:
        cache: dict[str, Array] = self._cache  # type: ignore[attr-defined]
        if name not in cache:
            joined = np.empty(self._array(name + "_re").shape, dtype=np.complex128)
            joined.real, joined.imag = self._array(name + "_re"), self._array(name + "_im")
            cache[name] = readable(joined)
        return cache[name]

    @property
    def attributes(self) -> dict[str, Any]:
        """Provenance, configuration and seed, as saved with the result."""
        return dict(self._contents[1])

    @property
    def network(self) -> _core.Network | None:
        """The network that the result speaks of; None for a system that is no network."""
        cache: dict[str, Any] = self._cache  # type: ignore[attr-defined]
        if "network" not in cache:
            cache["network"] = _core.network_of("result", self._contents)
        return cache["network"]  # type: ignore[no-any-return]

    @property
    def verified(self) -> bool:
        """Whether the network is known to mean what the equations say; a system that is no network is."""
        if self.network is not None:
            return self.network.verified
        return str(self._contents[1].get("verified", "yes")) == "yes"

    @property
    def _doubt(self) -> str:
        return "" if self.verified else ", network not verified"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes one NetCDF-compatible HDF5 file, which nullcline.load, the command and
        xarray.open_dataset read. An old file is replaced at the end. Raises FormatError."""
        _core.write_file(path_text("path", path), self._contents)

    def to_xarray(self) -> Any:
        """All arrays as an xarray.Dataset; complex numbers stay pairs `_re`, `_im`, as in files."""
        try:
            import xarray
        except ImportError as error:
            raise ImportError("to_xarray needs xarray: pip install 'nullcline[xarray]'") from error
        arrays, attributes, _ = self._contents
        variables = {
            name: (dimensions, array, extra)
            for name, (dimensions, array, extra) in arrays.items()
            if not name.startswith(self._hidden)
        }
        return xarray.Dataset(variables, attrs=attributes)


def table_html(title: str, head: list[str], rows: list[list[str]], notes: list[str]) -> str:
    """A small table without scripts."""

    def cells(tag: str, values: list[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(value)}</{tag}>" for value in values) + "</tr>"

    body = cells("th", head) + "".join(cells("td", row) for row in rows)
    paragraphs = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    return f"<div><strong>{html.escape(title)}</strong><table>{body}</table>{paragraphs}</div>"


def pandas_module(what: str) -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f"{what} needs pandas: pip install 'nullcline[pandas]'") from error
    return pandas


def axes_or_new(ax: Any) -> Any:
    """The axes to draw on: the caller's, or those of a new figure."""
    if ax is not None:
        if not hasattr(ax, "plot"):
            raise TypeError(f"ax: found {type(ax).__name__}, expected matplotlib's Axes")
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError("plot needs matplotlib: pip install 'nullcline[plot]'") from error
    return plt.subplots()[1]
