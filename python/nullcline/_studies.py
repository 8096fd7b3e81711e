# SPDX-License-Identifier: BSD-3-Clause
"""Populations of networks: trained, analyzed and compared."""

from __future__ import annotations

import json
import os
import pathlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from . import _core
from ._arguments import path_text
from ._progress import Progress, callback
from ._results import Contents

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import xarray


def _run_unit(folder: str, key: str, caller: int, retry_failed: bool) -> dict[str, Any]:
    """One unit, here or in another process, where one thread is enough for it."""
    if os.getpid() != caller:
        _core.set_n_threads(1)
    return _core.run_study(folder, [key], "0/1", retry_failed, None)


class Study:
    """A population study in a folder: every combination of what its text varies, in several networks each.

    Each network is one file in the folder that appears whole or not at all; what is missing is done by `run`, here or
    in any number of other processes and machines that see the folder, in any order, with the same results.

    Parameters
    ----------
    config : path
        The study (.toml), as `nullcline study plan` reads it: docs/how-to/population-studies.
    folder : path, optional
        Where it is kept; the name of the study beside its file, if not said. A folder that has the plan already goes on.

    Raises
    ------
    InvalidInput
        Unknown keys, wrong values, two equal networks.
    FormatError
        The folder has another plan, or cannot be written to.
    """

    def __init__(self, config: str | os.PathLike[str], folder: str | os.PathLike[str] | None = None) -> None:
        path = pathlib.Path(path_text("config", config))
        self.folder = path_text("folder", folder) if folder is not None else str(path.with_suffix(""))
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise _core.FormatError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise _core.FormatError(f"{path}: found bytes that are no UTF-8 text, expected a study (.toml)") from None
        _core.plan_study(text, str(path), self.folder)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Study:
        """The study that was planned in this folder. Raises FormatError if there is none."""
        study = cls.__new__(cls)
        study.folder = path_text("folder", folder)
        study.units  # noqa: B018  refuses a folder without a plan
        return study

    @property
    def units(self) -> list[dict[str, Any]]:
        """Each network's key, factors, state ("planned", "unfinished", "done", "diverged", "failed"), the reason of its
        last failure with the number of attempts, and the path of its file."""
        return list(_core.study_status(self.folder))

    def run(
        self,
        executor: Executor | Any = None,
        *,
        shard: str = "0/1",
        retry_failed: bool = False,
        attempts: int = 3,
        progress: Progress = False,
    ) -> dict[str, int]:
        """Does the networks that are missing, and counts the states of all networks.

        Parameters
        ----------
        executor : concurrent.futures.Executor or dask.distributed.Client, optional
            Runs the networks, one per task; without it this process does, on all threads. Workers must see the folder
            under the same path.
        shard : str
            Part "k/n" of the networks; for runs without executor.
        retry_failed : bool
            Also networks that have failed as often as the plan allows.
        attempts : int
            Submissions of one network whose worker is lost (killed, out of memory), before it is given up.
        progress : bool or callable

        Raises
        ------
        KeyboardInterrupt
            After trainings have saved their checkpoints; the same call continues.
        RuntimeError
            A worker was lost `attempts` times on one network: its message names it.
        """
        if executor is None:
            with callback(progress, "study") as report:
                _core.run_study(self.folder, [], shard, retry_failed, report)
        else:
            self._submit(executor, retry_failed, attempts, progress)
        return dict(Counter(unit["state"] for unit in self.units))

    def _submit(self, executor: Any, retry_failed: bool, attempts: int, progress: Progress) -> None:
        from concurrent.futures import FIRST_COMPLETED, wait

        pool = executor.get_executor(pure=False) if hasattr(executor, "get_executor") else executor
        wanted = [unit["key"] for unit in self.units if unit["state"] not in ("done", "diverged")]
        lost: Counter[str] = Counter()
        futures = {pool.submit(_run_unit, self.folder, key, os.getpid(), retry_failed): key for key in wanted}
        n_done = 0
        with callback(progress, "study") as report:
            while futures:
                ended, _ = wait(futures, return_when=FIRST_COMPLETED)
                for future in ended:
                    key = futures.pop(future)
                    error = future.exception()
                    if error is None:
                        n_done += 1
                    else:
                        lost[key] += 1
                        if lost[key] >= attempts or isinstance(error, ValueError):
                            raise RuntimeError(f"unit {key}: its worker was lost {lost[key]} times: {error}") from error
                        futures[pool.submit(_run_unit, self.folder, key, os.getpid(), retry_failed)] = key
                if report is not None and report(n_done, len(wanted), "") is False:
                    for future in futures:
                        future.cancel()
                    return

    def collect(self) -> xarray.Dataset:
        """What all networks came to as one dataset: dimension `network` with keys, states, factors, losses and numbers
        of fixed points, and dimension `fixed_point` with the points of all networks."""
        return _dataset(_core.collect_study(self.folder))

    def compare(
        self,
        *,
        geometry: str = "svcca",
        topology: str = "fused_gromov_wasserstein",
        threshold: float = 0.95,
        samples: int = 4096,
        memory: int = 1024,
        n_starts: int = 8,
        n_permutations: int = 999,
        seed: int = 0,
        progress: Progress = False,
    ) -> dict[str, Any]:
        """The networks of each task held against each other, as `nullcline study compare --json` prints it: embeddings
        by geometry (activity in the same trials), before training, by topology, and by state machines, and the analysis
        of similarities (Clarke 1993) for each factor. Distances are kept in the folder: the same call goes on after a stop.

        Raises
        ------
        InvalidInput
            A measure of the wrong kind, or an option out of range.
        """
        return self._compare("", progress, geometry=geometry, topology=topology, threshold=threshold, samples=samples,
                             memory=memory, n_starts=n_starts, n_permutations=n_permutations, seed=seed)  # fmt: skip

    def report(self, path: str | os.PathLike[str], *, progress: Progress = False, **options: Any) -> dict[str, Any]:
        """Writes the comparison as one offline page (.html), and returns it. Options are those of `compare`."""
        return self._compare(path_text("path", path), progress, **options)

    def _compare(self, page: str, progress: Progress, **options: Any) -> dict[str, Any]:
        with callback(progress, "compare") as report:
            document, _ = _core.compare_study(self.folder, options, page, report)
        return dict(json.loads(document))


def _dataset(contents: Contents) -> xarray.Dataset:
    try:
        import xarray
    except ImportError:
        raise ImportError("collect needs xarray: pip install xarray") from None
    arrays, attributes, _ = contents
    return xarray.Dataset({name: (dims, array, about) for name, (dims, array, about) in arrays.items()}, attrs=attributes)
