# SPDX-License-Identifier: BSD-3-Clause
"""Tasks: what networks are trained on."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

from . import _core
from ._arguments import path_text
from ._results import Array

#: (lower, upper) of each coordinate
Box: TypeAlias = "Sequence[Sequence[float]]"


def _text(value: Any) -> Any:
    """Lists as the command line writes them: "1,2", "0,1;2,3"; all else as it is."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        return value
    rows = [",".join(map(str, row)) if isinstance(row, Sequence) else None for row in value]
    return ";".join(row for row in rows if row is not None) if None not in rows else ",".join(map(str, value))


@dataclasses.dataclass(frozen=True)
class Task:
    """What all tasks have; the fields of each are its options."""

    name: ClassVar[str] = ""

    def options(self) -> dict[str, Any]:
        """The fields, with those left at None standing for the task's own default."""
        return {key: _text(value) for key, value in dataclasses.asdict(self).items()}

    def trials(self, n_trials: int, seed: int = 0) -> tuple[Array, Array, Array]:
        """Inputs, targets and mask (1 where the target counts), each (n_trials, steps, channels)."""
        return _core.trials(self.name, self.options(), n_trials, seed, False)  # type: ignore[return-value]

    def probe(self, n_trials: int, seed: int = 0) -> tuple[Array, Array, Array]:
        """The trials in which networks are compared, as `trials`: commands, and means of the relevant stream, are evenly spaced."""
        return _core.trials(self.name, self.options(), n_trials, seed, True)  # type: ignore[return-value]


@dataclasses.dataclass(frozen=True)
class FlipFlop(Task):
    """The K-bit flip-flop: hold the last pulse of each of K channels.

    u[k, t] is +-1 with `pulse_probability`, 0 otherwise; the target y[k, t] is the last u[k, s] != 0,
    s <= t. Sussillo & Barak (2013); Maheswaranathan et al. (2019), section 3.1.
    """

    bits: int = 3
    steps: int = 100
    pulse_probability: float = 0.05
    start: str = "pulse"  #: "pulse": every channel at the first step; "zero": target 0 before the first pulse

    name = "flip-flop"


@dataclasses.dataclass(frozen=True)
class Sine(Task):
    """The frequency-cued sine wave: y[t] = sin(2 pi omega t), t = 0, 1, ..., for a held command x ~ U(0, 1).

    omega = lowest_frequency + (highest_frequency - lowest_frequency) x, in cycles per step.
    Maheswaranathan et al. (2019), section 3.2.
    """

    steps: int = 500
    lowest_frequency: float = 0.01
    highest_frequency: float = 0.05

    name = "sine"


@dataclasses.dataclass(frozen=True)
class ContextIntegration(Task):
    """The sum so far of the one of K noisy streams that a one-hot context names.

    Inputs are [n_1 ... n_K, c_1 ... c_K], n[k, t] ~ N(mu_k, noise^2) with mu_k ~ U(-mean_range, mean_range)
    per trial and stream. Maheswaranathan et al. (2019), section 3.3; Mante et al. (2013).
    """

    streams: int = 2
    steps: int = 30
    mean_range: float = 1.0
    noise: float = 1.0

    name = "context-integration"


@dataclasses.dataclass(frozen=True)
class Integration(Task):
    """The sign of the sum of white noise so far, in each channel. Cheng, Schmid & Lange (2021).

    With a discount below 1 the sum is sum_t discount^t n_t as the paper prints it (`reading`
    "printed": the first inputs weigh most), or sum_t discount^(T-t) n_t ("leaky").
    """

    channels: int = 1
    steps: int = 50
    discount: float = 1.0
    reading: str = "printed"  #: or "leaky"

    name = "integration"


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Rollout(Task):
    trajectories: int | None = None  #: of the training set
    steps: int | None = None  #: observations that are predicted
    interval: float | None = None  #: time between two of them (of a map: steps)
    substeps: int | None = None  #: integration steps per interval
    start_box: Box | None = None  #: (low, high) of each coordinate
    observation_noise: float | None = None  #: standard deviation
    process_noise: float | None = None  #: per square root of time
    input_mean: Sequence[float] | None = None  #: of the input that a trajectory holds
    input_noise: Sequence[float] | None = None  #: its standard deviation over trajectories


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trajectories(_Rollout):
    """Predict `steps` observations of a model file's system from the first one, without further input.

    The network gets w(0) at step 1 and zeros afterwards; the target of step k is w(k).
    What is None stands as in `nullcline train trajectories --help`.
    """

    model: str | os.PathLike[str] = ""

    name = "trajectories"

    def options(self) -> dict[str, Any]:
        return super().options() | {"model": path_text("model", self.model)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class FitzHughNagumo(_Rollout):
    """Trajectories of x' = x - x^3/3 - y + I, 12.5 y' = x + 0.7 - 0.8 y with I ~ N(0.7, 0.2^2).

    Jordan, Sokol & Park (2021), section 5.1.
    """

    name = "fitzhugh-nagumo"


@dataclasses.dataclass(frozen=True, kw_only=True)
class LineAttractor(_Rollout):
    """Trajectories of x' = -x, y' = 0, seen through noise of variance 0.1. Jordan et al. (2021), section 5.2."""

    name = "line-attractor"


@dataclasses.dataclass(frozen=True, kw_only=True)
class RingAttractor(_Rollout):
    """Trajectories of x' = -(r^2 - 1) x, y' = -(r^2 - 1) y, seen through noise of variance 0.1.

    Jordan et al. (2021), section 5.3.
    """

    name = "ring-attractor"
