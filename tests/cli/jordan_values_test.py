# SPDX-License-Identifier: BSD-3-Clause
"""Bifurcations of the systems of Jordan et al. (2021) through the command. The values were computed beside the
project in many digits, by two methods each (tests/data/bifurcations)."""

import math
import pathlib

import pytest
from command import succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
ONE_UNIT = """
[system]
cell = "gru"
time = "continuous"
units = 1
[parameters]
b = 0.0
[weights]
U_h = [[{}]]
U_r = [[{}]]
b_h = ["b"]
b_r = [{}]
"""


def events_of(document, kind, of=("equilibrium",)):
    return [e for branch in document["branches"] if branch["kind"] in of for e in branch["events"] if e["type"] == kind]


@pytest.mark.parametrize(
    ("weights", "folds"),
    [
        ((6.0, 0.0, 0.0), [-1.30327390800258925, 1.30327390800258925]),
        ((4.0, 0.5, 0.3), [-1.04210085470016, 0.50914988392723]),
    ],
)
def test_the_folds_of_one_unit(tmp_path, weights, folds):
    model = tmp_path / "unit.toml"
    model.write_text(ONE_UNIT.format(*weights))
    document = succeed_json("continue", model, "--parameter", "b", "--from", -3, "--to", 3)
    found = events_of(document, "fold")
    assert sorted(e["parameter"] for e in found) == pytest.approx(folds, abs=1e-9)
    if weights[1] == 0:
        assert sorted(e["state"][0] for e in found) == pytest.approx([-0.816496580927726, 0.816496580927726], abs=1e-9)


@pytest.mark.parametrize(
    ("s", "hopf", "period", "fold"),
    [
        (0, 0.84106867056793026, 11.23970356966516, 0.14782207067906648),
        (2, 1.18268045464619922, 5.13781259189852, 0.34625351879594776),
    ],
)
def test_equation_8(s, hopf, period, fold):
    document = succeed_json(
        "continue", EXAMPLES / "eq8.toml", "--set", f"s={s}", "--parameter", "alpha", "--from", 1.3, "--to", 0.1)
    (point,) = events_of(document, "hopf")
    assert point["parameter"] == pytest.approx(hopf, abs=1e-9) and point["criticality"] == "supercritical"
    assert point["period"] == pytest.approx(period, rel=1e-8)
    folds = [e["parameter"] for e in events_of(document, "fold")]
    assert folds == pytest.approx([fold] * 4, abs=1e-9)
    (snic,) = events_of(document, "snic", ("cycle",))
    assert snic["parameter"] == pytest.approx(fold, abs=1e-9)
    if s == 0:
        assert snic["law"] == pytest.approx(27.0439750581, rel=0.01)


def test_equation_8_has_nothing_where_the_origin_contracts():
    document = succeed_json(
        "continue", EXAMPLES / "eq8.toml", "--set", "s=-2", "--parameter", "alpha", "--from", 1.3, "--to", 0.1)
    assert [branch["events"] for branch in document["branches"]] == [[]]


@pytest.mark.parametrize(
    ("alpha", "period", "largest"),
    [
        (0.82, 11.7264679777382, 0.204127512),
        (0.7, 14.9772000398997, 0.517221791),
        (0.5, 23.6740263669782, 0.758439031),
        (0.3, 46.7691310823491, 0.877108426),
    ],
)
def test_the_cycles_of_equation_8(alpha, period, largest):
    document = succeed_json("cycles", EXAMPLES / "eq8.toml", "--set", f"alpha={alpha}", "--n-starts", 5)
    (cycle,) = document["cycles"]
    assert cycle["period"] == pytest.approx(period, rel=1e-8) and cycle["stable"]
    assert cycle["max"][0] == pytest.approx(largest, abs=1e-9)


@pytest.mark.parametrize(
    ("gamma", "period"),
    [(0.0535, 88.361056132), (0.054, 95.564056400), (0.054085, 99.883580726), (0.05417, 120.297797905)],
)
def test_the_cycles_of_equation_9(gamma, period):
    document = succeed_json("cycles", EXAMPLES / "eq9.toml", "--set", f"gamma={gamma}", "--n-starts", 40)
    assert [cycle["period"] for cycle in document["cycles"] if cycle["stable"]] == pytest.approx([period], rel=1e-8)


def test_the_hopf_point_of_equation_9_and_its_saddle():
    document = succeed_json("continue", EXAMPLES / "eq9.toml", "--parameter", "gamma", "--from", -0.5, "--to", 0.5)
    (hopf,) = events_of(document, "hopf")
    assert hopf["parameter"] == pytest.approx(0.0530093942197543494, abs=1e-9)
    assert hopf["period"] == pytest.approx(2 * math.pi / 0.0725658747169093, rel=1e-8)
    (end,) = events_of(document, "homoclinic", ("cycle",))
    assert end["parameter"] == pytest.approx(0.054174676916216, abs=1e-8)
    assert sorted(end["eigenvalues_re"]) == pytest.approx([-0.173262921, 0.150977449], abs=1e-8)


def test_fitzhugh_nagumo():
    document = succeed_json("cycles", EXAMPLES / "fitzhugh-nagumo.toml", "--set", "I=0.7", "--n-starts", 5)
    (cycle,) = document["cycles"]
    assert cycle["period"] == pytest.approx(36.978751673911973, rel=1e-8)
    assert (cycle["min"][0], cycle["max"][0]) == pytest.approx((-1.946372, 1.894413), abs=1e-6)
