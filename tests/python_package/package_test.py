# SPDX-License-Identifier: BSD-3-Clause
"""The package as a whole: imports, stubs, Ctrl-C, progress."""

import importlib.metadata
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import nullcline as nc

PACKAGE = Path(nc.__file__).parent
FOREIGN = ("torch", "jax", "matplotlib", "xarray", "pandas", "keras", "tqdm")


def in_python(code: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, **options)


def test_importing_it_imports_no_framework():
    done = in_python(f"import sys, nullcline; print([name for name in {FOREIGN} if name in sys.modules])")
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_importing_it_leaves_the_environment_alone():
    done = in_python("import os; before = dict(os.environ); import nullcline; print(dict(os.environ) == before)")
    assert done.stdout.strip() == "True", done.stderr


def test_importing_it_is_fast():
    """The package's own share, beside NumPy's, in processor time."""
    code = "import numpy, time; start = time.process_time(); import nullcline; print(time.process_time() - start)"
    assert float(in_python(code).stdout) < 0.3


def test_versions_agree():
    assert nc.__version__ == importlib.metadata.version("nullcline")


def test_every_public_name_is_there_and_documented():
    for name in nc.__all__:
        assert getattr(nc, name).__doc__, name


def test_the_committed_stubs_are_those_of_the_module():
    stubgen = pytest.importorskip("nanobind.stubgen")
    stub = stubgen.StubGen(nc._core)
    stub.put(nc._core)
    expected = stub.get().rstrip("\n")
    assert (PACKAGE / "py.typed").exists()
    found = (PACKAGE / "_core.pyi").read_text().rstrip("\n")
    assert found == expected, "python -m nanobind.stubgen -m nullcline._core -o python/nullcline/_core.pyi"


def big_network(n: int = 400) -> nc.Network:
    """A chaotic network, whose points no search exhausts."""
    weights = np.random.default_rng(0).normal(size=(n, n)) * 3 / np.sqrt(n)
    return nc.Network("vanilla", input_weights=np.zeros((n, 1)), recurrent_weights=weights)


def relu_network(n: int = 40) -> nc.Network:
    """A rectified network with far too many patterns of active units to enumerate."""
    weights = np.random.default_rng(0).normal(size=(n, n)) * 3 / np.sqrt(n)
    return nc.Network(
        "vanilla", activation="relu", input_weights=np.zeros((n, 1)), recurrent_weights=weights, bias=np.ones(n)
    )


def slow_step(x, h):
    time.sleep(0.01)
    return np.tanh(1.5 * h)


LONG = {
    "search": lambda: nc.find_fixed_points(big_network()),
    "training": lambda: nc.train("flip-flop", iterations=10**6),
    "a large batch": lambda: nc.train("flip-flop", units=256, batch=1024, iterations=10**4),
    "relu patterns": lambda: nc.find_fixed_points(relu_network(), max_boxes=10**9),
    "eigenvalues": lambda: nc.linearize(big_network(2000), np.zeros(2000)),
    "function": lambda: nc.find_fixed_points(nc.system_from(slow_step, n_states=3, n_inputs=1)),
}


@pytest.mark.parametrize("what", LONG)
def test_ctrl_c_ends_long_work_within_a_second(what):
    pressed = []

    def press():
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(1.0, press)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            LONG[what]()
        late = time.monotonic() - pressed[0]
    finally:
        timer.cancel()
    assert late < 2.0, f"{late:.2f} s: a second, and one for a busy machine"


def press_ctrl_c(after: float, work):
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        timer.cancel()


def test_a_stopped_training_continues_from_its_checkpoint(tmp_path):
    path = tmp_path / "run.checkpoint"
    options = {"units": 8, "iterations": 20000}
    task = nc.FlipFlop(bits=1, steps=10)
    press_ctrl_c(0.3, lambda: nc.train(task, checkpoint=path, **options))
    assert path.exists()
    with pytest.raises(ValueError, match="train.units: found 8, expected 9.*remove it to begin anew"):
        nc.train(task, checkpoint=path, **{**options, "units": 9})
    told = []
    result = nc.train(task, checkpoint=path, progress=lambda *update: told.append(update), **options)
    assert not path.exists() and told[0][0] > 1, "it goes on where it was"
    straight = nc.train(task, **options)
    assert np.array_equal(result.network.recurrent_weights, straight.network.recurrent_weights)
    assert np.array_equal(result.loss, straight.loss)


def test_other_threads_run_meanwhile():
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.wait(0.01):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    nc.train("flip-flop", iterations=300, units=32)
    stop.set()
    thread.join()
    assert len(ticks) > 5


def test_progress_is_told_and_may_stop():
    told = []

    def progress(done, total, message):
        told.append((done, total, message))
        return len(told) < 3

    result = nc.train("flip-flop", iterations=100000, units=16, progress=progress)
    assert result.termination == "interrupted" and 3 <= len(told) <= 5 and "loss" in told[-1][2]
    done = [entry[0] for entry in told]
    assert done == sorted(done) and told[0][1] == 100000


def test_an_exception_of_progress_arrives_as_it_is():
    def progress(done, total, message):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        nc.train("flip-flop", iterations=100000, units=16, progress=progress)


def test_a_bar_shows_with_and_without_tqdm(memory, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    nc.find_fixed_points(memory, progress=True)
    assert "fixed points:" in capsys.readouterr().err


def test_threads_are_counted():
    nc.set_n_threads(3)
    assert nc.n_threads() == 3
    nc.set_n_threads(0)
    with pytest.raises(ValueError, match="-1"):
        nc.set_n_threads(-1)
