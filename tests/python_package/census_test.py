# SPDX-License-Identifier: BSD-3-Clause
"""The census from Python."""

import pathlib
import pickle

import numpy as np
import pytest

import nullcline as nc

EQUATION_8 = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021" / "eq8.toml"


@pytest.fixture(scope="module")
def two_units():
    return nc.census("gru", samples=300, seed=1)


def test_topologies_of_two_units(two_units):
    assert two_units.n_networks == 300 == two_units.count.sum() + two_units.n_undecided
    assert two_units.name[0].startswith("1-0-0.") and two_units.form[0] == "s o /"
    assert (two_units.n_points @ [1, -1, 1] == 1).all()  # indices of all points
    assert two_units.values.shape == (len(two_units), 12) and two_units.parameter_names[1] == "U_h_1_2"
    assert np.abs(two_units.values[:, :8]).max() <= 10 and np.abs(two_units.values[:, 8:]).max() <= 5
    assert two_units.unseen_estimate >= 0
    assert "topologies of 300 networks" in repr(two_units) and two_units.name[0] in two_units._repr_html_()


def test_a_model_of_a_topology_has_its_points(two_units, tmp_path):
    for i in range(len(two_units)):
        path = tmp_path / f"{i}.toml"
        path.write_text(two_units.model(i))
        points = nc.find_fixed_points(nc.load_model(path))
        assert len(points) == two_units.n_points[i].sum()
    with pytest.raises(IndexError):
        two_units.model(len(two_units))


def test_it_can_be_saved_loaded_and_made_a_table(two_units, tmp_path):
    two_units.save(tmp_path / "c.nc")
    again = nc.load(tmp_path / "c.nc")
    assert isinstance(again, nc.Census) and again == two_units == pickle.loads(pickle.dumps(two_units))
    table = pytest.importorskip("pandas") and again.to_pandas()
    assert list(table["count"]) == list(two_units.count) and table["U_h_1_1"].dtype == np.float64
    data = pytest.importorskip("xarray") and again.to_xarray()
    assert data.sizes["topology"] == len(two_units) and data.sizes["parameter"] == 12
    again.html(tmp_path / "c.html", title="Two units")
    assert "<h1>Two units</h1>" in (tmp_path / "c.html").read_text()


def test_a_grid_of_a_model_file():
    census = nc.census(EQUATION_8, vary={"alpha": (0.1, 1.0)}, grid=10)
    assert sorted(zip(census.n_points.sum(axis=1), census.n_stable_cycles, census.count)) == [(1, 0, 2), (1, 1, 7), (9, 0, 1)]
    assert census.unseen_estimate is None
    half = nc.census(EQUATION_8, vary={"alpha": (0.1, 1.0)}, grid=10, parameters={"beta": 0.5})
    assert list(half.n_points.sum(axis=1)) == [1] and list(half.n_stable_cycles) == [0]


def test_options_mean_what_they_say():
    few = dict(samples=64, seed=2)
    base = nc.census("gru", **few)
    assert nc.census("gru", **few) == base
    assert nc.census("gru", samples=64, seed=3) != base
    assert nc.census("gru", units=1, **few).n_points.shape[1] == 2
    assert np.abs(nc.census("gru", range=1, biases=0.5, **few).values).max() <= 1
    assert np.ptp(nc.census("gru", vary={"b": (2, 3)}, **few).values[:, 8:]) <= 1
    assert nc.census("gru", shrink=1e6, **few).count.max() > base.count.max(), "weak weights: a single point"
    assert nc.census("gru", seek="n_points", **few).unseen_estimate is None
    assert nc.census("gru", shard="1/2", samples=128, seed=2).n_networks == 64
    assert nc.census("gru", max_steps=1, **few).n_undecided > base.n_undecided
    assert nc.census("gru", max_boxes=1, **few).n_undecided == 64
    seen = []
    nc.census("gru", progress=lambda done, total, message: seen.append(total), **few)
    assert set(seen) <= {64.0}


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("grue",), "cell: found 'grue'"),
        (("gru", {"samples": 0}), "samples: found 0"),
        (("gru", {"vary": {"alpha": (0, 1)}}), "--vary: found 'alpha'"),
        (("gru", {"parameters": {"alpha": 1}}), "parameters: are for model files"),
        (("missing.toml", {"vary": {"a": (0, 1)}}), "missing.toml"),
        (("gru", {"seek": "gold"}), "seek: found 'gold'"),
        (("gru", {"tolerance": 1}), "tolerance: found 1"),
    ],
)
def test_mistakes(arguments, message):
    what, options = (*arguments, {})[:2]
    with pytest.raises(ValueError, match=message):
        nc.census(what, **({"samples": 10} | options))
