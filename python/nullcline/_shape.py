# SPDX-License-Identifier: BSD-3-Clause
"""What a cloud of states looks like: dimensions, corners, distances."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from . import _core
from ._fixed_points import FixedPoints
from ._results import Array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class PairDistances(NamedTuple):
    """Distances between the states whose readouts differ in the sign of so many channels."""

    n_differing: int
    n_pairs: int
    least: float
    mean: float
    largest: float


@dataclasses.dataclass(frozen=True, eq=False)
class Shape:
    """The shape of a cloud of states under a readout of K channels.

    A channel is decided where its readout is beyond half of its level. On a cube the corners have K decided
    channels, the middles of edges K - 1, the center 0; what lies on K perpendicular axes has 1.
    """

    n_states: int
    explained_variance: Array  #: by up to three principal components
    level: Array  #: largest |readout| of each channel, or as given: (n_channels,)
    decided: list[int]  #: how many states have 0, 1, ..., K decided channels
    n_corners: int  #: different sign patterns of the states with all K decided
    #: One entry for each number of channels that occurs, rising. Corners of a cube of edge a that differ in k
    #: channels are a sqrt(k) apart.
    distances: list[PairDistances]
    #: What part each channel has in each principal component, rows that sum to 1: (n_components, n_channels).
    #: A component of one channel alone has a 1; one along the diagonal of k channels has 1/k of each, so that a
    #: cuboid leaves one channel out of a picture, and a hexagonal prism the diagonal of three.
    channel_shares: Array


def shape(states: FixedPoints | ArrayLike, readouts: ArrayLike | None = None, *, level: ArrayLike | None = None) -> Shape:
    """Describes a cloud of states, such as the stable fixed points of a network.

    Parameters
    ----------
    states : FixedPoints or (n, n_states)
        FixedPoints bring their readouts; a part of them is `shape(points.states[mask], points.readouts[mask])`.
    readouts : (n, n_channels), optional
        Without them there are no channels: no level, corner or share.
    level : (n_channels,), optional
        Takes the place of the cloud's own.

    Raises
    ------
    ValueError
        Sizes that do not fit, values that are not finite, readouts beside FixedPoints.
    """
    if isinstance(states, FixedPoints):
        if readouts is not None:
            raise _core.InvalidInput("readouts: found an array beside FixedPoints, expected None, since they have their own")
        states, readouts = states.states, states.readouts
    found = _core.shape(states, readouts, level)
    return Shape(**{**found, "distances": [PairDistances(*group) for group in found["distances"]]})
