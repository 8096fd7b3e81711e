# SPDX-License-Identifier: BSD-3-Clause
"""Model files through the command: parameters, results, and mistakes in one line."""

from pathlib import Path

import numpy as np
import pytest
from command import fail, run, succeed, succeed_json

MODELS = Path(__file__).resolve().parents[2] / "examples" / "jordan-2021"


def search(model, *flags):
    return succeed_json("fixed-points", MODELS / model, *flags, "--json")


def test_a_cell_gives_its_proven_points_and_says_what_it_is():
    found = search("eq9.toml", "--set", "gamma=0.0535")
    assert found["n_points"] == 5 and found["completeness"] == "proven" and found["index_sum"] == 1
    assert found["system"]["kind"] == "gru" and found["system"]["time"] == "continuous"
    assert found["system"]["parameters"] == {"b": 0.32, "gamma": 0.0535}
    states = np.array([point["state"] for point in found["points"]])
    assert np.abs(states - [-0.60358857869123539094, -0.53073223280433606637]).max(1).min() < 1e-13


def test_a_parameter_changes_the_stability():
    # The Hopf point is at arccos(2/3) = 0.8411.
    assert search("eq8.toml", "--set", "alpha=0.85")["points"][0]["stability"] == "stable"
    assert search("eq8.toml", "--set", "alpha=0.83")["points"][0]["stability"] == "unstable"


def test_set_may_be_repeated_and_hopf_has_the_known_frequency():
    found = search("eq8.toml", "--set", "beta=3", "--set", "alpha=0.84106867056793026")
    assert found["points"][0]["eigenvalues_im"][0] == pytest.approx(0.5 * np.sqrt(1.25), rel=1e-12)
    assert abs(found["points"][0]["eigenvalues_re"][0]) < 1e-14


def test_equations_are_proven_in_their_box_and_verified_from_the_file(tmp_path):
    out = tmp_path / "fhn.nc"
    found = search("fitzhugh-nagumo.toml", "--set", "I=0.34", "-o", out)
    assert found["completeness"] == "proven" and found["n_points"] == 1
    assert found["points"][0]["state"] == pytest.approx([-0.9600751063370906, -0.32509388292136326], abs=1e-13)
    assert found["system"]["kind"] == "equations" and found["system"]["states"] == ["v", "w"]
    assert "all 1 proofs hold" in succeed("verify", out)
    succeed("report", out, "-o", tmp_path / "fhn.html")
    # A system with other parameters does not have these points.
    other = tmp_path / "other.toml"
    other.write_text((MODELS / "fitzhugh-nagumo.toml").read_text().replace("I = 0.7", "I = 0.9"))
    assert run("verify", out, "--network", other).returncode == 4


def test_a_map_is_simulated(tmp_path):
    model = tmp_path / "m.toml"
    model.write_text('[system]\nmap = {x = "x/2 + u"}\ninputs = ["u"]\n')
    np.save(tmp_path / "u.npy", np.ones((4, 1)))
    done = succeed_json("simulate", model, "--inputs", tmp_path / "u.npy", "-o", tmp_path / "s.nc", "--json")
    assert done["final_states"] == [[1.875]]


def test_info_names_the_parameters():
    found = succeed_json("info", MODELS / "fitzhugh-nagumo.toml", "--json")
    assert found["model"]["parameters"]["tau"] == 12.5 and found["model"]["states"] == ["v", "w"]


@pytest.mark.parametrize(
    ("text", "flags", "code", "message"),
    [
        ('[system]\node = {x = "x + y"}\n', (), 3, "line 2, column 17: unknown symbol 'y'"),
        ('[system]\node = {x = "x"}\n', (), 2, "found no [box], expected the region to search"),
        ('[system]\node = {x = "x"}\n[box]\nx = [0, 1]\n', ("--set", "k=1"), 2, "parameter 'k': unknown"),
        ('[system]\node = {x = "x"}\n[box]\nx = [0, 1]\n', ("--set", "k"), 2, "--set: found 'k', expected name=value"),
        ('[system]\node = {x = "x"}\n[box]\nx = [0, 1]\n', ("--cell", "gru"), 2, "--cell: is for imported weights"),
        ("[system]\nmap = {x = '" + "(" * 5000 + "'}\n", (), 3, "more than 100 nested levels"),
    ],
)
def test_mistakes_are_one_line(tmp_path, text, flags, code, message):
    path = tmp_path / "m.toml"
    path.write_text(text)
    assert message in fail(code, "fixed-points", path, *flags)


def test_set_is_for_models_alone(tmp_path):
    assert "--set: is for model files" in fail(2, "fixed-points", tmp_path / "x.nc", "--set", "a=1")


def test_a_flow_is_simulated_with_held_inputs(tmp_path):
    model = tmp_path / "f.toml"
    model.write_text('[system]\node = {x = "u - x"}\ninputs = ["u"]\n')
    np.save(tmp_path / "u.npy", np.array([[1.0], [0.0]]))
    out = tmp_path / "s.nc"
    flags = ("simulate", model, "--inputs", tmp_path / "u.npy", "-o", out, "--json")
    done = succeed_json(*flags, "--dt", 0.5)
    assert done["final_states"][0][0] == pytest.approx((1 - np.exp(-0.5)) * np.exp(-0.5), abs=1e-10)
    done = succeed_json(*flags, "--start", "2")
    assert done["final_states"][0][0] == pytest.approx((1 + np.exp(-1)) * np.exp(-1), abs=1e-10)
    assert succeed_json("simulate", model, "--steps", 3, "--start", "1", "-o", out, "--json")["final_states"][0][0] == pytest.approx(np.exp(-3), abs=1e-10)
    assert "or --steps N without input" in fail(2, "simulate", model, "-o", out)
    assert "expected one of them" in fail(2, *flags, "--steps", 3)
    assert "--start: found 2 values, expected 1" in fail(2, "simulate", model, "--steps", 3, "--start", "1,2", "-o", out)
    assert "dt: found 0" in fail(2, "simulate", model, "--steps", 3, "--dt", 0, "-o", out)


def test_the_graph_of_a_flow_names_where_its_saddles_lead(tmp_path):
    """Two independent units x' = (tanh(3 x) - x) / 2: saddles join the sinks on either side, the source joins all four."""
    model = tmp_path / "two units.toml"
    model.write_text('[system]\ncell = "gru"\ntime = "continuous"\nunits = 2\n[weights]\nU_h = [[6, 0], [0, 6]]\n')
    points = tmp_path / "points.nc"
    document = succeed_json("fixed-points", model, "-o", points, "--json", "--quiet")
    [graph] = succeed_json("topology", points, "--json", "--quiet")["graphs"]
    signs = {i: tuple(np.sign(np.round(document["points"][i]["state"], 6)).astype(int)) for i in graph["point_index"]}
    for row, i in zip(graph["transitions"], graph["point_index"]):
        targets = {signs[graph["point_index"][j]] for j, share in enumerate(row[:-1]) if share > 0}
        here = signs[i]
        assert targets == {(a, b) for a in (-1, 1) for b in (-1, 1) if here[0] in (0, a) and here[1] in (0, b)}
        assert row[-1] == 0
