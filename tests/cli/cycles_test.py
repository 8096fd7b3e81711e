# SPDX-License-Identifier: BSD-3-Clause
"""Limit cycles through the command, on the equations of Jordan et al. (2021); the values are of oracles
computed beside the project."""

import pathlib

import numpy as np
import pytest
import xarray as xr
from command import fail, hold_memory_weights, run, succeed, succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
EQUATION_8, EQUATION_9 = EXAMPLES / "eq8.toml", EXAMPLES / "eq9.toml"


def test_equation_8_has_one_cycle_from_the_hopf_point_to_the_saddle_nodes(tmp_path):
    path = tmp_path / "cycles.nc"
    document = succeed_json(
        "cycles", EQUATION_8, "--set", "alpha=0.5", "--parameter", "alpha", "--from", 0.1, "--to", 1, "-o", path
    )
    (cycle,) = document["cycles"]
    assert cycle["period"] == pytest.approx(23.6740263669782, rel=1e-8) and cycle["stable"]
    assert cycle["max"] == pytest.approx([0.7584390307163738] * 2, abs=1e-10)
    assert cycle["multipliers_re"] == pytest.approx([0.005807117928080767], abs=1e-8)
    (branch,) = document["branches"]
    assert branch["kind"] == "cycle" and (branch["begin_reason"], branch["end_reason"]) == ("snic", "hopf")
    saddle_node, hopf = branch["events"]
    assert saddle_node["parameter"] == pytest.approx(0.14782207067906648, abs=1e-9)
    assert hopf["parameter"] == pytest.approx(np.arccos(2 / 3), abs=1e-10)
    with xr.open_dataset(path) as file:
        assert file.attrs["nullcline_kind"] == "cycles"
        assert file["period"].values == pytest.approx([cycle["period"]])
        states, times = file["states"].values, file["time"].values
        assert np.array_equal(states[0], states[-1]) and times[-1] == pytest.approx(cycle["period"])
    with xr.open_dataset(path, group="branches") as branches:
        assert branches.sizes["cycle"] == branch["n_points"]
        assert list(branches["end_reason"].values.astype(str)) == ["hopf"]


def test_equation_9_ends_at_a_homoclinic_orbit():
    document = succeed_json(
        "cycles", EQUATION_9, "--set", "gamma=0.0535", "--parameter", "gamma", "--from", 0.05, "--to", 0.06
    )
    assert document["cycles"][0]["period"] == pytest.approx(88.3610561317365621, rel=1e-8)
    hopf, homoclinic = document["branches"][0]["events"]
    assert hopf["type"] == "hopf" and hopf["parameter"] == pytest.approx(0.0530093942197543494, abs=1e-10)
    assert homoclinic["type"] == "homoclinic"
    assert homoclinic["parameter"] == pytest.approx(0.054174676916216, abs=1e-8)
    assert homoclinic["state"] == pytest.approx([-0.317045537517586685, -0.761323174893737809], abs=1e-8)
    assert "saddle's smaller rate being 0.151" in homoclinic["evidence"]


def test_fitzhugh_nagumos_cycles_turn_at_canards():
    """Both Hopf points are subcritical, and the branch turns near them, symmetrically about I = 0.875."""
    document = succeed_json(
        "cycles", EXAMPLES / "fitzhugh-nagumo.toml", "--set", "I=0.7", "--parameter", "I", "--from", 0.1, "--to", 1.6
    )
    assert document["cycles"][0]["period"] == pytest.approx(36.978751673911973, rel=1e-8)
    (branch,) = document["branches"]
    places = {kind: sorted(e["parameter"] for e in branch["events"] if e["type"] == kind) for kind in ("hopf", "fold_of_cycles")}
    assert places["hopf"] == pytest.approx([0.3312813374548, 1.4187186625453], abs=1e-10)
    low, high = places["fold_of_cycles"]
    assert low + high == pytest.approx(1.75, abs=1e-9) and 0.32 < low < places["hopf"][0]
    assert min(branch["parameter"]) == pytest.approx(low, abs=1e-9)


def test_no_cycle_is_an_answer():
    document = succeed_json("cycles", EQUATION_8, "--set", "alpha=0.9", "--n-starts", 10)
    assert document["cycles"] == [] and document["ends"]["on_cycles"] == 0
    assert "0 limit cycles found" in succeed("cycles", EQUATION_8, "--set", "alpha=0.9", "--n-starts", 10).splitlines()[0]


def test_what_does_not_exist_is_not_followed():
    line = fail(4, "cycles", EQUATION_8, "--set", "alpha=0.9", "--n-starts", 5, "--parameter", "alpha", "--from", 0.85, "--to", 1, "--quiet")
    assert "no limit cycle was found at alpha = 0.9: nothing to follow" in line


def test_a_network_is_taken_as_a_flow(tmp_path):
    weights = hold_memory_weights(tmp_path / "unit.npz", n=2)
    text = succeed("cycles", weights, "--n-starts", 5)
    assert "not verified" in text and "0 limit cycles found" in text


def test_bad_input_is_one_line(tmp_path):
    cases = [
        (("--parameter", "alpha"), 2, "--parameter, --from and --to: found some of them"),
        (("--parameter", "alpha", "--from", 0.5, "--to", 0.5), 2, "found 0.5 to 0.5, expected two different numbers"),
        (("--parameter", "alpha", "--from", 0.6, "--to", 0.7), 2, "parameter 'alpha': found 0.5, where cycles are sought, expected a value within 0.6 to 0.7"),
        (("--parameter", "nothing", "--from", 0, "--to", 1), 2, "nothing"),
        (("--n-starts", 0), 2, "n_starts: found 0"),
        (("--input", "1"), 2, "--input: found 1 values, expected 0"),
        (("-o", tmp_path / "none" / "x.nc"), 2, "needs the folder"),
    ]
    for flags, code, words in cases:
        message = fail(code, "cycles", EQUATION_8, "--set", "alpha=0.5", "--quiet", *flags)
        assert words in message, (flags, message)
    escaping = tmp_path / "escape.toml"
    escaping.write_text('[system]\node = { x = "x*x + 1", y = "-y" }\n[box]\nx = [-1, 1]\ny = [-1, 1]\n')
    document = succeed_json("cycles", escaping, "--n-starts", 5)
    assert document["cycles"] == [] and document["ends"]["escaped"] >= 5


def test_a_map_is_refused(tmp_path):
    model = tmp_path / "map.toml"
    model.write_text('[system]\nmap = { x = "0.5*x" }\n[box]\nx = [-1, 1]\n')
    assert "found a map, expected a flow" in fail(2, "cycles", model)
    assert run("cycles", model).returncode == 2
