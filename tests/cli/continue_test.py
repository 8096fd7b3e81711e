# SPDX-License-Identifier: BSD-3-Clause
"""Continuation through the command, on networks whose bifurcations are known by hand."""

import json
import math
import pathlib

import numpy as np
import pytest
import xarray as xr
from command import DATA, fail, hold_memory_weights, run, succeed, succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
# h = tanh(2 h + 4 u) has folds where 2 (1 - h^2) = 1.
FOLD = (math.atanh(math.sqrt(0.5)) - 2 * math.sqrt(0.5)) / 4


@pytest.fixture(scope="module")
def unit(tmp_path_factory):
    return hold_memory_weights(tmp_path_factory.mktemp("unit") / "unit.npz", n=1)


@pytest.fixture(scope="module")
def branch(unit):
    path = unit.parent / "branch.nc"
    return path, succeed_json("continue", unit, "--parameter", "input[0]", "--from", -0.3, "--to", 0.3, "-o", path)


def test_the_folds_of_one_unit(branch):
    _, document = branch
    assert len(document["branches"]) == 1 and document["parameters"] == ["input[0]"]
    only = document["branches"][0]
    assert only["kind"] == "fixed_point" and (only["begin_reason"], only["end_reason"]) == ("interval_end", "interval_end")
    assert [event["type"] for event in only["events"]] == ["fold", "fold"]
    found = sorted(event["parameter"] for event in only["events"])
    assert found == pytest.approx([-abs(FOLD), abs(FOLD)], abs=1e-10)
    assert all(event["criticality"] is None and event["error"] < 1e-10 for event in only["events"])
    assert {tuple(sorted(search)) for search in document["searches"]} == {("completeness", "n_found", "n_undecided", "parameter")}
    assert set(only["n_unstable"]) == {0, 1} and len(only["state"]) == only["n_points"]


def test_the_file_opens_in_xarray_and_info_reads_it(branch):
    path, document = branch
    with xr.open_dataset(path) as file:
        assert file.attrs["nullcline_kind"] == "continuation"
        states = np.array(document["branches"][0]["state"])
        assert np.array_equal(file["states"].values, states)
        assert list(file["event_type"].values.astype(str)) == ["fold", "fold"]
    assert json.loads(succeed("info", path, "--json"))["kind"] == "continuation"


def test_the_flow_has_the_same_folds_under_another_name(unit):
    document = succeed_json(
        "continue", unit, "--parameter", "input[0]", "--from", -0.3, "--to", 0.3, "--time", "continuous")
    assert document["branches"][0]["kind"] == "equilibrium"
    assert sorted(e["parameter"] for e in document["branches"][0]["events"]) == pytest.approx([-abs(FOLD), abs(FOLD)], abs=1e-10)


def test_the_gain_and_a_cusp_in_two_parameters(unit):
    """h = tanh(2 g h): pitchfork at g = 1/2, which an input unfolds: a cusp at (1/2, 0)."""
    document = succeed_json("continue", unit, "--parameter", "gain", "--from", 0.2, "--to", 1)
    events = [event for branch in document["branches"] for event in branch["events"]]
    assert {event["type"] for event in events} == {"branch_point"}
    assert {event["note"] for event in events} == {"pitchfork"}
    assert all(event["parameter"] == pytest.approx(0.5, abs=1e-10) for event in events)
    document = succeed_json(
        "continue", unit, "--parameter", "input[0]", "--from", -0.3, "--to", 0.3,
        "--second-parameter", "gain", "--second-from", 0.3, "--second-to", 1)
    (curve,) = document["curves"]
    assert curve["kind"] == "fold_curve" and len(curve["parameter"][0]) == 2
    (cusp,) = curve["events"]
    assert cusp["type"] == "cusp" and cusp["parameter"] == pytest.approx([0, 0.5], abs=1e-9)


def test_the_text_names_branches_events_and_ends(unit):
    text = succeed("continue", unit, "--parameter", "input[0]", "--from", -0.3, "--to", 0.3)
    assert "1 branch\n" in text and text.count("fold ") == 2 and "interval_end" in text


