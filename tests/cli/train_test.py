# SPDX-License-Identifier: BSD-3-Clause
"""Training through the command: files, configuration, failure."""

import json
import os
import pty
import subprocess
import time

import numpy as np
import pytest
import xarray as xr
from command import COMMAND, SMALL, fail, files_in, run, succeed, succeed_json


def weights(path):
    with xr.open_dataset(path, group="network") as network:
        return {name: np.array(network[name]) for name in network.variables if network[name].dtype.kind == "f"}


def assert_same_weights(a, b):
    first, second = weights(a), weights(b)
    assert first.keys() == second.keys() and "recurrent_weights" in first
    for name in first:
        assert np.array_equal(first[name], second[name]), name


def test_the_result_opens_in_xarray(trained):
    with xr.open_dataset(trained) as result:
        assert result["loss"].dims == ("iteration",) and result.sizes["iteration"] == 60
        assert list(result["validation_iterations"].values) == [20, 40, 60]
        assert np.all(np.isfinite(result["validation_loss"].values))
        assert np.all((result["validation_accuracy"].values >= 0) & (result["validation_accuracy"].values <= 1))
        assert result.attrs["nullcline_kind"] == "trained_network"
        assert result.attrs["seed"] == 1
        assert "--seed 1" in result.attrs["command"]
        configuration = json.loads(result.attrs["configuration"])
    assert configuration["task"]["name"] == "flip-flop"
    assert configuration["task"]["steps"] == 20
    assert configuration["train"]["units"] == 6
    assert weights(trained)["recurrent_weights"].shape == (18, 6)


def test_training_lowers_the_loss(tmp_path):
    text = SMALL.replace("--iterations 60", "--iterations 400")
    document = succeed_json(text, "--learning-rate", 0.01, "-o", "a.nc", cwd=tmp_path)
    with xr.open_dataset(tmp_path / "a.nc") as result:
        loss = result["loss"].values
    assert loss[-20:].mean() < 0.5 * loss[:20].mean()
    assert document["iterations"] == 400 and document["termination"] == "max_iterations"
    assert document["loss"] == loss[-1]


def test_the_seed_decides_and_threads_do_not(trained, tmp_path):
    succeed(SMALL, "--seed", 1, "--threads", 1, "-o", tmp_path / "one.nc")
    succeed(SMALL, "--seed", 1, "--threads", 2, "-o", tmp_path / "two.nc")
    succeed(SMALL, "--seed", 2, "-o", tmp_path / "other.nc")
    assert_same_weights(trained, tmp_path / "one.nc")
    assert_same_weights(trained, tmp_path / "two.nc")
    assert not np.array_equal(weights(trained)["recurrent_weights"], weights(tmp_path / "other.nc")["recurrent_weights"])


def test_an_old_result_is_replaced(trained, tmp_path):
    (tmp_path / "a.nc").write_text("old")
    succeed(SMALL, "--seed", 1, "-o", "a.nc", cwd=tmp_path)
    assert_same_weights(trained, tmp_path / "a.nc")
    assert files_in(tmp_path) == ["a.nc"]


def test_a_file_and_flags_say_the_same(trained, tmp_path):
    (tmp_path / "c.toml").write_text(
        'output = "a.nc"\n[task]\nname = "flip-flop"\nbits = 1\nsteps = 20\n'
        "[train]\nunits = 7\niterations = 60\nbatch = 8\nvalidation_trials = 16\nvalidation_every = 20\nseed = 1\n"
    )
    succeed("train flip-flop --config c.toml --units 6", cwd=tmp_path)
    assert_same_weights(trained, tmp_path / "a.nc")


def test_the_printed_configuration_reads_back(tmp_path):
    flags = "train flip-flop --bits 2 --units 9 --no-train-initial-state --cell lstm --seed 18446744073709551615 -o b.nc"
    text = succeed(flags, "--print-config", cwd=tmp_path)
    assert 'name = "flip-flop"' in text and "[train]" in text and "train_initial_state = false" in text
    (tmp_path / "c.toml").write_text(text)
    assert succeed("train flip-flop --config c.toml --print-config", cwd=tmp_path) == text
    assert files_in(tmp_path) == ["c.toml"]


@pytest.mark.parametrize(
    "toml, expected",
    [
        ("[train]\nunist = 3\n", "c.toml: unknown key [train] unist, did you mean 'units'?"),
        ("[trian]\nunits = 3\n", "c.toml: unknown table [trian], did you mean 'train'?"),
        ("[train]\nunits = 3.5\n", "c.toml: [train] units: found floating-point 3.5, expected an integer"),
        ("[train]\nunits = true\n", "c.toml: [train] units: found boolean true, expected an integer"),
        ("[train]\nunits = 1979-05-27\n", "c.toml: [train] units: found date, expected an integer"),
        ("[train]\ncell = 'gruu'\n", "c.toml: [train] cell: found 'gruu', expected vanilla"),
        ("[train]\nunits = \n", "c.toml: line 2: "),
        ("[task]\nname = 'sine'\n", "c.toml: [task] name: found 'sine', the command says 'flip-flop'"),
        ("units = 3\n", "c.toml: unknown key units"),
        ("[train.more]\nx = 3\n", "c.toml: unknown table [train.more]"),
    ],
)
def test_mistakes_in_a_file_are_named(toml, expected, tmp_path):
    (tmp_path / "c.toml").write_text(toml)
    assert fail(2, "train flip-flop --config c.toml -o a.nc", cwd=tmp_path).startswith("nullcline: " + expected)
    assert files_in(tmp_path) == ["c.toml"]


def test_a_diverging_training_writes_no_weights(tmp_path):
    line = fail(4, SMALL, "--cell", "vanilla", "--activation", "relu", "--optimizer", "sgd", "--learning-rate", "1e8",
                "--clip-norm", 0, "-o", "a.nc", cwd=tmp_path)  # fmt: skip
    assert "diverged at iteration" in line and "a.nc" in line
    assert files_in(tmp_path) == []


def test_progress_goes_to_standard_error_as_plain_lines(tmp_path):
    endless = SMALL.replace("--iterations 60", "--iterations 100000000")
    with subprocess.Popen([COMMAND, *endless.split(), "-o", "a.nc"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stderr.readline()
        process.terminate()
        out, _ = process.communicate(timeout=200)
    assert line.startswith("training: ") and "of 100000000" in line and "loss" in line and "ETA" in line
    assert out == "" and "\r" not in line


def test_a_terminal_gets_a_bar(tmp_path):
    text = SMALL.replace("--iterations 60", "--iterations 100000000")
    main, side = pty.openpty()
    with subprocess.Popen([COMMAND, *text.split(), "-o", "a.nc"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=side) as process:
        seen, end = b"", time.time() + 200
        while (b"ETA" not in seen or b"loss" not in seen) and time.time() < end:
            seen += os.read(main, 1000)
        process.terminate()
        process.wait(timeout=200)
    os.close(main)
    os.close(side)
    assert b"\rtraining [" in seen and b"%" in seen and b"loss" in seen and b"ETA" in seen


def test_quiet_is_quiet(tmp_path):
    done = run(SMALL, "--quiet", "-o", "a.nc", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("a.nc: 60 iterations in ")
