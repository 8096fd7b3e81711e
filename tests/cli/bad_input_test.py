# SPDX-License-Identifier: BSD-3-Clause
"""What goes wrong in the laboratory of flows and maps: one line each, and a reason where something stops."""

import pytest
from command import fail, succeed, succeed_json

FALLING = '[system]\node = {{x = "{}"}}\n[parameters]\na = 1\n[box]\nx = [-1, 1]\n'


@pytest.fixture
def model(tmp_path):
    def write(text, name="a model.toml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


ALONG = ("--parameter", "a", "--from", "0", "--to", "1")
COMMANDS = {
    "fixed-points": (), "portrait": (), "continue": ALONG, "cycles": (), "lyapunov": ("--start", "0"), "sweep": ALONG,
    "simulate": ("--steps", "3", "-o", "states.nc"), "census": (),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FALLING.format("a - k*x"), "line 2, column 17: unknown symbol 'k'"),
        (FALLING.format("1 - x"), "parameter 'a'"),
        (FALLING.format("a - 1/(x - 0.5)"), "x: division by zero near x = 0.5, inside the box"),
    ],
    ids=["symbol", "parameter", "division"],
)
def test_a_wrong_model_is_one_line_for_every_command(model, tmp_path, command, text, message):
    assert message in fail(3, command, model(text), *COMMANDS[command], cwd=tmp_path)


def test_an_ode_that_escapes_is_said_by_each_command(model, tmp_path):
    path = model(FALLING.format("a + x^2"))
    assert "leave the box for good" in succeed("portrait", path, "--quiet")
    assert succeed_json("lyapunov", path, "--start", "0", "--quiet")["verdict"] == "diverged"
    out = tmp_path / "states.nc"
    assert "escapes to infinity" in fail(4, "simulate", path, "--steps", 50, "--start", "0", "-o", out)
    assert succeed_json("cycles", path, "--n-starts", 5, "--quiet")["ends"]["escaped"] >= 5


def test_where_there_is_no_equilibrium_nothing_is_followed(model):
    path = model(FALLING.format("a + x^2"))
    line = fail(4, "continue", path, "--parameter", "a", "--from", 1, "--to", 2, "--quiet")
    assert "no equilibrium was found for a from 1 to 2: nothing to follow" in line


def test_intervals_of_no_length_and_parameters_that_are_not_there(model):
    path = model(FALLING.format("a - x^3"))
    for command, word in (("continue", "length zero"), ("sweep", "found 1 to 1")):
        assert word in fail(2, command, path, "--parameter", "a", "--from", 1, "--to", 1)
        assert "'b'" in fail(2, command, path, "--parameter", "b", "--from", 0, "--to", 1)


def test_a_cycle_that_does_not_exist(model):
    path = model('[system]\node = {x = "-x + a*y", y = "-y"}\n[parameters]\na = 1\n[box]\nx = [-1, 1]\ny = [-1, 1]\n')
    line = fail(4, "cycles", path, "--n-starts", 5, "--parameter", "a", "--from", 0, "--to", 2, "--quiet")
    assert "no limit cycle was found at a = 1: nothing to follow" in line


def test_a_fold_at_a_searched_value_is_not_counted_as_nothing(model):
    path = model(FALLING.format("a + x^2"))
    arguments = ("continue", path, "--parameter", "a", "--from", -1, "--to", 1, "--quiet")
    at_zero = [s for s in succeed_json(*arguments)["searches"] if s["parameter"] == 0]
    assert [(s["n_found"], s["n_undecided"]) for s in at_zero] == [(0, 1)]
    assert "0 found and 1 place where points are too close together to be told apart" in succeed(*arguments)


def ends(path, *flags):
    document = succeed_json("continue", path, *flags, "--quiet")
    return [(branch["begin_reason"], branch["end_reason"]) for branch in document["branches"]]


def test_a_continuation_says_why_it_stops(model):
    path = model(FALLING.format("1 - a*x"))
    flags = ("--parameter", "a", "--from", 1, "--to", -1, "--n-searches", 2)
    assert "left_box" in ends(path, *flags, "--max-state", 50)[0]
    assert "step_too_small" in ends(path, *flags, "--max-state", 1e15, "--min-step", 1e-3, "--max-step", 2e-3, "--first-step", 2e-3)[0] or (
        "max_points" in ends(path, *flags, "--max-state", 1e15, "--max-points", 5)[0]
    )
    assert "max_points" in ends(path, *flags, "--max-state", 1e15, "--max-points", 5)[0]
    circle = model('[system]\node = {x = "a^2 + x^2 - 0.25"}\n[parameters]\na = 0\n[box]\nx = [-1, 1]\n', "circle.toml")
    assert ends(circle, "--parameter", "a", "--from", -1, "--to", 1) == [("closed", "closed")]


def test_a_family_of_cycles_at_one_value_ends_the_branch(model):
    path = model('[system]\node = {x = "y", y = "mu*(1 - x^2)*y - x"}\n[parameters]\nmu = 0.5\n[box]\nx = [-4, 4]\ny = [-6, 6]\n')
    document = succeed_json("continue", path, "--parameter", "mu", "--from", -1, "--to", 1, "--quiet")
    [cycles] = [branch for branch in document["branches"] if branch["kind"] == "cycle"]
    assert {cycles["begin_reason"], cycles["end_reason"]} == {"hopf", "vertical"} and cycles["n_points"] < 100
    [end] = [event for event in cycles["events"] if event["type"] == "vertical"]
    assert abs(end["parameter"]) < 1e-10 and "quantity is conserved" in end["evidence"]


def test_the_homoclinic_orbit_of_lorenz_in_three_dimensions(model):
    """rho = 13.926557407 at sigma = 10, b = 8/3 (Sparrow 1982, and later computations)."""
    path = model('[system]\node = {x = "10*(y - x)", y = "rho*x - y - x*z", z = "x*y - 8/3*z"}\n[parameters]\nrho = 28\n[box]\nx = [-30, 30]\ny = [-30, 30]\nz = [-1, 60]\n')
    document = succeed_json("continue", path, "--parameter", "rho", "--from", 30, "--to", 10, "--quiet")
    cycles = [branch for branch in document["branches"] if branch["kind"] == "cycle"]
    assert len(cycles) == 2
    for branch in cycles:
        kinds = [event["type"] for event in branch["events"]]
        assert sorted(kinds) == ["homoclinic", "hopf"]  # rounding makes no period doublings
        end = branch["events"][kinds.index("homoclinic")]
        assert end["parameter"] == pytest.approx(13.926557407, abs=1e-8)
        assert max(map(abs, end["state"])) < 1e-10
