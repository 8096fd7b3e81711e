# SPDX-License-Identifier: BSD-3-Clause
"""Sweeps of quantities through the command."""

import json
import math
import pathlib

import numpy as np
import pytest
import xarray as xr
from command import fail, hold_memory_weights, succeed, succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
EQUATION_8 = EXAMPLES / "eq8.toml"


def test_the_number_of_fixed_points_of_equation_8(tmp_path):
    """Nine below the saddle-nodes, cos(alpha) = ..., at 0.1478 for s = 0 and at 0.3463 for s = 2; else one."""
    path = tmp_path / "sweep.nc"
    document = succeed_json(
        "sweep", EQUATION_8, "--quantity", "n_fixed_points", "--parameter", "alpha", "--from", 0.1, "--to", 0.5,
        "--steps", 5, "--second-parameter", "s", "--second-from", 0, "--second-to", 2, "--second-steps", 2, "-o", path)
    assert document["values"][0] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert document["result"] == [[9, 9], [1, 9], [1, 9], [1, 1], [1, 1]]
    assert not np.any(document["doubt"]), "each set is proven to be whole"
    with xr.open_dataset(path) as file:
        assert file.attrs["nullcline_kind"] == "sweep"
        assert file["n_fixed_points"].dims == ("first", "second")
        assert np.array_equal(file["n_fixed_points"].values, document["result"])
    assert json.loads(succeed("info", path, "--json"))["kind"] == "sweep"


def test_where_the_equations_have_no_value_there_is_none(tmp_path):
    model = tmp_path / "a model.toml"
    model.write_text('[system]\node = {x = "1/p - x"}\n[parameters]\np = 1.0\n[box]\nx = [-10, 10]\n')
    document = succeed_json("sweep", model, "--quantity", "n_fixed_points", "--parameter", "p", "--from", -1, "--to", 1, "--steps", 3)
    assert document["result"] == [1, None, 1], "1/p is not defined at p = 0"
    assert "this system has no inputs" in fail(
        2, "sweep", model, "--parameter", "input[0]", "--from", 0, "--to", 1)


def test_the_frequency_of_its_cycle():
    arguments = ("sweep", EQUATION_8, "--quantity", "cycle_frequency", "--parameter", "alpha", "--from", 0.3, "--to", 0.9,
                 "--steps", 4, "--n-starts", 2)
    document = succeed_json(*arguments)
    assert document["result"][0] == pytest.approx(1 / 46.7691310823491, rel=1e-8)
    assert document["result"][3] is None, "0.9 is beyond the Hopf point"
    text = succeed(*arguments)
    assert text.startswith("cycle_frequency over alpha\n") and "at 3 of 4 places" in text


def test_the_gain_of_a_network(tmp_path):
    """tanh(2 g h) has three fixed points above g = 1/2: two units have nine."""
    weights = hold_memory_weights(tmp_path / "memory.npz", n=2)
    document = succeed_json("sweep", weights, "--parameter", "gain", "--from", 0.2, "--to", 1, "--steps", 3,
                            "--quantity", "n_stable_points")
    assert document["result"] == [1, 4, 4] and document["parameters"] == ["gain"]
    cycles = fail(2, "sweep", weights, "--parameter", "gain", "--from", 0.2, "--to", 1, "--quantity", "n_cycles")
    assert "n_cycles: found a map, expected a flow" in cycles


def test_bad_input_is_one_line():
    line = ("sweep", EQUATION_8, "--parameter", "alpha", "--from", 0)
    assert "--to: is missing" in fail(2, *line)
    assert "two different numbers" in fail(2, *line, "--to", 0)
    assert "steps of 'alpha': found 1" in fail(2, *line, "--to", 1, "--steps", 1)
    assert "expected all or none" in fail(2, *line, "--to", 1, "--second-parameter", "s")
    assert "gamma" in fail(2, "sweep", EQUATION_8, "--parameter", "gamma", "--from", 0, "--to", 1)
    assert "n_fixed_points |" in fail(2, *line, "--to", 1, "--quantity", "size")


def test_chaos_shows_in_the_largest_exponent(tmp_path):
    """The logistic map: at r = 4 the exponent is ln 2, at r = 3.2 an orbit of two steps attracts."""
    model = tmp_path / "a map.toml"
    model.write_text('[system]\nmap = {x = "r*x*(1 - x)"}\n[parameters]\nr = 3.5\n[box]\nx = [0, 1]\n')
    document = succeed_json(
        "sweep", model, "--quantity", "largest_exponent", "--parameter", "r", "--from", 3.2, "--to", 4, "--steps", 2,
        "--n-starts", 2, "--max-time", 20000, "--quiet")  # fmt: skip
    low, high = document["result"]
    orbit = [(4.2 + sign * math.sqrt(4.2 * 0.2)) / 6.4 for sign in (1, -1)]
    assert low == pytest.approx(math.log(abs(3.2**2 * (1 - 2 * orbit[0]) * (1 - 2 * orbit[1]))) / 2, abs=1e-9)
    assert high == pytest.approx(math.log(2), abs=0.02)


def test_the_page_of_a_sweep_holds_its_values(tmp_path):
    page = tmp_path / "a page.html"
    succeed("sweep", EQUATION_8, "--parameter", "alpha", "--from", 0.1, "--to", 0.2, "--steps", 2, "-o", page, "--quiet")
    text = page.read_text()
    assert '"kind":"sweep"' in text and '"result":[9.0,1.0]' in text and "Sweep of eq8" in text
