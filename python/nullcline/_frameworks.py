# SPDX-License-Identifier: BSD-3-Clause
"""Functions of NumPy, JAX and torch with their derivatives, all as functions of NumPy arrays.

No framework is imported unless a function of it is given.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _core
from ._results import Array

#: (inputs (n, n_inputs), states (n, n_states)) -> array
Batched = Callable[[Array, Array], Any]

_TOLERANCE = 1e-4  # between derivatives and differences, and between those of two step sizes
_TORCH_ROWS_AT_ONCE = 4096  # measured with nn.RNNCell and nn.GRUCell of 6 to 200 units, best or near it for all
_STEP = float(np.finfo(np.float64).eps) ** (1 / 3)  # the best one for central differences of O(1) functions


@dataclasses.dataclass(frozen=True)
class Functions:
    """A function of a system and its derivatives."""

    evaluate: Batched
    jacobian: Batched
    input_jacobian: Batched
    source: str  #: where the derivatives come from, for messages

    def verify(self, inputs: Array, states: Array) -> None:
        """Raises InvalidInput unless the Jacobians at these states agree with differences."""
        fine, coarse = (_differences(self.evaluate, inputs, states, 1, step) for step in (_STEP, 8 * _STEP))
        given = np.asarray(self.jacobian(inputs, states), dtype=np.float64)
        jumps = _jumps(self.evaluate, inputs, states) / (1 + np.abs(fine).reshape(len(states), -1).max(axis=1, initial=0))
        for excess, what in (
            (jumps, "differences to both sides"),
            (_disagreement(coarse, fine), "differences of two step sizes"),
            (_disagreement(given, fine), f"{self.source} and differences"),
        ):
            worst = int(np.argmax(excess))
            if not excess[worst] <= _TOLERANCE:
                state = " ".join(np.array2string(states[worst], precision=4, threshold=8).split())
                raise _core.InvalidInput(
                    f"function: {what} disagree by {excess[worst]:.1e} (relative) at the state {state}, expected at most "
                    f"{_TOLERANCE:.0e} (a kink, single precision, or a wrong derivative? jac= gives the Jacobian)"
                )


def _disagreement(a: Array, b: Array) -> Array:
    """For each state: largest difference, relative to the Jacobian's largest entry."""
    n = len(a)
    if a[0].size == 0:
        return np.zeros(n)
    scale = 1 + np.abs(b).reshape(n, -1).max(axis=1)
    return np.asarray(np.abs(a - b).reshape(n, -1).max(axis=1) / scale)


def _jumps(function: Batched, inputs: Array, states: Array) -> Array:
    """For each state: the largest jump of a derivative by a coordinate there; 0 where none is to be seen.

    The differences to both sides differ by the second derivative times the step, or by the jump at a kink, whatever
    the step: what grows with it is no jump.
    """
    here = np.asarray(function(inputs, states), dtype=np.float64)
    gaps = []
    for step in (_STEP, 8 * _STEP):
        largest = np.zeros(len(states))
        for k in range(states.shape[1]):
            shift = np.zeros_like(states)
            shift[:, k] = step * np.maximum(1.0, np.abs(states[:, k]))
            above, below = (np.asarray(function(inputs, states + sign * shift), dtype=np.float64) for sign in (1, -1))
            gap = np.abs(above - 2 * here + below).reshape(len(states), -1).max(axis=1, initial=0) / shift[:, k]
            largest = np.maximum(largest, gap)
        gaps.append(largest)
    return np.where(gaps[0] > gaps[1] / 2, gaps[0], 0.0)


def _differences(function: Batched, inputs: Array, states: Array, argument: int, step: float = _STEP) -> Array:
    """Central differences by argument 0 (inputs) or 1 (states), all in one call: (n, n_states, width)."""
    point = (inputs, states)[argument]
    n, width = point.shape
    if width == 0:
        return np.zeros((n, states.shape[1], 0))
    steps = step * np.maximum(1.0, np.abs(point))
    shifts = np.einsum("nk,kj->nkj", steps, np.eye(width))
    moved = np.concatenate([point[:, None] + shifts, point[:, None] - shifts], axis=1).reshape(-1, width)
    repeated = [np.repeat(array, 2 * width, axis=0) for array in (inputs, states)]
    repeated[argument] = moved
    values = np.asarray(function(*repeated), dtype=np.float64).reshape(n, 2, width, -1)
    # The step that was taken, which rounding makes another than the one intended.
    taken = (moved.reshape(n, 2, width, width)[:, 0] - moved.reshape(n, 2, width, width)[:, 1])[:, range(width), range(width)]
    return np.asarray(((values[:, 0] - values[:, 1]) / taken[:, :, None]).transpose(0, 2, 1))


