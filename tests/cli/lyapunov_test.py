# SPDX-License-Identifier: BSD-3-Clause
"""Lyapunov exponents and verdicts through the command, against published values."""

import json
import math
import pathlib

import numpy as np
import pytest
import xarray as xr
from command import fail, hold_memory_weights, succeed, succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
HENON = '[system]\nmap = { x = "1 - a*x^2 + y", y = "b*x" }\n[parameters]\na = 1.4\nb = 0.3\n[box]\nx = [-2, 2]\ny = [-2, 2]\n'
LORENZ = (
    '[system]\node = { x = "10*(y - x)", y = "x*(r - z) - y", z = "x*y - 8/3*z" }\n[parameters]\nr = 28.0\n'
    "[box]\nx = [-30, 30]\ny = [-30, 30]\nz = [0, 60]\n"
)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    (folder / "henon.toml").write_text(HENON)
    (folder / "lorenz.toml").write_text(LORENZ)
    return folder


def test_the_henon_map(models, tmp_path):
    path = tmp_path / "henon.nc"
    document = succeed_json("lyapunov", models / "henon.toml", "--start", "0,0", "--duration", 200000, "-o", path)
    assert document["verdict"] == "chaos"
    assert document["exponents"] == pytest.approx([0.41922, -1.62319], abs=3e-3)
    assert document["sum"] == pytest.approx(math.log(0.3), abs=1e-9) == document["mean_divergence"]
    assert len(document["running"]) == 20 and document["running"][-1]["exponents"] == document["exponents"]
    with xr.open_dataset(path) as file:
        assert file.attrs["nullcline_kind"] == "trajectory" and file.attrs["verdict"] == "chaos"
        assert file["exponents"].values == pytest.approx(document["exponents"])
    assert json.loads(succeed("info", path, "--json"))["kind"] == "trajectory"


def test_the_lorenz_system_and_its_plain_words(models):
    text = succeed("lyapunov", models / "lorenz.toml", "--start", "1,1,1", "--duration", 300)
    assert text.startswith("chaos: the largest exponent is positive") and "Kaplan-Yorke dimension 2.0" in text
    quiet = succeed_json("lyapunov", models / "lorenz.toml", "--start", "1,1,1", "--set", "r=10")
    assert quiet["verdict"] == "fixed_point" and quiet["point"][2] == pytest.approx(9, abs=1e-9)


def test_the_cycle_of_equation_8():
    document = succeed_json("lyapunov", EXAMPLES / "eq8.toml", "--set", "alpha=0.5", "--start", "0.1,0")
    assert document["verdict"] == "cycle" and document["period"] == pytest.approx(23.6740263669782, rel=1e-8)
    assert document["exact_exponents"][1] == pytest.approx(math.log(0.005807117928080767) / 23.6740263669782, abs=1e-6)
    assert document["exponents"][1] == pytest.approx(document["exact_exponents"][1], abs=1e-3)


def test_a_network_starts_where_it_starts(tmp_path):
    weights = hold_memory_weights(tmp_path / "memory.npz", n=2)
    document = succeed_json("lyapunov", weights, "--input", "0.1,-0.1")
    assert document["verdict"] == "fixed_point" and not document["verified"]
    h = document["point"][0]
    assert h == pytest.approx(np.tanh(2 * h + 0.4), abs=1e-12)
    flow = succeed_json("lyapunov", weights, "--input", "0.1,-0.1", "--time", "continuous")
    assert flow["point"] == pytest.approx(document["point"], abs=1e-9)


def test_bad_input_is_one_line(models, tmp_path):
    lorenz = models / "lorenz.toml"
    assert "--start: is missing, expected 3 numbers" in fail(2, "lyapunov", lorenz)
    assert "--start: found 2 values, expected 3" in fail(2, "lyapunov", lorenz, "--start", "1,1")
    assert "duration" in fail(2, "lyapunov", lorenz, "--start", "1,1,1", "--duration", -5)
    assert "n_exponents: found 4" in fail(2, "lyapunov", lorenz, "--start", "1,1,1", "--n-exponents", 4)
    assert "tolerance" in fail(2, "lyapunov", lorenz, "--start", "1,1,1", "--tolerance", 1)
    assert "--time" in fail(2, "lyapunov", lorenz, "--start", "1,1,1", "--time", "continuous")
    escaping = tmp_path / "escape.toml"
    escaping.write_text('[system]\node = { x = "1 + x*x" }\n')
    document = succeed_json("lyapunov", escaping, "--start", "0")
    assert document["verdict"] == "diverged" and document["exponents"] == [] and "1.57" in document["evidence"]


def test_three_gru_units_can_be_chaotic():
    """By Runge-Kutta steps of 0.02 beside the project, 64 trajectories of 2000 units of time: 0.02715, with a
    standard error of 0.0005."""
    path = EXAMPLES / "catalogue" / "three-unit-chaos.toml"
    document = succeed_json("lyapunov", path, "--start", "0.1,0.1,0.1", "--duration", 3000, "--tolerance", 1e-8)
    assert document["verdict"] == "chaos"
    largest, middle, _ = document["exponents"]
    error = document["errors"][0]
    assert largest > 5 * error > 0 and largest == pytest.approx(0.02715, abs=4 * error)
    assert abs(middle) < 4 * document["errors"][1]
    assert document["sum"] == pytest.approx(document["mean_divergence"], abs=1e-7)


def test_three_gru_units_as_a_map_can_be_chaotic():
    """By tangent vectors beside the project, 200 trajectories of 8000 steps: 0.46911, standard error 0.0005."""
    path = EXAMPLES / "catalogue" / "three-unit-chaos-map.toml"
    document = succeed_json("lyapunov", path, "--start", "0.1,0.2,0.3")
    assert document["verdict"] == "chaos"
    error = document["errors"][0]
    assert document["exponents"][0] > 50 * error > 0
    assert document["exponents"][0] == pytest.approx(0.46911, abs=4 * error)