def test_bad_input_is_one_line(unit):
    interval = ("--from", 0, "--to", 1)
    assert "length zero" in fail(2, "continue", unit, "--parameter", "gain", "--from", 1, "--to", 1)
    line = fail(2, "continue", unit, "--parameter", "alpha", *interval)
    assert "alpha" in line and "gain" in line and "input[i]" in line
    assert "input[0]" in fail(2, "continue", unit, "--parameter", "input[1]", *interval)
    assert "--to" in fail(2, "continue", unit, "--parameter", "gain", "--from", 0)
    assert "--input" in fail(2, "continue", unit, "--parameter", "gain", *interval, "--input", "1,2")
    assert "second" in fail(2, "continue", unit, "--parameter", "gain", *interval, "--second-parameter", "input[0]")
    assert "holds its value" in fail(
        2, "continue", unit, "--parameter", "input[0]", *interval,
        "--second-parameter", "gain", "--second-from", 2, "--second-to", 3)
    assert "max_step" in fail(2, "continue", unit, "--parameter", "gain", *interval, "--max-step", 0)
    assert fail(3, "continue", unit.parent / "none.npz", "--parameter", "gain", *interval)


def test_a_network_without_fixed_points_is_said(tmp_path):
    """h' = relu(h + 1) grows for ever."""
    path = tmp_path / "grows.npz"
    np.savez(path, weight_ih_l0=np.zeros((1, 1)), weight_hh_l0=np.eye(1), bias_ih_l0=np.ones(1), bias_hh_l0=np.zeros(1))
    line = fail(4, "continue", path, "--activation", "relu", "--parameter", "input[0]", "--from", 0, "--to", 1, "--quiet")
    assert "no fixed point" in line


def test_threads_do_not_change_the_answer(unit):
    arguments = ("continue", unit, "--parameter", "input[0]", "--from", -0.3, "--to", 0.3, "--json")
    documents = [json.loads(run(*arguments, "--threads", n).stdout) for n in (1, 3)]
    assert documents[0]["branches"] == documents[1]["branches"]


def test_the_line_between_two_networks(unit, tmp_path):
    """From h' = tanh(h / 4) to h' = tanh(2 h): the pitchfork is where the weight is 1."""
    weak = tmp_path / "weak.npz"
    np.savez(weak, weight_ih_l0=4 * np.eye(1), weight_hh_l0=np.eye(1) / 4, bias_ih_l0=np.zeros(1), bias_hh_l0=np.zeros(1))
    document = succeed_json("continue", weak, "--to-network", unit, "--parameter", "line", "--from", 0, "--to", 1)
    events = [event for branch in document["branches"] for event in branch["events"]]
    assert {event["type"] for event in events} == {"branch_point"}
    assert all(event["parameter"] == pytest.approx(0.75 / 1.75, abs=1e-10) for event in events)
    assert len(document["branches"]) == 2
    other = hold_memory_weights(tmp_path / "three.npz", n=3)
    assert "shape of the input weights" in fail(
        2, "continue", weak, "--to-network", other, "--parameter", "line", "--from", 0, "--to", 1)


EQUATION_8 = """
[system]
cell = "gru"
reset = "before"
time = "continuous"
units = 2
[parameters]
alpha = 1.3
beta = 3.0
s = 0.0
[weights]
U_h = [["beta*cos(alpha)", "-beta*sin(alpha)"], ["beta*sin(alpha)", "beta*cos(alpha)"]]
b_r = ["s", "s"]
"""


def test_a_model_file_gives_the_hopf_point_and_four_folds_of_equation_8(tmp_path):
    model = tmp_path / "hopf.toml"
    model.write_text(EQUATION_8)
    document = succeed_json("continue", model, "--parameter", "alpha", "--from", 1.3, "--to", 0.1)
    events = [event for branch in document["branches"] if branch["kind"] == "equilibrium" for event in branch["events"]]
    hopf = [event for event in events if event["type"] == "hopf"]
    folds = [event for event in events if event["type"] == "fold"]
    assert len(hopf) == 1 and len(folds) == 4 and len(events) == 5
    assert hopf[0]["parameter"] == pytest.approx(math.acos(2 / 3), abs=1e-10)
    assert hopf[0]["criticality"] == "supercritical"
    assert hopf[0]["period"] == pytest.approx(11.23970356966516, abs=1e-9)
    assert all(fold["parameter"] == pytest.approx(0.14782207067906648, abs=1e-10) for fold in folds)
    line = fail(2, "continue", model, "--parameter", "delta", "--from", 1.3, "--to", 0.1)
    assert "delta" in line and "alpha" in line


