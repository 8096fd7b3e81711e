# SPDX-License-Identifier: BSD-3-Clause
"""What the importers of JAX libraries share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nullcline.importers._layers import Array, Fields, Step, float64, n_outputs


def evaluate(function: Any, values: Array) -> Array:
    import jax.numpy as jnp

    return float64(function(jnp.asarray(values)))


def stepper(fields: Fields, live: Callable[[Any, Any, Any], tuple[Any, ...]]) -> Step:
    """`live` maps (x, h, c or None) to (h',) or (h', c'). It is called in float64 on the CPU,
    whatever the caller's settings are; those return to what they were.
    """
    import jax
    import jax.numpy as jnp

    width = n_outputs(fields)
    compiled = jax.jit(live)

    def step(inputs: Array, states: Array) -> Array:
        with (
            jax.enable_x64(True),
            jax.default_matmul_precision("highest"),
            jax.default_device(jax.devices("cpu")[0]),
        ):
            c = jnp.asarray(states[:, width:]) if fields["cell"] == "lstm" else None
            found = compiled(jnp.asarray(inputs), jnp.asarray(states[:, :width]), c)
            return np.concatenate([np.asarray(part) for part in found], axis=1)

    return step
