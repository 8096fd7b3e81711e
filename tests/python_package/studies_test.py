# SPDX-License-Identifier: BSD-3-Clause
"""Population studies from Python: with and without executors, of which workers die."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import nullcline as nc
import numpy as np
import pytest

STUDY = """
name = "small"
networks = 2
[vary]
task = ["flip-flop"]
cell = ["vanilla", "gru"]
units = 8
[train]
iterations = 200
validation_trials = 32
[task.flip-flop]
bits = 2
steps = 30
[search]
n_starts = 500
max_boxes = 0
"""


def make(folder, text=STUDY):
    path = folder / "study.toml"
    path.write_text(text)
    return nc.Study(path, folder / "run")


def hash_of(study):
    return study.collect().attrs["result_hash"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    study = make(tmp_path_factory.mktemp("study"))
    assert study.run() == {"done": 4}
    return study


def test_a_study_is_opened_and_goes_on(whole):
    again = nc.Study.open(whole.folder)
    assert again.run() == {"done": 4}
    assert {unit["factors"]["cell"] for unit in again.units} == {"gru", "vanilla"}
    data = again.collect()
    assert data.sizes["network"] == 4 and np.isfinite(data["validation_loss"]).all()
    network = nc.load(again.units[0]["path"])
    assert network.network.n_units == 8


@pytest.mark.parametrize("make_executor", [lambda: ThreadPoolExecutor(2), lambda: ProcessPoolExecutor(2, get_context("spawn"))])
def test_any_executor_gives_the_same_results(make_executor, whole, tmp_path):
    study = make(tmp_path)
    with make_executor() as executor:
        assert study.run(executor) == {"done": 4}
    assert hash_of(study) == hash_of(whole)


def test_a_dask_client_whose_worker_dies(whole, tmp_path):
    distributed = pytest.importorskip("distributed")
    study = make(tmp_path, STUDY.replace("networks = 2", "networks = 4"))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            killed = []

            def watch(done, total, message):
                if not killed and done >= 1:
                    killed.append(client.run(os.getpid)[next(iter(client.scheduler_info()["workers"]))])
                    os.kill(killed[0], signal.SIGKILL)

            assert study.run(client, progress=watch) == {"done": 8}
    assert killed
    (tmp_path / "alone").mkdir()
    alone = make(tmp_path / "alone", STUDY.replace("networks = 2", "networks = 4"))
    alone.run()
    assert hash_of(study) == hash_of(alone)


def test_comparisons_and_the_page(whole, tmp_path):
    document = whole.report(tmp_path / "study.html", n_permutations=99)
    (task,) = document["tasks"]
    assert [space["space"] for space in task["spaces"]] == ["geometry", "topology", "machine", "untrained"]
    assert {row["factor"] for row in task["separations"]} == {"cell"}
    assert (tmp_path / "study.html").stat().st_size < 3_000_000
    assert whole.compare(n_permutations=99) == document


def test_refusals(whole, tmp_path):
    with pytest.raises(nc.FormatError, match="there is no plan"):
        nc.Study.open(tmp_path)
    with pytest.raises(nc.FormatError, match="No such file"):
        nc.Study(tmp_path / "none.toml")
    with pytest.raises(nc.InvalidInput, match="did you mean 'units'"):
        make(tmp_path, STUDY.replace("units", "unitz"))
    with pytest.raises(nc.InvalidInput, match="expected a measure of activity"):
        whole.compare(geometry="graph_frobenius")