def test_a_trained_network_has_as_many_points_on_its_branches_as_searches_prove():
    weights = DATA / "flip-flop" / "gru8_proven27.weights.npz"
    document = succeed_json(
        "continue", weights, "--parameter", "input[0]", "--from", -0.5, "--to", 0.5, "--n-doublings", 0)
    assert document["warnings"] == []
    for value in (-0.33, -0.04, 0.02, 0.25):
        found = succeed_json("fixed-points", weights, f"--input={value},0,0")
        assert found["completeness"] == "proven"
        crossings = sum(
            (a < value) != (b < value)
            for branch in document["branches"]
            for a, b in zip(branch["parameter"], branch["parameter"][1:])
        )
        assert crossings == found["n_points"], value


def test_the_cycles_of_hopf_points_are_followed_in_the_same_run(tmp_path):
    path = tmp_path / "branches.nc"
    arguments = ("continue", EXAMPLES / "eq9.toml", "--parameter", "gamma", "--from", -0.5, "--to", 0.5)
    document = succeed_json(*arguments, "-o", path)
    *equilibria, cycle = document["branches"]
    assert {branch["kind"] for branch in equilibria} == {"equilibrium"}
    folds = sorted(e["parameter"] for branch in equilibria for e in branch["events"] if e["type"] == "fold")
    assert folds == pytest.approx([0.0267200160453095, 0.0955006843271427, 0.4108835902345593], abs=1e-9)
    assert cycle["kind"] == "cycle" and cycle["origin"].startswith("hopf at gamma = 0.05300939")
    assert (cycle["begin_reason"], cycle["end_reason"]) == ("hopf", "homoclinic")
    hopf, homoclinic = cycle["events"]
    assert hopf["parameter"] == pytest.approx(0.0530093942197543494, abs=1e-9)
    assert homoclinic["parameter"] == pytest.approx(0.054174676916216, abs=1e-8)
    with xr.open_dataset(path, group="cycles") as cycles:
        assert cycles.sizes["cycle"] == cycle["n_points"]
        assert list(cycles["origin"].values.astype(str)) == [cycle["origin"]]
    text = succeed(*arguments)
    assert "homoclinic       at 0.0541746769162" in text and "3 branches" in text
    without = succeed_json(*arguments, "--cycles", "never")
    assert {branch["kind"] for branch in without["branches"]} == {"equilibrium"}
    assert "automatic | always | never" in fail(2, *arguments, "--cycles", "perhaps")


def test_orbits_of_twice_the_period_are_followed_from_flips(tmp_path):
    model = tmp_path / "logistic.toml"
    model.write_text('[system]\nmap = { x = "r*x*(1 - x)" }\n[parameters]\nr = 2.8\n[box]\nx = [-0.5, 1.5]\n')
    document = succeed_json("continue", model, "--parameter", "r", "--from", 2.5, "--to", 3.56)
    flips = [e["parameter"] for branch in document["branches"] for e in branch["events"] if e["type"] == "flip"]
    assert flips == pytest.approx([3, 1 + math.sqrt(6), 3.5440903595519229], abs=1e-9)
    assert [branch["period"] for branch in document["branches"] if branch["kind"] == "period_k"] == [2, 4]


def test_a_neimark_sacker_point_says_how_the_circle_turns(tmp_path):
    """x' = a x (1 - y), y' = x: at a = 2 the circle is born with a sixth of a turn a step."""
    model = tmp_path / "delayed.toml"
    model.write_text(
        '[system]\nmap = { x = "a*x*(1 - y)", y = "x" }\n[parameters]\na = 1.8\n[box]\nx = [-1, 2]\ny = [-1, 2]\n')
    document = succeed_json("continue", model, "--parameter", "a", "--from", 1.5, "--to", 2.2)
    (point,) = [e for branch in document["branches"] for e in branch["events"] if e["type"] == "neimark_sacker"]
    assert point["parameter"] == pytest.approx(2, abs=1e-9) and point["criticality"] == "supercritical"
    assert point["rotation_number"] == pytest.approx(1 / 6, abs=1e-9)


def write_model(path, ode, parameters, box):
    lines = [f"{name} = {value}" for name, value in parameters.items()]
    bounds = [f"{name} = [{low}, {high}]" for name, (low, high) in box.items()]
    path.write_text("\n".join(["[system]", f"ode = {{{ode}}}", "[parameters]", *lines, "[box]", *bounds, ""]))
    return path