def _extrapolated(function: Batched, argument: int) -> Batched:
    """Richardson's extrapolation of two central differences: an error of fourth order."""

    def jacobian(inputs: Array, states: Array) -> Array:
        fine = _differences(function, inputs, states, argument, 16 * _STEP)
        coarse = _differences(function, inputs, states, argument, 32 * _STEP)
        return (4 * fine - coarse) / 3

    return jacobian


def functions(function: Any, jac: Any, framework: str | None, n_states: int, n_inputs: int) -> Functions:
    if not callable(function):
        raise _core.InvalidInput(f"function: found {type(function).__name__}, expected a function (input, state) -> state")
    if jac is not None and not callable(jac):
        raise _core.InvalidInput(f"jac: found {type(jac).__name__}, expected a function (input, state) -> Jacobian")
    makers = {"numpy": _numpy_functions, "jax": _jax_functions, "torch": _torch_functions}
    if framework is None:
        framework = _framework_of(function, n_states, n_inputs)
        return makers[framework](function, jac)
    if framework not in makers:
        raise _core.InvalidInput(f"framework: found {framework!r}, expected numpy | jax | torch")
    made = makers[framework](function, jac)
    arguments = np.zeros((2, n_inputs)), np.full((2, n_states), 0.01)
    try:
        made.evaluate(*arguments)
        made.jacobian(*arguments)
    except _core.InvalidInput:
        raise
    except Exception as error:  # a function of another framework may fail in any way
        problem = f"{type(error).__name__}: {error}".split("\n")[0]
        raise _core.InvalidInput(f"function: {framework} cannot call it ({problem}); framework= names another") from error
    return made


def _framework_of(function: Any, n_states: int, n_inputs: int) -> str:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(function, torch.nn.Module):
        return "torch"
    inputs, states = np.zeros((2, n_inputs)), np.full((2, n_states), 0.01)
    problems = []
    try:
        result = function(inputs, states)
        if isinstance(result, (np.ndarray, list, tuple)) and type(result).__module__.partition(".")[0] != "jaxlib":
            return "numpy"
        module = type(result).__module__.partition(".")[0]
        if module in ("jax", "jaxlib"):
            return "jax"
        problems.append(f"given NumPy arrays it returned {type(result).__name__}")
    except Exception as error:  # a function of another framework may fail in any way
        problems.append(f"given NumPy arrays it raised {type(error).__name__}: {error}")
    if torch is not None:
        try:
            if isinstance(function(torch.from_numpy(inputs), torch.from_numpy(states)), torch.Tensor):
                return "torch"
        except Exception as error:
            problems.append(f"given float64 tensors it raised {type(error).__name__}: {error}")
    text = " ".join("; ".join(problems).split())
    raise _core.InvalidInput(f"function: neither NumPy, JAX nor torch can call it ({text}); framework= names one")


def _quiet(function: Any) -> Batched:
    """The states far out, where it overflows, are the search's choice and not the caller's."""

    def call(inputs: Array, states: Array) -> Any:
        try:
            with np.errstate(all="ignore"):
                return function(inputs, states)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise _core.InvalidInput(
                "function: writes to its arguments, expected one that leaves them as they are"
            ) from error

    return call


def _numpy_functions(function: Any, jac: Any) -> Functions:
    function = _quiet(function)
    return Functions(
        function,
        _quiet(jac) if jac else _extrapolated(function, 1),
        _extrapolated(function, 0),
        "jac" if jac else "extrapolated differences",
    )


