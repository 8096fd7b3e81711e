# SPDX-License-Identifier: BSD-3-Clause
"""Echo-state networks whose readout learns online (FORCE)."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from . import _core
from ._progress import Progress, callback
from ._results import Array, axes_or_new, pandas_module
from ._runs import TrainedNetwork


@dataclasses.dataclass(frozen=True)
class PulseFlipFlop:
    """The K-bit flip-flop with wide pulses of Jang (2015): each sets one of the bits to +1 or -1."""

    bits: int = 3
    steps: int = 5000  #: of the test
    pulse_steps: int = 11
    pulses_per_step: float = 0.02

    name = "pulse-flip-flop"


class ForceTraining(TrainedNetwork):
    """An echo-state network that was trained by FORCE, with its test in closed loop. `network` has the feedback
    folded in: the leaky network with W_r + W_fb W_o. Takes the place of a Network in all functions."""

    @property
    def loss(self) -> Array:
        """Mean square error over outputs at each update, before it: (n_updates,)"""
        return self._array("error")

    error = loss

    @property
    def update_steps(self) -> Array:
        """Steps at which the readout learned: (n_updates,)"""
        return self._array("update_steps")

    @property
    def weight_norm(self) -> Array:
        """Frobenius norm of the readout after each update: (n_updates,)"""
        return self._array("weight_norm")

    @property
    def outputs(self) -> Array:
        """Output of each step of training: (n_steps, n_outputs)"""
        return self._array("train_outputs")

    @property
    def readout_snapshots(self) -> Array:
        """W_o at snapshot_steps: (n_snapshots, n_outputs, n_units)"""
        return self._array("readout_snapshots")

    @property
    def snapshot_steps(self) -> Array:
        """(n_snapshots,)"""
        return self._array("snapshot_steps")

    @property
    def test_inputs(self) -> Array:
        """(n_steps, n_inputs)"""
        return self._array("test_inputs")

    @property
    def test_outputs(self) -> Array:
        """Of the closed loop: (n_steps, n_outputs)"""
        return self._array("test_outputs")

    @property
    def test_targets(self) -> Array:
        """(n_steps, n_outputs)"""
        return self._array("test_targets")

    @property
    def test_error(self) -> float:
        """Mean square error of the closed loop over steps and outputs; NaN without a test."""
        return float(self._contents[1].get("test_error", np.nan))

    @property
    def test_accuracy(self) -> float:
        """Share of outputs with the right sign."""
        return float(self._contents[1].get("test_accuracy", np.nan))

    @property
    def termination(self) -> str:
        """"max_iterations", "diverged" (after `steps` steps) or "interrupted\""""
        return str(self._contents[1]["termination"])

    @property
    def steps(self) -> int:
        """Steps that were done; of a run that diverged, the step at which it did."""
        return len(self.outputs)

    def __repr__(self) -> str:
        return (
            f"<nullcline.ForceTraining: {self.readout_snapshots.shape[2] if 'readout_snapshots' in self._contents[0] else '?'} "
            f"units on {self.task}, {self.steps} steps, {self.termination}, test error {self.test_error:.3g}>"
        )

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per update."""
        columns = {"step": self.update_steps, "error": self.error, "weight_norm": self.weight_norm}
        return pandas_module("to_pandas").DataFrame(columns)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws the error by step. Returns the matplotlib Axes; `options` go to Axes.plot."""
        ax = axes_or_new(ax)
        ax.plot(self.update_steps, self.error, **({"linewidth": 0.5} | options))
        ax.set(xlabel="step", ylabel="square error", yscale="log")
        return ax


def train_force(
    task: PulseFlipFlop | str = "pulse-flip-flop",
    *,
    transfer_from: ForceTraining | None = None,
    progress: Progress = False,
    **options: Any,
) -> ForceTraining:
    """Trains the readout of an echo-state network online, by recursive least squares, while its output is fed
    back; then tests the closed loop on a fresh stream.

    Parameters
    ----------
    task : PulseFlipFlop or str
        A name stands for the task with its defaults.
    transfer_from : ForceTraining, optional
        Begin with its weights: new channels get uniform columns of feedback and input weights and a zero row of
        the readout. Units, activation and tau are those of that network.
    progress : bool or callable
        As in find_fixed_points.
    **options
        As `nullcline force --help` names them, with underscores: units=1000, gain=1.5, train_steps=30000,
        order="jang", regularization=1.0, forgetting=1.0, snapshot_every=50, seed=0, ...; force_options() gives
        all of them with their defaults.

    Raises
    ------
    ValueError
        An unknown option, or one out of range; a transfer to fewer channels.

    Notes
    -----
    Outputs or states that are not finite, or beyond 1e6, end the run: termination "diverged".

    References
    ----------
    Jaeger & Haas (2004); Sussillo & Abbott (2009); Jang (2015).
    """
    if not isinstance(task, (str, PulseFlipFlop)):
        raise TypeError(f"task: found {type(task).__name__}, expected PulseFlipFlop or the name of a task")
    if transfer_from is not None and not isinstance(transfer_from, ForceTraining):
        raise TypeError(f"transfer_from: found {type(transfer_from).__name__}, expected a ForceTraining")
    name = task if isinstance(task, str) else task.name
    task_options = {} if isinstance(task, str) else dataclasses.asdict(task)
    begun = None if transfer_from is None else transfer_from._contents
    with callback(progress, "training") as told:
        return ForceTraining(_core.train_force(name, task_options, options, begun, told))


def force_options() -> dict[str, Any]:
    """Every option of `train_force` with its default."""
    return dict(_core.force_options())
