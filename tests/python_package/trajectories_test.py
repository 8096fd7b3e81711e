# SPDX-License-Identifier: BSD-3-Clause
"""Lyapunov exponents and sweeps from Python."""

import pickle

import numpy as np
import pytest

import nullcline as nc
from conftest import DATA

EQUATION_8 = DATA.parents[1] / "examples" / "jordan-2021" / "eq8.toml"
HENON = '[system]\nmap = { x = "1 - 1.4*x^2 + y", y = "0.3*x" }\n'


@pytest.fixture(scope="module")
def henon(tmp_path_factory):
    path = tmp_path_factory.mktemp("henon") / "henon.toml"
    path.write_text(HENON)
    return nc.lyapunov(nc.load_model(path), [0, 0], duration=100000)


def test_the_henon_map_is_chaotic(henon):
    assert henon.verdict == "chaos" and "positive" in henon.evidence
    assert henon.exponents == pytest.approx([0.41922, -1.62319], abs=4e-3)
    assert henon.exponents.sum() == pytest.approx(np.log(0.3), abs=1e-9) and henon.mean_divergence == pytest.approx(np.log(0.3))
    times, running = henon.running
    assert times[-1] == 100000 and np.array_equal(running[-1], henon.exponents)
    assert np.isnan(henon.period) and len(henon.point) == 0


def test_the_cycle_of_equation_8():
    result = nc.lyapunov(nc.load_model(EQUATION_8, alpha=0.5), [0.1, 0], n_exponents=2, transient=100)
    assert result.verdict == "cycle" and result.period == pytest.approx(23.6740263669782, rel=1e-8)
    assert result.exponents == pytest.approx(result.exact_exponents, abs=1e-3)
    with pytest.raises(ValueError, match="n_exponents: found 3"):
        nc.lyapunov(nc.load_model(EQUATION_8), [0.1, 0], n_exponents=3)


def test_results_are_like_the_others(henon, tmp_path):
    henon.save(tmp_path / "henon.nc")
    assert nc.load(tmp_path / "henon.nc") == henon == pickle.loads(pickle.dumps(henon))
    assert "chaos, largest exponent 0.4" in repr(henon)
    pytest.importorskip("matplotlib").use("Agg")
    assert henon.plot().get_ylabel() == "Lyapunov exponents"


def test_a_sweep_over_two_parameters(tmp_path):
    model = nc.load_model(EQUATION_8)
    told = []
    result = nc.sweep(model, "n_fixed_points", ("alpha", 0.1, 0.5, 5), ("s", 0, 2, 2), progress=lambda *_: told.append(1))
    assert result.parameters == ("alpha", "s") and result.quantity == "n_fixed_points"
    assert result.result.tolist() == [[9, 9], [1, 9], [1, 9], [1, 1], [1, 1]] and not result.doubt.any()
    result.save(tmp_path / "sweep.nc")
    assert nc.load(tmp_path / "sweep.nc") == result and "5 x 2" in repr(result)
    line = nc.sweep(model, "cycle_period", ("alpha", 0.5, 0.9, 2), n_starts=2)
    assert line.result[0, 0] == pytest.approx(23.6740263669782, rel=1e-8) and np.isnan(line.result[1, 0])
    with pytest.raises(ValueError, match="quantity"):
        nc.sweep(model, "size", ("alpha", 0.5, 0.9, 2))
    pytest.importorskip("matplotlib").use("Agg")
    assert result.plot().get_ylabel() == "s" and line.plot().get_ylabel() == "cycle_period"


def test_a_continuation_holds_the_cycles_of_its_hopf_points():
    model = nc.load_model(EQUATION_8, alpha=1.0)
    result = nc.continuation(model, "alpha", 1.2, 0.1)
    (branch,) = result.cycles
    assert (branch.begin_reason, branch.end_reason) == ("hopf", "snic") and branch.origin.startswith("hopf at alpha = 0.84106")
    assert branch.end_parameter == pytest.approx(0.14782207067906648, abs=1e-9)
    assert nc.continuation(model, "alpha", 1.2, 0.1, cycles="never").cycles == ()
