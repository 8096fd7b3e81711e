# SPDX-License-Identifier: BSD-3-Clause
"""What `nullcline task-analysis` reads from one network, against NumPy."""

import json

import numpy as np
import pytest
import xarray as xr
from command import DATA, SMALL, fail, succeed, succeed_json

ORACLE = DATA / "task_analysis" / "sine_vanilla_24.npz"
SEARCH = "--n-starts 64 --max-starts 256 --max-boxes 0"


@pytest.fixture(scope="module")
def oscillator(tmp_path_factory):
    path = tmp_path_factory.mktemp("sine") / "sine.nc"
    succeed("train sine --steps 60 --lowest-frequency 0.05 --highest-frequency 0.1 --cell vanilla --units 12 --iterations 300",
            "--learning-rate", 1e-2, "--seed", 1, "-o", path)
    return path


@pytest.fixture(scope="module")
def integrator(tmp_path_factory):
    path = tmp_path_factory.mktemp("context") / "context.nc"
    succeed("train context-integration --steps 20 --cell vanilla --units 16 --iterations 400 --clip-norm 10 --seed 2", "-o", path)
    return path


def test_imported_weights_give_the_numbers_of_the_oracle(tmp_path):
    oracle = np.load(ORACLE)
    np.savez(tmp_path / "w.npz", weight_ih_l0=oracle["input_weights"], weight_hh_l0=oracle["recurrent_weights"],
             bias_ih_l0=oracle["bias"], bias_hh_l0=0 * oracle["bias"],
             **{"readout.weight": oracle["readout_weights"], "readout.bias": oracle["readout_bias"]})
    found = succeed_json(f"task-analysis sine {tmp_path / 'w.npz'} --cell vanilla {SEARCH}")
    assert found["task"] == "sine" and found["verified"] is False
    for name, key in (("command", "commands"), ("magnitude", "magnitude"), ("linear_frequency", "linear_frequency")):
        np.testing.assert_allclose([row[name] for row in found["commands"]], np.ravel(oracle[key]), atol=1e-9)
    assert [row["n_unstable"] for row in found["commands"]] == list(np.ravel(oracle["n_unstable"]))


