# SPDX-License-Identifier: BSD-3-Clause
"""Phase portraits through the command, on the equations of Jordan et al. (2021)."""

import pathlib

import numpy as np
import pytest
import xarray as xr
from command import fail, files_in, hold_memory_weights, succeed, succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
EQUATION_8, EQUATION_9 = EXAMPLES / "eq8.toml", EXAMPLES / "eq9.toml"
QUICK = ("--grid", 21, "--automatic", 4)


def test_equation_8_with_its_cycle_as_a_file(tmp_path):
    path = tmp_path / "portrait.nc"
    document = succeed_json("portrait", EQUATION_8, "--set", "alpha=0.5", "--start", "0.1,0", *QUICK, "-o", path)
    assert [p["stability"] for p in document["points"]] == ["unstable"]
    assert document["cycles"][0]["period"] == pytest.approx(23.6740263669782, rel=1e-8)
    assert document["completeness"] == "proven" and "proven complete" in document["sentence"]
    forwards, backwards = document["trajectories"][:2]
    assert (forwards["end"], backwards["end"], backwards["number"]) == ("cycle", "point", 0)
    assert backwards["time"] < 0
    for nullcline in document["nullclines"]:
        assert nullcline["verdict"] == "proven" and nullcline["max_residual"] < 1e-12
    with xr.open_dataset(path) as file:
        assert file.attrs["nullcline_kind"] == "portrait"
        assert file["log_speed"].shape == (21, 21) and file["log_speed"].dims == ("y", "x")
        assert list(file["state_name"].values.astype(str)) == ["h1", "h2"]
        points, component = file["nullcline_points"].values, file["nullcline_component"].values
        assert set(component) == {0, 1} and np.isfinite(points).all()
        # dh/dt = (tanh(U_h h / 2) - h) / 2, as r = z = 1/2
        first = points[component[file["nullcline_curve_of_point"].values] == 0]
        c, s = 3 * np.cos(0.5), 3 * np.sin(0.5)
        assert np.abs(np.tanh(0.5 * (first @ [c, -s])) - first[:, 0]).max() < 1e-14
    with xr.open_dataset(path, group="points") as points:
        assert points.sizes["fixed_point"] == 1


def test_thirteen_points_and_their_basins():
    document = succeed_json("portrait", EXAMPLES / "thirteen-points.toml", "--grid", 61)
    assert len(document["points"]) == 13 and document["index_sum"] == 1
    assert [a["verdict"] for a in document["attractors"]] == ["proven"] * 6
    assert sum(a["basin"] for a in document["attractors"]) + document["basin_undecided"] == pytest.approx(1)
    assert document["basin_undecided"] < 0.01
    assert len(document["manifolds"]) == 24
    unstable = [m for m in document["manifolds"] if not m["stable"]]
    assert {m["end"] for m in unstable} == {"point"}


def test_equation_9_shows_two_saddles_and_a_cycle():
    document = succeed_json("portrait", EQUATION_9, *QUICK)
    assert sorted(p["stability"] for p in document["points"]) == ["saddle", "saddle", "stable", "stable", "unstable"]
    assert document["cycles"][0]["period"] == pytest.approx(99.883580726, rel=1e-8)


def test_the_hidden_attractor_has_an_unstable_cycle_between_two_basins():
    document = succeed_json("portrait", EXAMPLES / "hidden-attractor.toml", "--box", "-0.2,0.6;-0.6,0.3", "--grid", 41)
    assert [c["stable"] for c in document["cycles"]] == [False, True]
    assert {a["kind"] for a in document["attractors"] if a["basin"] > 0.001} == {"point", "cycle"}


def test_a_page_is_one_file_and_a_stored_portrait_gives_the_same(tmp_path):
    arguments = ("portrait", EQUATION_8, *QUICK, "--quiet")
    succeed(*arguments, "-o", tmp_path / "page.html")
    succeed(*arguments, "-o", tmp_path / "data.nc")
    succeed("report", tmp_path / "data.nc", "-o", tmp_path / "again.html")
    page, again = (tmp_path / "page.html").read_text(), (tmp_path / "again.html").read_text()
    data = [text[text.index('id="data">') : text.index("</script>", text.index('id="data">'))] for text in (page, again)]
    assert data[0] == data[1] and len(page) < 3_000_000
    assert "proven complete" in page and "src=" not in page.split("<script")[0]
    assert files_in(tmp_path) == ["again.html", "data.nc", "page.html"]


def test_both_conventions_of_time_side_by_side(tmp_path):
    path = tmp_path / "both.nc"
    document = succeed_json("portrait", EQUATION_8, "--set", "alpha=0.5", "--compare-time", *QUICK, "-o", path)
    discrete = document["discrete"]
    assert (document["time"], discrete["time"]) == ("continuous", "discrete")
    assert [p["state"] for p in document["points"]] == [p["state"] for p in discrete["points"]]
    assert len(document["cycles"]) == 1 and discrete["orbits"][0]["kind"] == "invariant_circle"
    with xr.open_dataset(path, group="discrete") as file:
        assert "log_speed" in file
    message = fail(2, "portrait", EXAMPLES / "fitzhugh-nagumo.toml", "--compare-time")
    assert "--compare-time: found equations, which are a flow or a map, expected a cell" in message