def test_the_gain_of_a_cell_in_a_model_file(tmp_path):
    """h' = tanh(2 gain h): a pitchfork at gain = 1/2."""
    (tmp_path / "cell.toml").write_text('[system]\ncell = "vanilla"\nunits = 1\n[parameters]\nw = 2\n[weights]\nU_h = "w"\n')
    document = succeed_json("continue", tmp_path / "cell.toml", "--parameter", "gain", "--from", 0.1, "--to", 1.4)
    points = [event for branch in document["branches"] for event in branch["events"]]
    assert points and all(event["type"] == "branch_point" for event in points)
    assert points[0]["parameter"] == pytest.approx(0.5, abs=1e-10) and points[0]["criticality"] == "supercritical"
    arguments = ("--quantity", "n_fixed_points", "--parameter", "gain", "--from", 0.25, "--to", 1, "--steps", 2)
    assert np.ravel(succeed_json("sweep", tmp_path / "cell.toml", *arguments)["result"]).tolist() == [1, 3]


def test_an_interval_that_overflows_is_refused(tmp_path):
    model = write_model(tmp_path / "m.toml", 'x = "a + x - x^3"', {"a": 0}, {"x": (-2, 2)})
    line = fail(2, "continue", model, "--parameter", "a", "--from=-1e308", "--to=1e308")
    assert "interval of 'a': found -1e+308 to 1e+308, whose length overflows" in line
    assert "overflows" in fail(2, "sweep", model, "--quantity", "n_fixed_points", "--parameter", "a", "--from=-1e308", "--to=1e308")


def test_a_pole_is_no_bifurcation(tmp_path):
    """Predators without prey, x = -2 at a = 2.2: there x / (1 + x / 2) has a pole. Hopf at a = 1.4, by hand."""
    model = write_model(tmp_path / "m.toml", 'x = "x - x*y/(1 + R*x) - Q*x^2 + a", y = "-b*y + x*y/(1 + R*x)"',
                        {"R": 0.5, "Q": 0.05, "a": 0, "b": 1}, {"x": (0.001, 30), "y": (0.001, 30)})
    document = succeed_json("continue", model, "--parameter", "a", "--from", -2, "--to", 3,
                            "--second-parameter", "b", "--second-from", -2, "--second-to", 2)
    found = sorted((e["type"], round(e["parameter"], 9)) for b in document["branches"] for e in b["events"] if b["kind"] != "cycle")
    assert found == [("branch_point", -1.8), ("hopf", 1.4)]
    assert any("pole on a branch at 2.2" in warning for warning in document["warnings"])


def test_centers_all_along_a_branch_are_no_hopf_points(tmp_path):
    """x'' = a + x - x^3 keeps its energy: folds at +-2 / sqrt(27), and nothing else."""
    model = write_model(tmp_path / "m.toml", 'x = "y", y = "a + b*x - x^3"', {"a": 0, "b": 1}, {"x": (-3, 3), "y": (-4, 4)})
    document = succeed_json("continue", model, "--parameter", "a", "--from", -2, "--to", 3,
                            "--second-parameter", "b", "--second-from", -2, "--second-to", 2, timeout=60)
    found = sorted((e["type"], e["parameter"]) for b in document["branches"] for e in b["events"])
    assert found == [("fold", pytest.approx(-2 / 27**0.5, abs=1e-10)), ("fold", pytest.approx(2 / 27**0.5, abs=1e-10))]


def test_cycles_that_grow_without_bound_leave_the_box(tmp_path):
    """At R = 0 the equation of u is linear: the cycles of R < 0 grow as R rises to it."""
    model = write_model(tmp_path / "m.toml", 'x = "a + b*x - x^3 + Q*u", u = "v", v = "R*(1 - u^2)*v - u + x"',
                        {"a": 0.1, "b": 1, "R": 1, "Q": 0.2}, {"x": (-4, 4), "u": (-6, 6), "v": (-9, 9)})
    document = succeed_json("continue", model, "--parameter", "R", "--from", -2, "--to", 3, timeout=120)
    cycles = [b for b in document["branches"] if b["kind"] == "cycle"]
    ends = [(b["begin_reason"], b["end_reason"]) for b in cycles]
    assert any("left_box" in end for end in ends) and all("max_points" not in end for end in ends)
