# SPDX-License-Identifier: BSD-3-Clause
"""Pictures of results, on the caller's axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._results import Array, axes_or_new

if TYPE_CHECKING:
    from ._continuation import Continuation
    from ._fixed_points import FixedPoints
    from ._linearization import Linearization
    from ._runs import Simulation
    from ._topology import TopologyGraph

_COLORS = ("#2b8a3e", "#f08c00", "#c92a2a", "#862e9c", "#1864ab")  # 0, 1, 2, 3, 4 and more unstable directions
_EVENT_MARKERS = {"fold": "o", "hopf": "s", "branch_point": "D", "flip": "^", "neimark_sacker": "v"}
_MARKERS = {"fixed": "o", "slow": "s", "undecided": "x"}


def _principal_axes(cloud: Array) -> tuple[Array, Array]:
    """Origin and the first two principal directions (rows)."""
    origin = cloud.mean(axis=0)
    directions = np.linalg.svd(cloud - origin, full_matrices=False)[2][:2]
    if len(directions) < 2:
        directions = np.vstack([directions, np.zeros((2 - len(directions), cloud.shape[1]))])
    return origin, directions


def plot_points(points: FixedPoints, ax: Any, options: dict[str, Any]) -> Any:
    ax = axes_or_new(ax)
    arrays = points._contents[0]
    trajectories = arrays["trajectories"][1] if "trajectories" in arrays else np.zeros((0, 1, points.states.shape[1]))
    cloud = trajectories.reshape(-1, points.states.shape[1]) if len(trajectories) else points.states
    if len(cloud) == 0:
        return ax
    origin, directions = _principal_axes(cloud)
    for steps in trajectories:
        x, y = ((steps - origin) @ directions.T).T
        ax.plot(x, y, color="0.8", linewidth=0.5, zorder=0)
    for orbit in points.orbits:
        x, y = ((orbit.points - origin) @ directions.T).T
        if orbit.kind == "periodic":
            ax.plot([*x, x[0]], [*y, y[0]], color="0.3", marker=".", linewidth=1, zorder=1)
        else:
            ax.plot(x, y, color="0.3", linestyle="", marker=".", markersize=2, zorder=1)
    places = (points.states - origin) @ directions.T
    for kind, marker in _MARKERS.items():
        for n in sorted(set(points.n_unstable[points.kind == kind].tolist())):
            mine = (points.kind == kind) & (points.n_unstable == n)
            style = {"color": _COLORS[min(n, len(_COLORS) - 1)], "marker": marker, "label": f"{kind}, {n} unstable"}
            ax.scatter(places[mine, 0], places[mine, 1], **(style | options))
    ax.set_xlabel("PC 1")
    ax.set_ylabel("PC 2")
    if len(points):
        ax.legend()
    return ax


def plot_spectra(points: Linearization, ax: Any, options: dict[str, Any]) -> Any:
    ax = axes_or_new(ax)
    values = points.eigenvalues.ravel()
    if points.attributes.get("time") == "continuous":
        ax.axvline(0, color="0.7", linewidth=0.8, zorder=0)
    else:
        angles = np.linspace(0, 2 * np.pi, 200)
        ax.plot(np.cos(angles), np.sin(angles), color="0.7", linewidth=0.8, zorder=0)
    ax.scatter(values.real, values.imag, **({"s": 9, "color": _COLORS[-1]} | options))
    ax.set(xlabel="Re λ", ylabel="Im λ", aspect="equal")
    return ax


def plot_trials(simulation: Simulation, ax: Any, options: dict[str, Any]) -> Any:
    ax = axes_or_new(ax)
    shown = simulation.states if simulation.outputs is None else simulation.outputs
    steps = np.arange(1, shown.shape[1] + 1)
    for k in range(shown.shape[2]):
        ax.plot(steps, shown[0, :, k], **({"linewidth": 1, "label": str(k)} | options))
    ax.set(xlabel="step", ylabel="state" if simulation.outputs is None else "output")
    return ax


def plot_graph(graph: TopologyGraph, ax: Any, options: dict[str, Any]) -> Any:
    ax = axes_or_new(ax)
    image = ax.imshow(graph.transitions, **({"vmin": 0, "vmax": 1, "cmap": "Greys"} | options))
    ax.set_xticks(range(len(graph) + 1), [*graph.labels.tolist(), "other"], rotation=90)
    ax.set_yticks(range(len(graph)), graph.labels.tolist())
    ax.set_xlabel("to")
    ax.set_ylabel("from")
    ax.figure.colorbar(image, ax=ax, label="share of rollouts")
    return ax


def plot_continuation(result: Continuation, ax: Any, coordinate: int, options: dict[str, Any]) -> Any:
    ax = axes_or_new(ax)
    if not 0 <= coordinate < result.n_states:
        raise ValueError(f"coordinate: found {coordinate}, expected 0 to {result.n_states - 1}")
    named: set[str] = set()

    def label(text: str) -> str | None:
        is_new = text not in named
        named.add(text)
        return text if is_new else None

    for branch in result.branches:
        values = branch.states[:, coordinate]
        breaks = [0, *(np.flatnonzero(np.diff(branch.n_unstable)) + 1).tolist(), len(values)]
        for first, last in zip(breaks, breaks[1:]):
            n = int(branch.n_unstable[first])
            style = {"color": _COLORS[min(n, len(_COLORS) - 1)], "linestyle": "-" if n == 0 else "--"}
            # One point more, so that the pieces meet.
            piece = slice(first, last + 1)
            ax.plot(branch.parameters[piece, 0], values[piece], label=label(f"{n} unstable"), **(style | options))
        for event in branch.events:
            marker = _EVENT_MARKERS.get(event.type, "x")
            ax.plot(event.parameters[0], event.state[coordinate], "k", marker=marker, linestyle="", label=label(event.type))
    ax.set_xlabel(result.parameters[0])
    ax.set_ylabel(f"h[{coordinate}]")
    if named:
        ax.legend()
    return ax
