# SPDX-License-Identifier: BSD-3-Clause
"""Simulation and training."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._arguments import path_text
from ._progress import Progress, callback
from ._results import Array, Result, axes_or_new, pandas_module, table_html
from ._systems import Subject, resolve
from ._tasks import Task

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


_MAX_HTML_ROWS = 20


class Simulation(Result):
    """States that a map goes through under inputs; arrays are trials x steps x values."""

    @property
    def inputs(self) -> Array:
        """(n_trials, n_steps, n_inputs) float64"""
        return self._array("inputs")

    @property
    def states(self) -> Array:
        """After each step: (n_trials, n_steps, n_states) float64"""
        return self._array("states")

    @property
    def outputs(self) -> Array | None:
        """Readout of each state: (n_trials, n_steps, n_outputs), or None without a readout"""
        return self._array("outputs") if "outputs" in self._contents[0] else None

    def __len__(self) -> int:
        return len(self.states)

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per trial and step; states and outputs as columns state_0, ..."""
        trials, steps, _ = self.states.shape
        columns: dict[str, Any] = {"trial": np.repeat(np.arange(trials), steps), "step": np.tile(np.arange(1, steps + 1), trials)}
        for name, block in (("input", self.inputs), ("state", self.states), ("output", self.outputs)):
            if block is not None:
                columns.update({f"{name}_{k}": block[:, :, k].ravel() for k in range(block.shape[2])})
        return pandas_module("to_pandas").DataFrame(columns)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws the outputs of the first trial by step; without a readout its states. Returns the
        matplotlib Axes; `options` go to Axes.plot."""
        from ._plots import plot_trials

        return plot_trials(self, ax, options)

    def _repr_html_(self) -> str:
        return table_html(repr(self).strip("<>"), [], [], [])

    def __repr__(self) -> str:
        trials, steps, n_states = self.states.shape
        return f"<nullcline.Simulation: {trials} trials of {steps} steps, {n_states} states{self._doubt}>"


class TrainedNetwork(Result):
    """A network that was trained here, and how. Takes the place of a Network in all functions."""

    @property
    def loss(self) -> Array:
        """Training loss of each iteration, penalty included: (n_iterations,)"""
        return self._array("loss")

    @property
    def validation_iterations(self) -> Array:
        """Iterations done at each validation: (n_validations,) int64"""
        return self._array("validation_iterations")

    @property
    def validation_loss(self) -> Array:
        """On held-out trials, without the penalty: (n_validations,)"""
        return self._array("validation_loss")

    @property
    def validation_accuracy(self) -> Array:
        """Share of correct outputs on held-out trials: (n_validations,)"""
        return self._array("validation_accuracy")

    @property
    def termination(self) -> str:
        """"max_iterations", "converged" (stop_loss or patience), "diverged" or "interrupted\""""
        return str(self._contents[1]["termination"])

    @property
    def task(self) -> str:
        """Name of the task: "flip-flop\""""
        return str(self._contents[1]["task"])

    @property
    def seconds(self) -> float:
        """Time that the training took."""
        return float(self._contents[1]["training_seconds"])

    def __repr__(self) -> str:
        accuracy = f", accuracy {100 * self.validation_accuracy[-1]:.2f} %" if len(self.validation_accuracy) else ""
        cell = self.network.cell if self.network else "?"
        return f"<nullcline.TrainedNetwork: {cell} on {self.task}, {len(self.loss)} iterations, {self.termination}{accuracy}>"

    def _repr_html_(self) -> str:
        rows = [
            [str(i), f"{loss:.4g}", f"{100 * accuracy:.2f} %"]
            for i, loss, accuracy in zip(self.validation_iterations, self.validation_loss, self.validation_accuracy, strict=True)
        ][-_MAX_HTML_ROWS:]
        return table_html(repr(self).strip("<>"), ["iteration", "validation loss", "accuracy"], rows, [])

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per validation."""
        names = ("validation_iterations", "validation_loss", "validation_accuracy")
        return pandas_module("to_pandas").DataFrame({name: self._array(name) for name in names})

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draws the losses by iteration. Returns the matplotlib Axes; `options` go to Axes.plot."""
        ax = axes_or_new(ax)
        ax.plot(range(1, len(self.loss) + 1), self.loss, **({"label": "training", "linewidth": 0.7} | options))
        ax.plot(self.validation_iterations, self.validation_loss, "o-", label="validation")
        ax.set(xlabel="iteration", ylabel="loss", yscale="log")
        ax.legend()
        return ax


def simulate(system: Subject, inputs: ArrayLike, initial_states: ArrayLike | None = None) -> Simulation:
    """Runs a map on inputs that vary in time: h[t] = F(h[t-1], x[t]).

    Parameters
    ----------
    system : Network, TrainedNetwork or System
    inputs : (n_steps, n_inputs) or (n_trials, n_steps, n_inputs) float64
    initial_states : (n_states,) or (n_trials, n_states) float64, optional
        The network's initial state if absent; zeros for a System.

    Raises
    ------
    ValueError
        The system is a flow, or shapes do not fit; the message names both.
    """
    subject = resolve(system, "system")
    return Simulation(_core.simulate(subject.system, subject.network, inputs, initial_states))


def train(
    task: Task | str, *, checkpoint: str | os.PathLike[str] | None = None, progress: Progress = False, **options: Any
) -> TrainedNetwork:
    """Trains a network on a task by back-propagation through time.

    Every iteration has fresh trials; tasks that predict trajectories have a fixed set of them.

    Parameters
    ----------
    task : FlipFlop, Integration, Trajectories, FitzHughNagumo, LineAttractor, RingAttractor or str
        A name stands for the task with its defaults.
    checkpoint : path, optional
        Written every checkpoint_every iterations and when the training is stopped, by Ctrl-C too; the
        same call continues from it, bit for bit, and removes it once the training is done.
    progress : bool or callable
        As in find_fixed_points; a function that returns False ends the training ("interrupted").
    **options
        As `nullcline train --help` names them, with underscores: cell="gru", units=64,
        activation="tanh", iterations=3000, batch=64, learning_rate=1e-2, seed=0, ...;
        train_options() gives all of them with their defaults.

    Raises
    ------
    ValueError
        An unknown option, or one out of range; a checkpoint of another task or of other options.

    Notes
    -----
    The same seed gives the same network, for any number of threads. A loss that is not finite ends
    the run with termination "diverged" and the last finite weights.
    """
    if not isinstance(task, (str, Task)):
        raise TypeError(f"task: found {type(task).__name__}, expected a task or the name of one")
    name = task if isinstance(task, str) else task.name
    task_options = {} if isinstance(task, str) else task.options()
    with callback(progress, "training") as told:
        path = None if checkpoint is None else _checkpoint_path(checkpoint)
        return TrainedNetwork(_core.train(name, task_options, options, path, told))


def _checkpoint_path(checkpoint: str | os.PathLike[str]) -> str:
    """Refused before any work is done, and not when the first checkpoint is due."""
    path = path_text("checkpoint", checkpoint)
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise _core.InvalidInput(f"checkpoint: '{path}' needs the folder '{folder}', expected one that can be written to")
    return path


def train_options() -> dict[str, Any]:
    """Every option of `train` with its default."""
    return dict(_core.training_options())