def test_the_task_is_that_of_the_network_but_for_what_flags_say(oscillator, tmp_path):
    found = succeed_json(f"task-analysis sine {oscillator} --commands 3 {SEARCH} -o {tmp_path / 'a.nc'}")
    np.testing.assert_allclose([row["frequency"] for row in found["commands"]], [0.05, 0.075, 0.1])
    assert found["configuration"]["task"]["steps"] == 60 and found["output"] == str(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc", group="network") as net, xr.open_dataset(tmp_path / "a.nc") as file:
        assert file.attrs["nullcline_kind"] == "sine_analysis"
        for row, h in zip(found["commands"], file["states"].values):
            f = np.tanh(net["recurrent_weights"].values @ h + net["input_weights"].values[:, 0] * row["command"] + net["bias"].values)
            np.testing.assert_allclose(f, h, atol=1e-12)
            values = np.linalg.eigvals((1 - f**2)[:, None] * net["recurrent_weights"].values)
            leading = max(values[values.imag > 0], key=abs)
            assert row["magnitude"] == pytest.approx(abs(leading), abs=1e-9)
            assert row["linear_frequency"] == pytest.approx(np.angle(leading) / 2 / np.pi, abs=1e-9)
    other = succeed_json(f"task-analysis sine {oscillator} --commands 2 --lowest-frequency 0.02 {SEARCH}")
    assert [row["frequency"] for row in other["commands"]] == pytest.approx([0.02, 0.1])
    assert "frequency" in succeed(f"task-analysis sine {oscillator} --commands 2 {SEARCH}")
    assert succeed(f"info {tmp_path / 'a.nc'}")


def test_a_line_attractor_is_slow_and_its_spectrum_numpy_s(integrator, tmp_path):
    found = succeed_json(f"task-analysis context-integration {integrator} --points 12 -o {tmp_path / 'a.nc'}")
    assert found["steps"] == [1, 5, 20] and len(found["contexts"]) == 2
    with xr.open_dataset(tmp_path / "a.nc", group="network") as net:
        w, a, b = (net[name].values for name in ("recurrent_weights", "input_weights", "bias"))
    for k, context in enumerate(found["contexts"]):
        assert context["input"] == [0, 0, 1 - k, k] and 0 < context["n_states"] <= context["n_starts"] == 12
        with xr.open_dataset(tmp_path / "a.nc", group=f"context_{k}") as line:
            states = line["states"].values
        f = np.tanh(states @ w.T + a @ context["input"] + b)
        np.testing.assert_allclose(((f - states) ** 2).sum(1) / 2, context["speeds"], atol=1e-12)
        spectra = [np.sort(abs(np.linalg.eigvals((1 - row**2)[:, None] * w)))[::-1] for row in f]
        np.testing.assert_allclose(np.mean(spectra, axis=0), context["magnitudes"], atol=1e-9)
        assert np.shape(context["responses"]) == (3, 17) and context["responses"][1][0] == 0
    assert "context 1:" in succeed(f"task-analysis context-integration {integrator} --points 3")


def test_networks_of_other_tasks_are_refused(oscillator, integrator, trained, tmp_path):
    assert "trained on flip-flop, expected sine" in fail(3, f"task-analysis sine {trained}")
    assert "trained on sine, expected context-integration" in fail(3, f"task-analysis context-integration {oscillator}")
    assert "commands: found 0" in fail(3, f"task-analysis sine {oscillator} --commands 0")
    assert "unknown flag '--comands', did you mean '--commands'?" in fail(2, f"task-analysis sine {oscillator} --comands 3")
    assert "expected at least 2, one per context" in fail(3, f"task-analysis context-integration {integrator} --trials 1")
    (tmp_path / "m.toml").write_text('[system]\node = { x = "-x" }\n')
    assert "expected a network" in fail(3, f"task-analysis sine {tmp_path / 'm.toml'}")


def test_train_searches_hyperparameters_first(tmp_path):
    search = "--search-candidates 4 --search-iterations 15"
    found = succeed_json(f"{SMALL} --seed 3 {search} -o {tmp_path / 'a.nc'}")["hyperparameters"]
    losses = [row["validation_loss"] for row in found["candidates"]]
    assert len(losses) == 4 and found["best"] == int(np.argmin([np.inf if loss is None else loss for loss in losses]))
    best = found["candidates"][found["best"]]
    assert 0.1 <= best["clip_norm"] <= 10 and 1e-5 <= best["learning_rate"] <= 0.1
    # The same as a training with the values that were chosen.
    values = " ".join(f"--{name.replace('_', '-')} {best[name]!r}" for name in ("clip_norm", "learning_rate", "decay", "momentum"))
    succeed(f"{SMALL} --seed 3 {values} -o {tmp_path / 'b.nc'}")
    with xr.open_dataset(tmp_path / "a.nc", group="network") as a, xr.open_dataset(tmp_path / "b.nc", group="network") as b:
        for name in a.data_vars:
            np.testing.assert_array_equal(a[name], b[name])
    with xr.open_dataset(tmp_path / "a.nc", group="hyperparameters") as stored:
        assert int(stored["best"]) == found["best"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nc", "b.nc"]
    assert "best of 4 candidates" in succeed(f"{SMALL} --seed 3 {search} -o {tmp_path / 'a.nc'}")
    configuration = json.loads(succeed(f"{SMALL} --seed 3 -o {tmp_path / 'c.nc'} --json"))["configuration"]
    assert configuration["hyperparameters"]["candidates"] == 0
    assert "candidates: found -1" in fail(2, f"{SMALL} --search-candidates=-1 -o {tmp_path / 'd.nc'}")
    wild = "--search-candidates 2 --search-lowest-learning-rate 1e299 --search-highest-learning-rate 1e300 --search-lowest-clip-norm 1e300 --search-highest-clip-norm 1e301"
    assert "all 2 candidates diverged" in fail(4, f"{SMALL} {wild} -o {tmp_path / 'd.nc'}")
    assert not list(tmp_path.glob("d.nc*"))
