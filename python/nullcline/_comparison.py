# SPDX-License-Identifier: BSD-3-Clause
"""How alike networks are: in what their units do, or in what they compute."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from . import _core
from ._arguments import integer
from ._progress import Progress, callback
from ._results import Array
from ._runs import Simulation, simulate
from ._state_machine import StateMachine
from ._systems import resolve
from ._topology import TopologyGraph

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Separation(NamedTuple):
    """How far networks of one label are from those of others; see `separation`."""

    statistic: float
    """ANOSIM R, -1 to 1"""
    p_value: float
    """(1 + permutations with at least this R) / (1 + all permutations)"""
    groups: list[str]
    """The labels, sorted"""
    sizes: list[int]
    """Networks of each"""


def _samples(network: Any, inputs: ArrayLike | None, i: int) -> Any:
    if isinstance(network, Simulation):
        return network.states
    if isinstance(network, _core.Network) or getattr(network, "network", None) is not None:
        if inputs is None:
            raise _core.InvalidInput(
                f"inputs: found None, expected trials (n_trials, n_steps, n_inputs), as networks[{i}] is a network"
            )
        states = simulate(network, inputs).states
        found = resolve(network, "networks").network
        assert found is not None
        return states[:, :, : found.n_units] if found.cell == "lstm" and found.n_layers == 1 else states
    return network


@overload
def compare(networks: Sequence[Any], /, **options: Any) -> Array: ...
@overload
def compare(network: Any, other: Any, /, **options: Any) -> float: ...


def compare(
    networks: Any,
    other: Any = None,
    /,
    *,
    measure: str | None = None,
    inputs: ArrayLike | None = None,
    threshold: float = 0.95,
    bandwidth: float = 0.5,
    alpha: float = 1.0,
    n_delays: int = 3,
    delay: int = 1,
    rank: int = 6,
    ridge: float = 0.0,
    edge_weight: float = 0.5,
    n_starts: int = 32,
    seed: int = 0,
    progress: Progress = False,
) -> Any:
    """Distances between networks: of two, `compare(a, b)`, a number; of a list, `compare([a, b, c])`, all pairs.

    X and Y are matrices of samples by units, centered, whose rows are the same moments of the same trials; numbers of
    units may differ. With the canonical correlations rho_i of their leading directions, svcca is 1 - mean rho_i; linear_cka
    is 1 - |X^T Y|^2 / (|X^T X| |Y^T Y|); shape is arccos of the nuclear norm of X^T Y / (|X| |Y|). dsa compares
    linear operators A, B fitted to the trials: arccos max_C tr(A^T C B C^T) over rotations and reflections C.

    Parameters
    ----------
    networks, other
        Each an array of samples (n, n_units) or (n_trials, n_steps, n_units), a Simulation, a Network or TrainedNetwork
        (with `inputs`), a TopologyGraph or a StateMachine; all of one kind.
    measure : str, optional
        Of samples: "svcca" (the default), "cca", "pwcca", "linear_cka", "unbiased_cka", "rbf_cka", "shape", "rsa", "dsa",
        "dsa_wasserstein". Of graphs: "fused_gromov_wasserstein" (the default), "graph_frobenius", which needs as many
        points in all. Of state machines: "automaton", the share of (stable state, pulse) pairs that lead to different states.
    inputs : (n_trials, n_steps, n_inputs) float64, optional
        Trials that all networks are given.
    threshold : float
        svcca: share of the variance that is kept.
    bandwidth : float
        rbf_cka: width, as a share of the median distance.
    alpha : float
        shape: 1 rotations only, 0 all linear maps.
    n_delays, delay, rank, ridge
        dsa: states in one delayed state, steps between them, leading directions of these, penalty of the fit.
    edge_weight : float
        fused_gromov_wasserstein: 0 features of the points alone, 1 transitions alone.
    n_starts, seed
        dsa, fused_gromov_wasserstein: starts of the search for the best match, and their seed.
    progress : bool or callable
        As in find_fixed_points.

    Returns
    -------
    float, or (n, n) float64
        Distances; 0 on the diagonal. NaN where a network without variance makes the measure undefined.

    Warns
    -----
    UserWarning
        There are fewer than ten samples for each unit: unrelated networks are then found alike.

    Raises
    ------
    ValueError
        Kinds, shapes or numbers of samples do not fit, or an option is out of range.

    References
    ----------
    Raghu et al. (2017); Morcos et al. (2018); Kornblith et al. (2019); Williams et al. (2021); Ostrow et al. (2023);
    Vayer et al. (2019); Maheswaranathan et al. (2019).
    """
    items = list(networks) if other is None else [networks, other]
    if len(items) < 2:
        raise _core.InvalidInput(f"networks: found {len(items)}, expected two or more")
    options = dict(
        measure=measure,
        threshold=threshold,
        bandwidth=bandwidth,
        alpha=alpha,
        n_delays=n_delays,
        delay=delay,
        rank=rank,
        ridge=ridge,
        edge_weight=edge_weight,
        n_starts=n_starts,
    )
    kinds = {kind for kind in (TopologyGraph, StateMachine) for item in items if isinstance(item, kind)}
    if kinds and not all(isinstance(item, tuple(kinds)) for item in items) or len(kinds) > 1:
        raise _core.InvalidInput("networks: found graphs or state machines beside something else, expected one kind")
    seed = integer("seed", seed, 0, 2**64 - 1)
    with callback(progress, "comparing") as told:
        if TopologyGraph in kinds:
            options["measure"] = measure or "fused_gromov_wasserstein"
            distances = _core.compare_graphs([item._contents for item in items], options, seed, told)
        elif StateMachine in kinds:
            if measure not in (None, "automaton"):
                raise _core.InvalidInput(f"measure: found {measure!r}, expected 'automaton' for state machines")
            distances = _core.compare_machines([item._contents for item in items])
        else:
            samples = [_samples(item, inputs, i) for i, item in enumerate(items)]
            distances, doubt = _core.compare_activities(samples, options, seed, told)
            if doubt:
                warnings.warn(doubt, stacklevel=2)
    return distances if other is None else float(distances[1, 0])


def sampling_noise(
    graph: TopologyGraph, other: TopologyGraph, *, measure: str = "graph_frobenius", edge_weight: float = 0.5
) -> float:
    """What `compare` is expected to give for graphs of two equal networks, as their rollouts are drawn at random.

    The root mean square of |A - B| is the square root of sum_i (1 - sum_j p_ij^2) / n_i over the rows of both, n_i being the
    rollouts of row i. Of "fused_gromov_wasserstein" it is an upper bound.
    """
    return _core.sampling_noise(graph._contents, other._contents, dict(measure=measure, edge_weight=edge_weight))


def embed(
    distances: ArrayLike, *, n_dimensions: int = 2, method: str = "smacof", reference: ArrayLike | None = None
) -> Array:
    """Points whose distances are those of a matrix, as far as that can be.

    Parameters
    ----------
    distances : (n, n) float64
        Symmetric, with a zero diagonal.
    n_dimensions : int
    method : {"smacof", "classical"}
        Majorization of the stress 1/2 sum_ij (|x_i - x_j| - D_ij)^2 from classical scaling, or this alone: the leading
        eigenpairs of -1/2 J D^2 J, with J = I - 1/n.
    reference : (n, n_dimensions) float64, optional
        Points that the result is rotated, reflected and moved to, to lie as near as possible.

    Returns
    -------
    (n, n_dimensions) float64

    Raises
    ------
    ValueError
        The matrix is not one of distances, or shapes do not fit.

    References
    ----------
    Torgerson (1952); Borg & Groenen (2005), chapter 8.
    """
    if method not in ("smacof", "classical"):
        raise _core.InvalidInput(f"method: found {method!r}, expected 'smacof' or 'classical'")
    n_dimensions = integer("n_dimensions", n_dimensions, 1, 2**31 - 1)
    points: Array = _core.embed(distances, n_dimensions, method == "smacof", reference)[0]
    return points


def separation(distances: ArrayLike, labels: Sequence[Any], *, n_permutations: int = 999, seed: int = 0) -> Separation:
    """How far networks of one label are from those of others: analysis of similarities (ANOSIM).

    R = (r_between - r_within) / (M / 2), with r the mean rank of the distances between and within the groups of one label,
    of all M = n (n - 1) / 2 distances. 1: every two networks of one label are nearer than any two of different ones; 0: the
    labels say nothing. Ranks allow to hold R of different measures against each other.

    Parameters
    ----------
    distances : (n, n) float64
    labels : sequence of n values
        Compared as text.
    n_permutations, seed : int
        Random permutations of the labels; the same for any number of threads.

    Raises
    ------
    ValueError
        Sizes do not fit, a distance is no number, or there are not two groups, one with two networks.

    References
    ----------
    Clarke (1993).
    """
    texts = [str(label) for label in labels]
    n_permutations = integer("n_permutations", n_permutations, 1, 10**7)
    values = _core.separation(distances, texts, n_permutations, integer("seed", seed, 0, 2**64 - 1))
    return Separation(*values)
