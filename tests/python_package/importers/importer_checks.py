# SPDX-License-Identifier: BSD-3-Clause
"""Sizes, and the check that all importers have to pass."""

from __future__ import annotations

import numpy as np
import pytest

N_INPUTS, N_UNITS, N_STEPS = 3, 5, 24


def assert_repeats(network, x, h, h_next, tolerance: float) -> None:
    """The network takes these steps of the framework, and notices a wrong one."""
    assert network.verified
    h_next = np.asarray(h_next, np.float64)
    network.verify(x, h, h_next, tolerance)
    wrong = h_next.copy()
    wrong[-1, -1] += 10 * tolerance
    with pytest.raises(ValueError, match="does not reproduce"):
        network.verify(x, h, wrong, tolerance)
