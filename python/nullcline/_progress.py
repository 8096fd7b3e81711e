# SPDX-License-Identifier: BSD-3-Clause
"""What long computations tell the caller."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

#: progress= of the long functions: False, True (a bar), or a function (done, total, message) -> bool or None.
Progress = bool | Callable[[float, float, str], Any]
Callback = Callable[[float, float, str], Any]


@contextlib.contextmanager
def callback(progress: Progress, description: str) -> Iterator[Callback | None]:
    """The function that the extension module calls at most ten times a second, or None."""
    if progress is None or progress is False:
        yield None
    elif progress is not True:
        if not callable(progress):
            raise ValueError(f"progress: found {progress!r}, expected False, True or a function (done, total, message)")
        yield progress
    else:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            yield from _line(description)
        else:
            yield from _bar(tqdm, description)


def _bar(tqdm: Any, description: str) -> Iterator[Callback]:
    with tqdm(desc=description, unit_scale=True) as bar:

        def update(done: float, total: float, message: str) -> None:
            bar.total, bar.n = total or None, done
            bar.set_postfix_str(message)

        yield update


def _line(description: str) -> Iterator[Callback]:
    def update(done: float, total: float, message: str) -> None:
        share = f"{100 * done / total:3.0f} %" if total else ""
        print(f"\r{description}: {share} {message}", end="", file=sys.stderr, flush=True)

    yield update
    print(file=sys.stderr)