def test_noise_needs_inputs_and_is_reproducible(tmp_path):
    assert "--noise: the model has no inputs" in fail(2, "portrait", EQUATION_8, "--noise", 0.1)
    model = tmp_path / "noisy.toml"
    model.write_text('[system]\node = { x = "x - x^3 + u" , y = "-y" }\ninputs = ["u"]\n[box]\nx = [-2, 2]\ny = [-2, 2]\n')
    run = ("portrait", model, *QUICK, "--noise", 0.3, "--ensemble", 40, "--start", "0,0", "--no-backward")
    one = succeed_json(*run, "--threads", 1)
    two = succeed_json(*run, "--threads", 2)
    shares = [a["ensemble"] for a in one["attractors"]]
    assert shares == [a["ensemble"] for a in two["attractors"]]
    assert sum(shares) == pytest.approx(1) and min(shares) > 0.2
    assert [a["ensemble"] for a in succeed_json(*run, "--seed", 3)["attractors"]] != shares


def test_one_and_three_states(tmp_path):
    line = succeed_json("portrait", EXAMPLES / "one-unit.toml", "-o", tmp_path / "line.html")
    assert [p["stability"] for p in line["points"]] == ["stable", "stable", "unstable"]
    network = hold_memory_weights(tmp_path / "three.npz")
    space = succeed_json("portrait", network, "--cell", "vanilla", "-o", tmp_path / "space.html", "--automatic", 3)
    assert len(space["points"]) == 27 and space["verified"] is False and space["time"] == "discrete"


def test_a_configuration_file_says_what_flags_say(tmp_path):
    config = tmp_path / "portrait.toml"
    config.write_text("[portrait]\ncompare_time = false\n[picture]\ngrid = 21\nautomatic = 0\nstart = [[0.1, 0.2]]\n")
    document = succeed_json("portrait", EQUATION_8, "--config", config)
    assert document["configuration"]["picture"]["grid"] == 21
    assert [t["start"] for t in document["trajectories"]] == [[0.1, 0.2]] * 2
    assert "grid = 21" in succeed("portrait", EQUATION_8, "--config", config, "--print-config")


def test_bad_input_is_one_line_and_leaves_nothing(tmp_path):
    cases = [
        (EQUATION_8, ("--box", "1,0;-1,1"), 2, "--box: found 1,0, expected lower,upper"),
        (EQUATION_8, ("--box", "0,1"), 2, "--box: found 1 rows, expected 2"),
        (EQUATION_8, ("--start", "3,0"), 2, "--start: found 3,0, expected a state inside the box"),
        (EQUATION_8, ("--start", "0"), 2, "--start: found 1 values, expected 2"),
        (EQUATION_8, ("--grid", 100000), 2, "--grid: found 100000, expected 3 to 2001"),
        (EQUATION_8, ("--set", "alhpa=1"), 2, "alhpa"),
        (EQUATION_8, ("--max-time", -1), 2, "--max-time: found -1"),
        (EQUATION_8, ("--colour", 1), 2, "unknown flag '--colour'"),
    ]
    for model, flags, code, words in cases:
        message = fail(code, "portrait", model, *flags, "-o", tmp_path / "x.html")
        assert words in message, (flags, message)
    four = tmp_path / "four.toml"
    four.write_text('[system]\ncell = "gru"\nunits = 4\n[weights]\nb_h = [1, 0, 0, 0]\n')
    assert "found 4 states, expected 1 to 3" in fail(2, "portrait", four, "-o", tmp_path / "x.html")
    pole = tmp_path / "pole.toml"
    pole.write_text('[system]\node = { x = "1/x", y = "-y" }\n[box]\nx = [1, 2]\ny = [1, 2]\n')
    message = fail(2, "portrait", pole, "--box", "-1,1;-1,1", "--grid", 21, "-o", tmp_path / "x.html")
    assert "the rate is not finite at x = 0" in message
    boxless = tmp_path / "boxless.toml"
    boxless.write_text('[system]\node = { x = "-x", y = "-y" }\n')
    assert "found no [box]" in fail(2, "portrait", boxless)
    assert files_in(tmp_path) == ["boxless.toml", "four.toml", "pole.toml"]


def test_what_escapes_is_said(tmp_path):
    model = tmp_path / "escape.toml"
    model.write_text('[system]\node = { x = "x*x + 1", y = "-y" }\n[box]\nx = [-1, 1]\ny = [-1, 1]\n')
    document = succeed_json("portrait", model, *QUICK)
    assert document["points"] == [] and document["basin_leaves"] == 1
    assert {t["end"] for t in document["trajectories"]} <= {"left_box", "not_finite"}
    assert any("leave the box" in note for note in document["notes"])
