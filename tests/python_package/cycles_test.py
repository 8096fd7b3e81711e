# SPDX-License-Identifier: BSD-3-Clause
"""Limit cycles from Python; the values are of oracles computed beside the project."""

import pickle

import numpy as np
import pytest

import nullcline as nc
from conftest import DATA

EQUATION_8 = DATA.parents[1] / "examples" / "jordan-2021" / "eq8.toml"


@pytest.fixture(scope="module")
def cycles():
    return nc.find_cycles(nc.load_model(EQUATION_8, alpha=0.5), ("alpha", 0.1, 1.0), n_starts=10)


def test_equation_8_has_one_cycle(cycles):
    assert len(cycles) == 1 and cycles.stable.all()
    assert cycles.period[0] == pytest.approx(23.6740263669782, rel=1e-8)
    assert cycles.multipliers[0, 0] == pytest.approx(0.005807117928080767, abs=1e-8)
    times, states = cycles.states(0)
    assert times[0] == 0 and times[-1] == pytest.approx(cycles.period[0]) and np.array_equal(states[0], states[-1])
    # A step of the flow along it, by the trapezoidal rule.
    rates = nc.load_model(EQUATION_8, alpha=0.5).evaluate(states)
    ahead = np.diff(times)[:, None] * (rates[1:] + rates[:-1]) / 2
    assert np.abs(np.diff(states, axis=0) - ahead).max() < 1e-3


def test_its_branch_runs_from_the_saddle_nodes_to_the_hopf_point(cycles):
    (branch,) = cycles.branches
    assert (branch.begin_reason, branch.end_reason) == ("snic", "hopf") and branch.events == ()
    assert branch.begin_parameter == pytest.approx(0.14782207067906648, abs=1e-9)
    assert branch.end_parameter == pytest.approx(np.arccos(2 / 3), abs=1e-10)
    assert len(branch) == len(branch.parameter) == len(branch.period)
    assert np.all(np.diff(branch.period[np.argsort(branch.parameter)]) < 0), "the period falls with alpha"


def test_cycles_are_results_like_the_others(cycles, tmp_path):
    cycles.save(tmp_path / "cycles.nc")
    assert nc.load(tmp_path / "cycles.nc") == cycles == pickle.loads(pickle.dumps(cycles))
    assert list(cycles.to_pandas()["period"]) == list(cycles.period)
    assert "1 cycles, 1 stable, 1 branches" in repr(cycles) and "period" in cycles._repr_html_()
    pytest.importorskip("matplotlib").use("Agg")
    assert cycles.plot().get_xlabel() == "state 0"
    assert cycles.branches[0].plot(quantity="range").get_xlabel() == "parameter"


def test_a_function_is_followed_too_and_needs_a_box():
    def normal_form(x, h):
        r2 = (h**2).sum(axis=1, keepdims=True)
        return (0.25 - r2) * h + 2 * np.stack([-h[:, 1], h[:, 0]], axis=1)

    flow = nc.system_from(normal_form, n_states=2, n_inputs=0, time="continuous")
    with pytest.raises(ValueError, match="box: none is known"):
        nc.find_cycles(flow)
    found = nc.find_cycles(flow, box=[[-1, -1], [1, 1]], n_starts=3)
    assert found.period == pytest.approx([np.pi], rel=1e-7)
    assert found.maximum[0] == pytest.approx([0.5, 0.5], abs=1e-6)


def test_what_has_no_cycles_is_refused():
    with pytest.raises(ValueError, match="found a map, expected a flow"):
        nc.find_cycles(nc.system_from(lambda x, h: h / 2, n_states=1, n_inputs=0), box=[[-1], [1]])
    with pytest.raises(ValueError, match="n_starts: found 0"):
        nc.find_cycles(nc.load_model(EQUATION_8), n_starts=0)
    with pytest.raises(ValueError, match=r"box: found shape \(2, 3\), expected \(2, 2\)"):
        nc.find_cycles(nc.load_model(EQUATION_8), box=np.zeros((2, 3)))
