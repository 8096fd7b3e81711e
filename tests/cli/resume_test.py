# SPDX-License-Identifier: BSD-3-Clause
"""A training that is stopped continues to the same result, bit for bit."""

import signal
import subprocess
import time

import numpy as np
import pytest
import xarray as xr
from command import COMMAND, SMALL, fail, files_in, succeed

# Long enough to be stopped in the middle.
LONG = SMALL.replace("--iterations 60", "--iterations 3000") + " --checkpoint-every 20 --seed 5 -o a.nc"


def start_and_stop(folder, which):
    """Starts the training, and sends the signal once a checkpoint is there."""
    with subprocess.Popen([COMMAND, *LONG.split()], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        end = time.time() + 120
        while not (folder / "a.nc.checkpoint").exists():
            assert process.poll() is None and time.time() < end
            time.sleep(0.01)
        process.send_signal(which)
        out, error = process.communicate(timeout=120)
    return process.returncode, out, error


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    succeed(LONG, cwd=folder)
    return folder / "a.nc"


def arrays(path):
    with xr.open_dataset(path) as root, xr.open_dataset(path, group="network") as network:
        return {name: np.array(data[name]) for data in (root, network) for name in data.variables}


def assert_same(a, b):
    first, second = arrays(a), arrays(b)
    assert first.keys() == second.keys()
    for name in first:
        assert np.array_equal(first[name], second[name]), name


@pytest.mark.parametrize("which, code", [(signal.SIGINT, 130), (signal.SIGTERM, 75), (signal.SIGUSR1, 75)])
def test_the_same_command_continues(which, code, uninterrupted, tmp_path):
    returned, out, error = start_and_stop(tmp_path, which)
    assert returned == code and out == ""
    assert "the same command continues from a.nc.checkpoint" in error.splitlines()[-1]
    assert files_in(tmp_path) == ["a.nc.checkpoint"]
    succeed(LONG, cwd=tmp_path)
    assert files_in(tmp_path) == ["a.nc"]
    assert_same(tmp_path / "a.nc", uninterrupted)


def test_a_killed_training_continues_from_its_last_checkpoint(uninterrupted, tmp_path):
    returned, _, _ = start_and_stop(tmp_path, signal.SIGKILL)
    assert returned == -signal.SIGKILL
    succeed(LONG, cwd=tmp_path)
    assert (tmp_path / "a.nc").exists() and not (tmp_path / "a.nc.checkpoint").exists()
    assert_same(tmp_path / "a.nc", uninterrupted)


def test_it_can_be_stopped_again_and_again(uninterrupted, tmp_path):
    for _ in range(3):
        before = (tmp_path / "a.nc.checkpoint").stat().st_mtime_ns if (tmp_path / "a.nc.checkpoint").exists() else 0
        with subprocess.Popen([COMMAND, *LONG.split()], cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
            end = time.time() + 120
            while not (tmp_path / "a.nc.checkpoint").exists() or (tmp_path / "a.nc.checkpoint").stat().st_mtime_ns == before:
                assert process.poll() is None and time.time() < end
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=120) == 75
    succeed(LONG, cwd=tmp_path)
    assert_same(tmp_path / "a.nc", uninterrupted)


def test_a_checkpoint_of_another_configuration_is_refused(tmp_path):
    start_and_stop(tmp_path, signal.SIGTERM)
    before = (tmp_path / "a.nc.checkpoint").read_bytes()
    line = fail(2, LONG.replace("--units 6", "--units 5"), cwd=tmp_path)
    assert line.startswith("nullcline: a.nc.checkpoint: a checkpoint of another configuration (train.units: found 6, expected 5)")
    assert "--restart" in line
    assert (tmp_path / "a.nc.checkpoint").read_bytes() == before
    short = LONG.replace("--iterations 3000", "--iterations 20")
    succeed(short, "--restart", cwd=tmp_path)
    assert files_in(tmp_path) == ["a.nc"]


def test_a_damaged_checkpoint_is_refused(tmp_path):
    start_and_stop(tmp_path, signal.SIGTERM)
    whole = (tmp_path / "a.nc.checkpoint").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"no checkpoint"):
        (tmp_path / "a.nc.checkpoint").write_bytes(damaged)
        line = fail(3, LONG, cwd=tmp_path)
        assert line.startswith("nullcline: a.nc.checkpoint: ") and line.endswith("--restart discards it")
        assert files_in(tmp_path) == ["a.nc.checkpoint"]


def test_a_result_in_the_place_of_a_checkpoint_is_refused(trained, tmp_path):
    (tmp_path / "a.nc.checkpoint").write_bytes(trained.read_bytes())
    assert "not a checkpoint" in fail(3, LONG, cwd=tmp_path)
