# SPDX-License-Identifier: BSD-3-Clause
"""Continuation from Python, against bifurcations known by hand."""

import inspect
import math

import numpy as np
import pytest

import nullcline as nc

FOLD = abs(math.atanh(math.sqrt(0.5)) - 2 * math.sqrt(0.5)) / 4


def unit():
    """h' = tanh(2 h + 4 u)"""
    return nc.Network("vanilla", recurrent_weights=[[2.0]], input_weights=[[4.0]], bias=[0.0])


@pytest.fixture(scope="module")
def result():
    return nc.continuation(unit(), "input[0]", -0.3, 0.3)


def test_branches_and_events(result):
    assert result.parameters == ("input[0]",) and len(result) == 1 and result.curves == ()
    (branch,) = result.branches
    assert (branch.kind, branch.begin_reason, branch.end_reason) == ("fixed_point", "interval_end", "interval_end")
    assert branch.states.shape == (len(branch), 1) and branch.parameters.shape == (len(branch), 1)
    assert sorted(event.parameters[0] for event in result.events) == pytest.approx([-FOLD, FOLD], abs=1e-10)
    assert {event.type for event in branch.events} == {"fold"} and branch.events[0].criticality is None
    residual = np.tanh(2 * branch.states + 4 * branch.parameters) - branch.states
    assert np.abs(residual).max() < 1e-12
    assert "1 branches" in repr(result) and "fold" in result._repr_html_()


def test_it_is_a_table_a_picture_and_a_file(result, tmp_path):
    pytest.importorskip("pandas")
    table = result.to_pandas()
    assert list(table.columns) == ["branch", "kind", "input[0]", "n_unstable", "h0"] and len(table) == len(result.branches[0])
    result.save(tmp_path / "b.nc")
    again = nc.load(tmp_path / "b.nc")
    assert isinstance(again, nc.Continuation) and again == result
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = result.plot()
    assert len(axes.lines) == 5  # stable, unstable, stable, two folds
    with pytest.raises(ValueError, match="coordinate: found 1"):
        result.plot(coordinate=1)


def test_two_parameters():
    both = nc.continuation(unit(), "input[0]", -0.3, 0.3, second=("gain", 0.3, 1.0))
    (curve,) = both.curves
    assert curve.kind == "fold_curve" and curve.parameters.shape[1] == 2
    (cusp,) = curve.events
    assert cusp.type == "cusp" and cusp.parameters == pytest.approx([0, 0.5], abs=1e-9)


def test_python_functions_can_be_continued():
    system = nc.system_from(lambda x, h: np.tanh(2 * h + 4 * x), n_states=1, n_inputs=1)
    found = nc.continuation(system, "input[0]", -0.3, 0.3)
    assert sorted({round(e.parameters[0], 8) for e in found.events}) == pytest.approx([-FOLD, FOLD], abs=1e-7)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="length zero"):
        nc.continuation(unit(), "gain", 1, 1)
    with pytest.raises(ValueError, match="parameter 'beta'"):
        nc.continuation(unit(), "beta", 0, 1)
    with pytest.raises(ValueError, match="n_searches: found 0"):
        nc.continuation(unit(), "gain", 0.5, 1, n_searches=0)


def test_the_signature_has_every_option_with_its_default():
    signature = inspect.signature(nc.continuation).parameters
    for name, default in nc._core.continuation_options().items():
        assert signature[name].default == default, name
