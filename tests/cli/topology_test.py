# SPDX-License-Identifier: BSD-3-Clause
"""The graph through the command, on a network whose graph is known by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command import fail, hold_memory_weights, succeed, succeed_json


@pytest.fixture(scope="module")
def graph(memory_points, tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "g.nc"
    document = succeed_json("topology", memory_points, "-o", path)
    return path, document["graphs"][0]


def test_saddles_lead_to_every_corner_within_reach_and_nowhere_else(graph, memory_points):
    """h' = tanh(2 h): each zero coordinate goes to either sign."""
    _, entry = graph
    with xr.open_dataset(memory_points) as points:
        states = points["states"].values
    transitions = np.array(entry["transitions"])
    assert transitions.shape == (27, 28) and np.allclose(transitions.sum(axis=1), 1)
    assert np.all(transitions[:, 27] == 0)
    signs = np.where(np.abs(states) < 0.5, 0, np.sign(states))[entry["point_index"]]
    for i, row in enumerate(transitions):
        reachable = {j for j in range(27) if np.all(signs[j] != 0) and np.all((signs[i] == 0) | (signs[i] == signs[j]))}
        zeros = np.sum(signs[i] == 0)
        assert set(np.flatnonzero(row)) <= reachable and len(reachable) == 2**zeros
        if zeros == 0:
            assert row[i] == 1
        if zeros == 1:
            assert np.allclose(row[sorted(reachable)], 0.5)


def test_the_file_opens_in_xarray(graph):
    path, entry = graph
    with xr.open_dataset(path) as result:
        assert result.attrs["nullcline_kind"] == "graph"
        assert np.array_equal(result["transitions"].values, entry["transitions"])
        assert json.loads(result.attrs["configuration"])["topology"]["probe"] == "unstable_manifold"


def test_the_probe_is_an_option(memory_points):
    entry = succeed_json("topology", memory_points, "--probe", "perturbation", "--n-rollouts", 40, "--seed", 3)["graphs"][0]
    assert entry["probe"] == "perturbation" and set(entry["n_rollouts"]) <= {1, 40}
    other = succeed_json("topology", memory_points, "--probe", "perturbation", "--n-rollouts", 40, "--seed", 4)["graphs"][0]
    assert entry["transitions"] != other["transitions"]


def test_several_inputs_give_several_graphs(tmp_path):
    weights = hold_memory_weights(tmp_path / "w.npz", 2)
    succeed("fixed-points", weights, "--cell", "vanilla", "--input", "0,0", "--input", "1,0", "-o", tmp_path / "p.nc")
    graphs = succeed_json("topology", tmp_path / "p.nc", "-o", tmp_path / "g.nc")["graphs"]
    assert [entry["n_points"] for entry in graphs] == [9, 3]
    with xr.open_dataset(tmp_path / "g.nc", group="input_1") as second:
        assert second["transitions"].shape == (3, 4)
    succeed("report", tmp_path / "p.nc", tmp_path / "g.nc", "-o", tmp_path / "r.html")


def test_the_text_lists_who_leads_where(memory_points):
    text = succeed("topology", memory_points)
    assert text.startswith("graph for input (0, 0, 0): 27 fixed points\n")
    rows = [line.split() for line in text.splitlines() if "->" in line]
    assert sorted(int(row[0]) for row in rows) == list(range(27))
    saddles = {int(row[0]): row[1] for row in rows if len(row) > 5}
    assert len(saddles) == 19 and all(number >= 8 and "0" in label for number, label in saddles.items())


def test_other_files_are_refused(trained, tmp_path):
    assert "found trained_network, expected fixed points" in fail(3, "topology", trained)
    assert "--n-rollouts" in fail(2, "topology", trained, "--n-rolouts", 3)


EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "jordan-2021"


def flow_graph(tmp_path, model, *values):
    settings = [word for value in values for word in ("--set", value)]
    succeed("fixed-points", model, *settings, "-o", tmp_path / "p.nc")
    return succeed_json("topology", tmp_path / "p.nc", "-o", tmp_path / "g.nc")["graphs"][0]


def test_the_source_of_equation_8_leads_to_its_limit_cycle(tmp_path):
    """Jordan et al. 2021, figure 5B; the period is that of `cycles`, which AUTO agrees with."""
    graph = flow_graph(tmp_path, EXAMPLES / "eq8.toml", "alpha=0.7")
    assert (graph["n_points"], graph["n_cycles"]) == (1, 1) and graph["labels"][1].startswith("period ")
    assert graph["transitions"] == [[0, pytest.approx(1), 0], [0, 1, 0]]
    cycle = graph["cycles"][0]
    found = succeed_json("cycles", EXAMPLES / "eq8.toml", "--set", "alpha=0.7")["cycles"]
    assert [cycle["period"]] == [pytest.approx(found[0]["period"], rel=1e-9)]
    assert cycle["stable"] and cycle["max"] == pytest.approx(found[0]["max"]) and cycle["n_unstable"] == 0
    with xr.open_dataset(tmp_path / "g.nc") as file:
        assert file["cycle_states"].shape == (1, 100, 2) and file["cycle_period"].values[0] == cycle["period"]
    text = succeed("topology", tmp_path / "p.nc")
    assert text.startswith("graph for input (): 1 fixed point and 1 limit cycle\n") and "-> cycle 0 (1.00)" in text
    succeed("report", tmp_path / "p.nc", tmp_path / "g.nc", "-o", tmp_path / "r.html")


def test_hidden_and_unstable_cycles_are_nodes(tmp_path):
    """A sink within an unstable cycle within a stable one: no rollout of a point leads to either."""
    graph = flow_graph(tmp_path, EXAMPLES / "hidden-attractor.toml")
    assert (graph["n_points"], graph["n_cycles"], graph["n_undecided"]) == (1, 2, 0)
    stable, unstable = sorted((c["node"] for c in graph["cycles"]), key=lambda n: not graph["cycles"][n - 1]["stable"])
    assert graph["transitions"][0][0] == 1 and graph["transitions"][stable][stable] == 1
    assert graph["transitions"][unstable][0] == graph["transitions"][unstable][stable] == 0.5


def test_points_beside_a_cycle_lead_where_the_census_says(tmp_path):
    """Equation 9: two sinks s, saddles d that lead to s and S and to both s, a source r within the cycle S."""
    entries = succeed_json("census", EXAMPLES / "eq9.toml", "--vary", "gamma=0.0535:0.0536", "--grid", 2)["topologies"]
    assert [entry["form"] for entry in entries] == ["s s d d r S o / u 2>1 u 2>5 u 3>0 u 3>1 e 5>4 t 6>2 t 6>2 t 6>3 t 6>3"]
    graph = flow_graph(tmp_path, EXAMPLES / "eq9.toml", "gamma=0.0535")
    assert (graph["n_points"], graph["n_cycles"], graph["n_undecided"]) == (5, 1, 0)
    rows = [row[:5] for row in graph["transitions"]]
    sinks = [i for i in range(5) if rows[i][i] == 1]
    ends = sorted((sum(rows[i][s] for s in sinks), round(graph["transitions"][i][5], 9)) for i in range(6))
    assert len(sinks) == 2 and ends == [(0, 1), (0, 1), (0.5, 0.5), (1, 0), (1, 0), (1, 0)]
