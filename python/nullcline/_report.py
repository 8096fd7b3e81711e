# SPDX-License-Identifier: BSD-3-Clause
"""One offline page about a system."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import _core
from ._arguments import path_text
from ._fixed_points import FixedPoints
from ._runs import TrainedNetwork
from ._systems import Subject, resolve
from ._topology import TopologyGraph

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def report(
    path: str | os.PathLike[str],
    system: Subject,
    points: FixedPoints,
    graph: TopologyGraph | Sequence[TopologyGraph] | None = None,
    *,
    trajectories: ArrayLike | None = None,
    title: str | None = None,
    axes: str = "pca",
    mode_point: int = -1,
) -> None:
    """Writes one self-contained HTML page, under 3 MB: points, audit, spectra, graph, trajectories.

    Parameters
    ----------
    path : str or path
        An old file is replaced at the end.
    system : Network, TrainedNetwork or System
        A TrainedNetwork adds its learning curves.
    points : FixedPoints
        Of this system.
    graph : TopologyGraph, optional
        Of these points; one per input, in a list, where there are several.
    trajectories : (n_steps, n_states) or (n_trials, n_steps, n_states) float64, optional
        What pictures show; those that the search kept if absent. At most 16 trials of 200 steps.
    title : str, optional
    axes : {"pca", "readout", "inputs", "modes"}
        Axes shown first; the page offers the others.
    mode_point : int
        The point whose modes are axes; -1: the one with most unstable directions.

    Raises
    ------
    ValueError
        The parts do not belong together, or shapes do not fit.
    FormatError
        The file cannot be written.
    """
    if not isinstance(points, FixedPoints):
        raise ValueError(f"points: found {type(points).__name__}, expected FixedPoints")
    subject = resolve(system, "system")
    if points.states.shape[1] != subject.system.n_states and len(points):
        raise ValueError(
            f"points: found states of shape {points.states.shape}, expected (n, {subject.system.n_states}) as of the system"
        )
    if subject.network is not None:
        fingerprint = points._contents[1].get("network_fingerprint")
        if fingerprint is not None and fingerprint != _core.network_fingerprint(subject.network):
            raise ValueError("points: found points of another network than this one")
    if trajectories is not None and not np.isfinite(np.asarray(trajectories, dtype=np.float64)).all():
        raise ValueError("trajectories: found a value that is not finite")
    graphs = [] if graph is None else [graph] if isinstance(graph, TopologyGraph) else list(graph)
    if graphs and len(graphs) != len(points.inputs):
        raise ValueError(f"graph: found {len(graphs)} graphs, expected {len(points.inputs)} (one per input)")
    _core.write_report(
        path_text("path", path),
        subject.system,
        subject.network,
        points._contents,
        [one._contents for one in graphs],
        system._contents if isinstance(system, TrainedNetwork) else None,
        trajectories,
        title or "Fixed points",
        axes,
        mode_point,
    )
