# SPDX-License-Identifier: BSD-3-Clause
"""Arguments of the wrong type or out of range, refused in one line that names them."""

from __future__ import annotations

import operator
import os
from typing import Any

from . import _core


def path_text(name: str, value: Any) -> str:
    """@throws TypeError"""
    try:
        return os.fsdecode(value)
    except TypeError:
        raise TypeError(f"{name}: found {type(value).__name__}, expected a path") from None


def text(name: str, value: Any) -> str:
    """@throws TypeError"""
    if not isinstance(value, str):
        raise TypeError(f"{name}: found {type(value).__name__}, expected a string")
    return value


def integer(name: str, value: Any, low: int, high: int) -> int:
    """@throws TypeError, InvalidInput"""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: found {type(value).__name__}, expected an integer") from None
    if isinstance(value, bool) or not low <= number <= high:
        raise _core.InvalidInput(f"{name}: found {value}, expected an integer from {low} to {high}")
    return number


def position(name: str, i: Any, n: int) -> int:
    """The element i of n, from the end if negative. @throws TypeError, IndexError"""
    try:
        number = operator.index(i)
    except TypeError:
        raise TypeError(f"{name}: found {type(i).__name__}, expected an integer") from None
    if not -n <= number < n:
        raise IndexError(f"{name}: found {number}, but there are {n}")
    return number % n
