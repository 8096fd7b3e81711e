# SPDX-License-Identifier: BSD-3-Clause
"""What goes wrong in the laboratory of flows and maps: one line each, and a reason where something stops."""

import pathlib

import pytest
from command import fail, succeed, succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
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


ROTATION = '[system]\node = {x = "y", y = "-x"}\n[box]\nx = [-2, 2]\ny = [-2, 2]\n'
PITCHFORK = '[system]\node = {x = "a*x - x^3", y = "-y"}\n[parameters]\na = 1\n[box]\nx = [-2, 2]\ny = [-2, 2]\n'


def test_numbers_of_cycles_are_checked_whether_or_not_they_are_used(model):
    path = model(PITCHFORK)
    for flag, value, word in (
        ("--n-intervals", 0, "n_intervals: found 0, expected 5 to 1000"),
        ("--max-step", 1e-12, "max_step: found 1e-12, expected more than min_step"),
        ("--max-step", 0, "max_step: found 0, expected more than min_step"),
        ("--min-step", 0, "min_step: found 0, expected more than 0"),
        ("--max-points", 1, "max_points: found 1, expected at least 2"),
        ("--longest", 1, "longest: found 1, expected above 1"),
    ):
        assert word in fail(2, "cycles", path, flag, value)
    interval = ("--parameter", "a", "--from", 2)
    assert "interval of 'a': found 2 to 2, expected two different" in fail(2, "cycles", path, *interval, "--to", 2)
    line = fail(2, "cycles", path, *interval, "--to", 3)
    assert "parameter 'a': found 1, where cycles are sought, expected a value within 2 to 3" in line


def test_a_sweep_checks_its_size_and_its_starts(model):
    flags = ("--parameter", "a", "--from", 0, "--to", 1)
    path = model('[system]\node = {x = "a*x - b*x^3"}\n[parameters]\na = 1\nb = 1\n[box]\nx = [-2, 2]\n')
    assert "n_starts: found 0, expected 1 to 1000000" in fail(2, "sweep", path, *flags, "--n-starts", 0)
    assert "max_time: found -1, expected a positive number" in fail(2, "sweep", path, *flags, "--max-time", -1)
    second = ("--second-parameter", "b", "--second-from", 1, "--second-to", 2, "--second-steps", 100000)
    line = fail(2, "sweep", path, *flags, "--steps", 100000, *second)
    assert "found a grid of 100000 x 100000, expected at most 10000000 places" in line


def test_a_map_without_fixed_points(model):
    path = model('[system]\nmap = {x = "x^2 + a"}\n[parameters]\na = 2\n[box]\nx = [-2, 2]\n')
    line = fail(4, "continue", path, "--parameter", "a", "--from", 5, "--to", 1, "--quiet")
    assert "no fixed point was found for a from 5 to 1: nothing to follow" in line


def test_a_census_says_what_it_could_not_take(model, tmp_path):
    pole = model('[system]\node = {x = "1/(x - a)"}\n[parameters]\na = 5\n[box]\nx = [-2, 2]\n', "pole.toml")
    line = fail(3, "census", pole, "--vary", "a=-1:1", "--samples", 5, "--quiet")
    assert "pole.toml: line 2" in line and "division by zero" in line
    twice = ("--vary", "a=3:4", "--vary", "a=4:5")
    assert "--vary: found 'a' twice, expected one range" in fail(2, "census", pole, *twice)
    assert "range of 'a': found 4:3, expected low:high" in fail(2, "census", pole, "--vary", "a=4:3")
    line = fail(2, "census", tmp_path / "points.nc")
    assert "points.nc', expected a cell, a model file (.toml) or merge" in line


def test_a_portrait_without_attractors_does_not_wait_for_ever(model):
    """Its trajectories circle for ever, or crawl along a pole: 14641 of them would take minutes."""
    for text in (ROTATION, '[system]\node = {x = "tan(x)*y", y = "-y"}\n[box]\nx = [-2, 2]\ny = [-2, 2]\n'):
        assert succeed_json("portrait", model(text), "--cycle-starts", 5, "--quiet", timeout=120)["points"]


def test_a_cycle_that_its_mesh_does_not_resolve_is_one(model):
    """Switches of 1e-6: the meshes of two turns differ, by more than 1e-6 of the cycle."""
    path = EXAMPLES / "eq8.toml"
    document = succeed_json("cycles", path, "--set", "beta=1e6", "--n-starts", 3, "--quiet")
    [cycle] = document["cycles"]
    assert cycle["stable"] and cycle["period"] == pytest.approx(10.53, abs=0.05)


def test_a_conservative_plane_beside_another_equation_has_no_bogdanov_takens_points(model):
    """Both eigenvalues of the plane are zero on the whole curve of folds: a sign there is rounding's."""
    path = model(
        '[system]\node = {x = "y", y = "a*x - x^3 + b", z = "x + 0.5*a - z - z^3"}\n[parameters]\na = 0.5\nb = 0.1\n'
        "[box]\nx = [-2, 2]\ny = [-2, 2]\nz = [-3, 3]\n"
    )
    flags = ("--from", -1, "--to", 1, "--second-parameter", "b", "--second-from", -0.5, "--second-to", 0.5)
    document = succeed_json("continue", path, "--parameter", "a", *flags, "--quiet")
    [curve] = document["curves"]
    assert curve["kind"] == "fold_curve" and [event["type"] for event in curve["events"]] == ["cusp"]
