# SPDX-License-Identifier: BSD-3-Clause
"""Portraits on matplotlib's axes, in the colors of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._results import axes_or_new

if TYPE_CHECKING:
    from ._portrait import Portrait

_NULLCLINES = ("#d97706", "#c03a8a")
_PATH, _STABLE, _UNSTABLE, _INK = "#5b3f99", "#0072b2", "#00745a", "#1a1e23"
_BASINS = ("#cfe3f5", "#fde3c0", "#d5ecd9", "#f5d5e6", "#e6dcf5", "#f7f0b8", "#d9d9d9", "#c7ecec", "#f3cfc4", "#dfe8c0")
_ARROWS = 23
_MARKERS = {"stable": ("o", _INK), "unstable": ("o", "white"), "saddle": ("D", "0.45"), "degenerate": ("s", "white")}


def _scene_axes(ax: Any) -> Any:
    if ax is not None:
        if not hasattr(ax, "plot3D"):
            raise TypeError("ax: found flat axes, expected matplotlib's 3-D axes for three states")
        return ax
    plain = axes_or_new(None)
    figure = plain.figure
    plain.remove()
    return figure.add_subplot(projection="3d")


def _speed(portrait: Portrait, ax: Any) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colors = LinearSegmentedColormap.from_list("speed", ["#a9bdd4", "#ffffff"])
    lowest = max(np.quantile(portrait.log_speed, 0.01), portrait.log_speed.max() - 8)
    x, y = portrait._array("x"), portrait._array("y")
    mesh = ax.pcolormesh(x, y, portrait.log_speed, cmap=colors, vmin=lowest, shading="gouraud", rasterized=True, zorder=0)
    ax.figure.colorbar(mesh, ax=ax, label="log10 speed", shrink=0.6)


def _basins(portrait: Portrait, ax: Any) -> None:
    from matplotlib.colors import ListedColormap

    n = max(1, len(portrait.attractors))
    colors = ListedColormap(["#8d939b", "#ffffff", *(_BASINS[i % len(_BASINS)] for i in range(n))])
    x, y = portrait._array("x"), portrait._array("y")
    ax.pcolormesh(x, y, portrait.basins, cmap=colors, vmin=-2.5, vmax=n - 0.5, shading="nearest", rasterized=True, zorder=0)


def _arrows(portrait: Portrait, ax: Any) -> None:
    x, y = portrait._array("x"), portrait._array("y")
    step = max(1, round(len(x) / _ARROWS))
    pick = np.arange((len(x) - 1) % step // 2, len(x), step)
    wide, high = portrait.box[1] - portrait.box[0]
    u = portrait._array("rate_x")[np.ix_(pick, pick)] / wide
    v = portrait._array("rate_y")[np.ix_(pick, pick)] / high
    size = np.maximum(np.hypot(u, v), 1e-300)
    ax.quiver(
        x[pick], y[pick], u / size * wide, v / size * high, color="0.45", angles="xy", scale_units="xy", pivot="mid",
        scale=len(x) / step / 0.62, width=0.0016, headwidth=5, headlength=5, headaxislength=4.5, zorder=1,
    )  # fmt: skip


def _curves(portrait: Portrait, ax: Any, options: dict[str, Any]) -> None:
    for curve in portrait.trajectories:
        color, width = (_INK, 1.6) if curve.chosen else (_PATH, 0.8)
        style = {"color": color, "linewidth": width, "linestyle": "-" if curve.sense > 0 else ":"}
        ax.plot(*curve.states.T, **(style | options))
    for curve in portrait.nullclines:
        ax.plot(*curve.states.T, color=_NULLCLINES[curve.owner], linewidth=1.6)
    for curve in portrait.manifolds:
        color, line = (_STABLE, "-") if curve.stable else (_UNSTABLE, "--")
        ax.plot(*curve.states.T, color=color, linewidth=1.3, linestyle=line)
    cycles = portrait.cycles
    if cycles is not None:
        for i in range(len(cycles)):
            ax.plot(*cycles.states(i)[1].T, color=_INK, linewidth=2.4, linestyle="-" if cycles.stable[i] else "--")
    if "orbit_points" in portrait._contents[0]:
        ax.plot(*portrait._array("orbit_points").T, color=_INK, linestyle="", marker=".", markersize=3)


def _line(portrait: Portrait, ax: Any) -> None:
    h, rate = portrait._array("line_state"), portrait._array("line_rate")
    ax.plot(h, rate, color=_NULLCLINES[0], linewidth=1.6)
    ax.axhline(0, color=_INK, linewidth=1)
    for share in np.arange(0.05, 1, 0.1):
        i = int(share * (len(h) - 1))
        if rate[i] != 0:
            ax.plot(h[i], 0, color=_PATH, marker=">" if rate[i] > 0 else "<", markersize=7)
    name = portrait.state_names[0]
    ax.set(xlabel=name, ylabel=f"d{name}/dt" if portrait.time == "continuous" else f"F({name}) - {name}")


def _points(portrait: Portrait, ax: Any) -> None:
    points = portrait.points
    for stability, (marker, face) in _MARKERS.items():
        mine = (points.stability == stability) & (points.kind != "slow")
        if not mine.any():
            continue
        places = list(points.states[mine].T)
        if len(places) == 1:
            places.append(np.zeros_like(places[0]))
        ax.plot(*places, linestyle="", marker=marker, markerfacecolor=face, markeredgecolor=_INK, markersize=7, zorder=5)


def draw(portrait: Portrait, ax: Any, background: str, options: dict[str, Any]) -> Any:
    if background not in ("speed", "basins", "none"):
        raise ValueError(f"background: found {background!r}, expected speed | basins | none")
    n = len(portrait.state_names)
    ax = _scene_axes(ax) if n == 3 else axes_or_new(ax)
    names = portrait.state_names
    if n == 1:
        _line(portrait, ax)
        _points(portrait, ax)
        return ax
    if n == 2:
        if background == "basins" and "basins" not in portrait._contents[0]:
            raise ValueError("background: found 'basins', which were not computed (basins=True), expected speed | none")
        if background != "none":
            (_speed if background == "speed" else _basins)(portrait, ax)
        _arrows(portrait, ax)
    _curves(portrait, ax, options)
    _points(portrait, ax)
    lower, upper = portrait.box
    ax.set(xlim=(lower[0], upper[0]), ylim=(lower[1], upper[1]), xlabel=names[0], ylabel=names[1])
    if n == 3:
        ax.set(zlim=(lower[2], upper[2]), zlabel=names[2])
    return ax
