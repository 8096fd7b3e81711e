# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of all importers share."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest

from importer_checks import N_INPUTS, N_STEPS

os.environ.setdefault("KERAS_BACKEND", "jax")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture
def steps(rng):
    """Inputs and states of a batch of steps, of the size of a network's states."""

    def draw(n_states: int, n_inputs: int = N_INPUTS) -> tuple[np.ndarray, np.ndarray]:
        return rng.standard_normal((N_STEPS, n_inputs)), 0.7 * rng.standard_normal((N_STEPS, n_states))

    return draw


@pytest.fixture(autouse=True)
def global_generators_stay_as_they_were():
    """No importer draws from the generators of Python or NumPy."""
    before = random.getstate(), np.random.get_state(legacy=False)
    random.seed(5)
    np.random.seed(5)
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])
