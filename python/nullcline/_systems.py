# SPDX-License-Identifier: BSD-3-Clause
"""What can be analysed, and systems made of Python functions."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from . import _core, _frameworks
from ._arguments import integer, path_text, text
from ._frameworks import Functions
from ._results import Array, Contents, Result

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What the functions of this package analyse; a TrainedNetwork is a Result with a network.
Subject: TypeAlias = "_core.Network | _core.System | Result"

_N_PROBES = 5
_MAX_CHECKED = 256
_MAX_SIZE = 100000


@dataclasses.dataclass(frozen=True)
class Resolved:
    """A subject as the extension module wants it."""

    system: _core.System
    network: _core.Network | None = None
    trained: Contents | None = None
    model: Contents | None = None

    @property
    def verified(self) -> bool:
        return self.network is None or self.network.verified

    @property
    def _functions(self) -> Functions | None:
        return getattr(self.system, "_functions", None)

    def check_states(self, states: ArrayLike | None, inputs: ArrayLike | None) -> None:
        """Refuses functions that are not finite at states that the caller has seen."""
        if self._functions is None or states is None:
            return
        rows = np.asarray(states, dtype=np.float64)
        if rows.ndim not in (2, 3) or rows.shape[-1] != self.system.n_states:
            return  # the search says it better
        rows = rows.reshape(-1, rows.shape[-1])
        rows = rows[:: max(1, len(rows) // _MAX_CHECKED)]
        held = np.zeros(self.system.n_inputs) if inputs is None else np.asarray(inputs, dtype=np.float64)
        held = held.reshape(-1, held.shape[-1])[0] if held.size else np.zeros(self.system.n_inputs)
        if np.isfinite(rows).all() and len(held) == self.system.n_inputs:
            _require_finite(self._functions.evaluate(np.tile(held, (len(rows), 1)), rows), "function", rows)

    def points_at_kinks(self, states: Array, inputs: Array) -> Array:
        """Which points of a Python function lie where it has no derivative: (n,) bool. Refuses points whose
        stability rests on derivatives that differences contradict elsewhere."""
        at_kink = np.zeros(len(states), dtype=bool)
        if self._functions is None:
            return at_kink
        if len(states):
            at_kink = self._functions.at_kink(inputs, states)
            if not at_kink.all():
                self._functions.verify(inputs[~at_kink], states[~at_kink])
        else:  # nothing found: because the function has become unusable since it was tried?
            near = 0.1 * np.random.Generator(np.random.Philox(key=0)).standard_normal((_N_PROBES, self.system.n_states))
            held = np.zeros((_N_PROBES, self.system.n_inputs))
            _require_finite(self._functions.evaluate(held, near), "function", near)
        return at_kink


def resolve(subject: Any, name: str) -> Resolved:
    if isinstance(subject, _core.Network):
        return Resolved(subject.system(), subject)
    if isinstance(subject, _core.System):
        return Resolved(subject, getattr(subject, "_network", None), model=getattr(subject, "_model", None))
    if isinstance(subject, Result) and subject.network is not None:
        trained = subject._contents if "configuration" in subject._contents[1] else None
        return Resolved(subject.network.system(), subject.network, trained)
    raise ValueError(
        f"{name}: found {type(subject).__name__}, expected a Network, a TrainedNetwork or a System (system_from makes "
        "one of a function)"
    )


def _require_finite(values: Any, what: str, states: Array) -> None:
    bad = ~np.isfinite(np.asarray(values, dtype=np.float64)).reshape(len(states), -1).all(axis=1)
    if bad.any():
        state = np.array2string(states[int(np.argmax(bad))], precision=4, threshold=8)
        raise _core.InvalidInput(
            f"{what}: returned NaN or infinity at the state {' '.join(state.split())}, expected finite numbers"
        )


def load_model(path: str | os.PathLike[str], **parameters: float) -> _core.System:
    """The system that a model file (.toml) describes: a cell with formulas as weights, or equations.

    Everything that takes a network takes it. `system.with_parameter` changes a parameter later.

    Parameters
    ----------
    path : path of the file
    **parameters : float
        Values that take the place of those in the file: load_model("hopf.toml", alpha=0.5).

    Raises
    ------
    FormatError
        The file is no model; a ValueError whose message names the line and column.
    ValueError
        The model has no parameter of that name, or a value is not finite.
    """
    values = [(name, float(value)) for name, value in parameters.items()]
    system, network, model = _core.load_model(path_text("path", path), values)
    system._network = network
    system._model = model
    return system


def system_from(
    function: Callable[[Any, Any], Any],
    *,
    n_states: int,
    n_inputs: int,
    time: str = "discrete",
    jac: Callable[[Any, Any], Any] | None = None,
    framework: str | None = None,
    probe_states: ArrayLike | None = None,
) -> _core.System:
    """A system of a Python function, batched as FixedPointFinder has it: f(input, state) -> state.

    For a map the function returns the next state h' = f(x, h), for a flow the rate dh/dt = f(x, h);
    inputs are (n, n_inputs), states (n, n_states), the result (n, n_states), all float64. Row i of
    the result may depend on row i of the arguments only. Everything that takes a network takes the
    system, but no fixed point of a function can be proven.

    Parameters
    ----------
    function : callable
        Of NumPy arrays, JAX arrays or torch tensors; a torch.nn.Module such as nn.GRUCell is copied,
        converted to float64 and left as it is.
    n_states, n_inputs : int
    time : {"discrete", "continuous"}
        A map or a flow.
    jac : callable, optional
        jac(input, state) -> (n, n_states, n_states), dF_i/dh_j at [:, i, j]. Compared with
        differences before it is believed. Absent: JAX's vmap(jacfwd), torch's reverse mode for many
        states and components at once, or differences of two step sizes that must agree.
    framework : {"numpy", "jax", "torch"}, optional
        Found out by calling the function, if absent.
    probe_states : (n, n_states) float64, optional
        States at which the function is tried before it is believed; small random ones if absent.

    Raises
    ------
    ValueError
        The function returns another shape, NaN or infinity at a probe state, different values when
        it is called twice (dropout, noise), rows that depend on other rows, or derivatives that
        differences contradict.
    """
    n_states = integer("n_states", n_states, 1, _MAX_SIZE)
    n_inputs = integer("n_inputs", n_inputs, 0, _MAX_SIZE)
    text("time", time)
    functions = _frameworks.functions(function, jac, framework, n_states, n_inputs)
    system = _core.callback_system(
        time, n_states, n_inputs, functions.evaluate, functions.jacobian, functions.input_jacobian
    )
    _try(system, functions, probe_states)
    system._functions = functions
    return system


def _try(system: _core.System, functions: Functions, probe_states: ArrayLike | None) -> None:
    generator = np.random.Generator(np.random.Philox(key=0))
    if probe_states is None:
        states = 0.1 * generator.standard_normal((_N_PROBES, system.n_states))
    else:
        try:
            states = np.atleast_2d(np.asarray(probe_states, dtype=np.float64))
        except (TypeError, ValueError):
            raise _core.InvalidInput(
                f"probe_states: found {type(probe_states).__name__}, expected an array of numbers"
            ) from None
        if states.ndim != 2 or states.shape[1] != system.n_states or len(states) == 0:
            raise _core.InvalidInput(
                f"probe_states: found shape {states.shape}, expected (n, {system.n_states}) with n at least 1"
            )
    inputs = 0.1 * generator.standard_normal((len(states), system.n_inputs))
    values = system.evaluate(states, inputs)
    _require_finite(values, "function", states)
    if not np.array_equal(values, system.evaluate(states, inputs)):
        raise _core.InvalidInput(
            "function: two calls with the same arguments gave different results, expected the same (dropout in "
            "training mode, or noise?)"
        )
    alone = np.vstack([system.evaluate(states[i : i + 1], inputs[i : i + 1]) for i in range(len(states))])
    scale = 1 + np.abs(values).max()
    if np.abs(values - alone).max() > 1e-6 * scale:
        raise _core.InvalidInput(
            "function: a row of its result depends on other rows of the batch, expected each row to depend on its own"
        )
    for name, derivative in (("jac", system.jacobian), ("input_jac", system.input_jacobian)):
        _require_finite(derivative(states, inputs), name, states)
    functions.verify(inputs, states)
