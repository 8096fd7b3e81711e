# SPDX-License-Identifier: BSD-3-Clause
"""Loads the extension module with the right kernels of OpenBLAS.

OpenBLAS chooses its kernels when it is loaded, and on processors newer than itself takes slow ones;
it reads its environment at that moment only. What was set before stays as it was.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_AVX512 = {"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"}


def _kernels() -> str | None:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = next((line for line in file if line.startswith("flags")), "").split()
    except OSError:
        return None
    if _AVX512 <= set(flags):
        return "SKYLAKEX"
    return "HASWELL" if {"avx2", "fma"} <= set(flags) else None


@contextlib.contextmanager
def environment() -> Iterator[None]:
    """The environment in which the extension module is loaded."""
    wanted = {"OPENBLAS_CORETYPE": _kernels(), "OPENBLAS_NUM_THREADS": "1"}
    added = {name: value for name, value in wanted.items() if value and name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