def _jax_functions(function: Any, jac: Any) -> Functions:
    import jax

    def one(x: Any, h: Any) -> Any:
        return function(x[None], h[None])[0]

    def in_float64(batched: Any) -> Batched:
        compiled = jax.jit(batched)

        def call(inputs: Array, states: Array) -> Array:
            # JAX is single precision unless told otherwise, and must be left as the caller has it.
            with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64(True):
                return np.asarray(compiled(inputs, states))

        return call

    return Functions(
        in_float64(function),
        in_float64(jac or jax.vmap(jax.jacfwd(one, argnums=1))),
        in_float64(jax.vmap(jax.jacfwd(one, argnums=0))),
        "jac" if jac else "JAX's jacfwd",
    )


def _torch_functions(function: Any, jac: Any) -> Functions:
    import torch

    if isinstance(function, torch.nn.Module):
        function = _in_float64(torch, function)

    def tensors(inputs: Array, states: Array) -> tuple[Any, Any]:
        # Copies: what arrives cannot be written to, and torch would warn.
        return torch.from_numpy(inputs.copy()), torch.from_numpy(states.copy())

    def called(*pair: Any) -> Any:
        try:
            result = function(*pair)
        except RuntimeError as error:
            if "dtype" not in str(error):
                raise
            raise _core.InvalidInput(
                f"function: raised for float64 arguments: {' '.join(str(error).split())} (use a copy of the model: "
                "copy.deepcopy(model).double())"
            ) from error
        if not isinstance(result, torch.Tensor):
            raise _core.InvalidInput(f"function: returned {type(result).__name__}, expected a tensor")
        if result.dtype != torch.float64:
            raise _core.InvalidInput(
                f"function: returned {result.dtype} for float64 arguments, expected torch.float64 (use a copy of the "
                "model: copy.deepcopy(model).double())"
            )
        return result

    def evaluate(inputs: Array, states: Array) -> Array:
        with torch.no_grad():
            return np.asarray(called(*tensors(inputs, states)).numpy())

    def derivative(argument: int) -> Batched:
        def jacobian(inputs: Array, states: Array) -> Array:
            with torch.enable_grad():
                pair = tensors(inputs, states)
                pair[argument].requires_grad_(True)
                result = called(*pair)
                shape = (len(states), states.shape[1], pair[argument].shape[1])
                if not result.requires_grad or result.shape != shape[:2]:  # a constant; a wrong shape, refused elsewhere
                    return np.zeros(shape)
                return _torch_rows(torch, result, pair[argument])

        return jacobian

    def given(inputs: Array, states: Array) -> Array:
        with torch.no_grad():
            return np.asarray(jac(*tensors(inputs, states)))

    return Functions(
        evaluate, given if jac else derivative(1), derivative(0), "jac" if jac else "torch's derivatives"
    )


def _torch_rows(torch: Any, result: Any, point: Any) -> Array:
    """Derivatives of (n, n_states) results by the (n, width) tensor that they were computed from.

    Some reverse passes at a time are one pass over a larger batch (torch.vmap), as long as that stays in
    the processor's caches; one by one where an operation of the function does not allow it.
    """
    n, n_states = result.shape
    at_once = max(1, _TORCH_ROWS_AT_ONCE // max(n, 1))
    pieces = []
    for first in range(0, n_states, at_once):
        rows = torch.eye(n_states, dtype=result.dtype)[first : first + at_once]
        directions = rows[:, None, :].expand(len(rows), n, n_states)
        options: dict[str, Any] = {"retain_graph": True, "allow_unused": True}
        try:
            (piece,) = torch.autograd.grad(result, point, directions, is_grads_batched=True, **options)
        except RuntimeError:
            found = [torch.autograd.grad(result, point, direction, **options)[0] for direction in directions]
            piece = None if found[0] is None else torch.stack(found)
        if piece is None:  # does not depend on this argument
            return np.zeros((n, n_states, point.shape[1]))
        pieces.append(piece.transpose(0, 1))
    return np.asarray(torch.cat(pieces, 1).numpy())


def _in_float64(torch: Any, module: Any) -> Any:
    """A copy of the module, so that the caller's stays as it is."""
    import copy

    for part in module.modules():
        if isinstance(part, torch.nn.modules.dropout._DropoutNd) and part.training and part.p > 0:
            raise _core.InvalidInput(
                "function: the module is in training mode with dropout, expected evaluation mode (module.eval())"
            )
    return copy.deepcopy(module).double()
