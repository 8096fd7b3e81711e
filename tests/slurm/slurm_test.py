# SPDX-License-Identifier: BSD-3-Clause
"""A study on a real Slurm: tasks killed and cancelled, the script submitted again, the same results as on threads."""

import json
import os
import pathlib
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["NULLCLINE_SOURCE"], "tests", "cli"))

import pytest
from cluster import Cluster
from command import succeed

STUDY = """
name = "array"
seed = 3
networks = 2
[vary]
task = ["flip-flop"]
cell = ["vanilla", "ugrnn", "gru", "lstm"]
units = 16
[train]
iterations = 1500
checkpoint_every = 100
[task.flip-flop]
bits = 2
[search]
max_boxes = 0
"""


@pytest.fixture(scope="module")
def cluster():
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, Cluster(folder) as cluster:
        yield cluster


def status(folder):
    return json.loads(succeed("study status", folder, "--json"))


def kill(number):
    """-9 to the process of one task, as the kernel does when memory runs out; whether there was one."""
    for process in pathlib.Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if b"study" in words and f"{number}/4".encode() in words:
            os.kill(int(process.name), signal.SIGKILL)
            return True
    return False


def test_an_array_that_lost_tasks_is_whole_after_it_was_submitted_again(cluster, tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    folder = tmp_path / "a run"
    succeed("study plan", tmp_path / "study.toml", "-o", folder)
    script = tmp_path / "run.sbatch"
    succeed("study slurm", folder, "--tasks", 4, "--memory", 500, "-o", script)

    job = cluster.run("sbatch", "--parsable", script).strip()
    cluster.wait(lambda: cluster.running(job), "a task")
    first = cluster.running(job)[0]
    cluster.wait(lambda: kill(first), f"the process of task {first}", 20)
    cluster.run("scancel", *[f"{job}_{k}" for k in range(4) if k != first][-2:])
    cluster.wait(lambda: cluster.is_over(job), "the array")
    before = status(folder)
    assert before["n_done"] < before["n_units"] == 8 and before["n_failed"] == 0

    job = cluster.run("sbatch", "--parsable", script).strip()
    cluster.wait(lambda: cluster.is_over(job), "the second array")
    after = status(folder)
    assert after["n_done"] == 8 and after["stray_files"] == []

    succeed("study plan", tmp_path / "study.toml", "-o", tmp_path / "threads")
    succeed("study run", tmp_path / "threads")
    assert after["result_hash"] == status(tmp_path / "threads")["result_hash"]
    logs = list((folder / "logs").glob("*.log"))
    assert len(logs) >= 4 and any("networks were there" in log.read_text() for log in logs)


def test_a_task_that_is_told_to_stop_leaves_its_checkpoint(cluster, tmp_path):
    """What --signal=B:USR1@120 does two minutes before the limit, done by hand at once."""
    (tmp_path / "study.toml").write_text(STUDY.replace("iterations = 1500", "iterations = 100000").replace("networks = 2", "networks = 1"))
    folder = tmp_path / "run"
    succeed("study plan", tmp_path / "study.toml", "-o", folder)
    succeed("study slurm", folder, "--tasks", 1, "--memory", 500, "-o", tmp_path / "run.sbatch")
    job = cluster.run("sbatch", "--parsable", tmp_path / "run.sbatch").strip()
    cluster.wait(lambda: (folder / "units").exists(), "the task")
    cluster.run("scancel", "--batch", "--signal=USR1", f"{job}_0")
    cluster.wait(lambda: cluster.is_over(job), "its end")
    found = status(folder)
    assert found["n_unfinished"] == 1 and found["n_planned"] == 3
    assert "ExitCode=75:0" in cluster.run("scontrol", "show", "job", f"{job}_0")
