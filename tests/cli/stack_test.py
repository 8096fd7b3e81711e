# SPDX-License-Identifier: BSD-3-Clause
"""Networks of several layers and projected LSTMs through every subcommand."""

import numpy as np
import pytest
from command import DATA, fail, succeed, succeed_json

STACKS = DATA / "stacks"


def two_layers(path, coupling):
    """h_0' = tanh(2 h_0 + 4 u), h_1' = tanh(2 h_1 + coupling h_0'): the upper unit follows the lower one."""
    one, zero = np.ones((1, 1)), np.zeros(1)
    np.savez(path, weight_ih_l0=4 * one, weight_hh_l0=2 * one, bias_ih_l0=zero, bias_hh_l0=zero,
             weight_ih_l1=coupling * one, weight_hh_l1=2 * one, bias_ih_l1=zero, bias_hh_l1=zero,
             **{"readout.weight": one, "readout.bias": zero})  # fmt: skip
    return path


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    weights = two_layers(folder / "weights.npz", 1)
    document = succeed_json("fixed-points", weights, "--cell", "vanilla", "-o", folder / "points.nc")
    return folder / "points.nc", document


def test_its_fixed_points_are_proven(points):
    _, document = points
    assert document["system"]["n_layers"] == 2 and document["system"]["n_states"] == 2
    assert document["n_points"] == 5 and document["index_sum"] == 1
    assert all(point["verdict"] == "proven" for point in document["points"])
    # The readout reads the top layer.
    assert all(point["readout"] == [point["state"][1]] for point in document["points"])


def test_its_graph_and_report_are_made(points, tmp_path):
    path, _ = points
    graph = succeed_json("topology", path, "-o", tmp_path / "graph.nc")["graphs"][0]
    assert graph["n_points"] == 5
    succeed("report", path, tmp_path / "graph.nc", "-o", tmp_path / "report.html")
    assert "2 layers of 1 unit" in (tmp_path / "report.html").read_text()


def test_its_file_says_what_it_is(points):
    path, _ = points
    document = succeed_json("info", path)
    assert document["network"]["n_layers"] == 2 and document["network"]["n_states"] == 2
    assert document["arrays"]["network/layer_1/recurrent_weights"]["shape"] == [1, 1]
    assert "vanilla, 2 layers of 1 unit, 1 input, 1 output" in succeed("info", path)


def test_a_stored_stack_is_read_back(points, tmp_path):
    path, document = points
    again = succeed_json("fixed-points", path)
    assert [p["state"] for p in again["points"]] == [p["state"] for p in document["points"]]


def test_it_is_simulated_step_by_step(tmp_path):
    weights = two_layers(tmp_path / "weights.npz", 0.5)
    inputs = np.array([[0.3], [-1.0], [0.0]])
    np.save(tmp_path / "inputs.npy", inputs)
    document = succeed_json("simulate", weights, "--cell", "vanilla", "--inputs", tmp_path / "inputs.npy", "-o", tmp_path / "s.nc")
    below = above = 0.0
    for u in inputs[:, 0]:
        below = np.tanh(2 * below + 4 * u)
        above = np.tanh(2 * above + 0.5 * below)
    assert np.allclose(document["final_states"], [[below, above]], rtol=0, atol=1e-15)
    assert np.allclose(document["final_outputs"], [[above]], rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [
        ("gru_2", "gru", "GRU, 2 layers of 4 units, 3 inputs"),
        ("lstm_2", "lstm", "LSTM, 2 layers of 4 units"),
        ("lstm_projected", "lstm", "LSTM, 5 units projected to 2"),
        ("lstm_projected_2", "lstm", "LSTM, 2 layers of 5 units projected to 2"),
    ],
)
def test_pytorchs_steps_are_replayed(name, cell, words, tmp_path):
    path = STACKS / f"{name}.npz"
    document = succeed_json("fixed-points", path, "--cell", cell, "--probe", path, "-o", tmp_path / "p.nc")
    assert document["verified"] is True
    assert document["n_points"] >= 1 and document["index_sum"] == document["index_expected"] == 1
    assert all(point["verdict"] == "proven" for point in document["points"])
    assert words in succeed("info", tmp_path / "p.nc")
    succeed("topology", tmp_path / "p.nc", "-o", tmp_path / "g.nc")
    succeed("report", tmp_path / "p.nc", tmp_path / "g.nc", "-o", tmp_path / "r.html")


def test_layers_in_the_wrong_order_are_refused(tmp_path):
    swap = {"l1": "l2", "l2": "l1"}
    with np.load(STACKS / "gru_3.npz") as arrays:
        wrong = {name[:-2] + swap.get(name[-2:], name[-2:]): array for name, array in arrays.items()}
    np.savez(tmp_path / "wrong.npz", **wrong)
    message = fail(3, "fixed-points", tmp_path / "wrong.npz", "--cell", "gru", "--probe", STACKS / "gru_3.npz")
    assert "does not reproduce the probe" in message


def test_a_bidirectional_network_is_refused_with_the_reason(tmp_path):
    with np.load(STACKS / "gru_2.npz") as arrays:
        both = dict(arrays) | {"weight_ih_l0_reverse": arrays["weight_ih_l0"]}
    np.savez(tmp_path / "both.npz", **both)
    assert "its backward half needs the future" in fail(3, "fixed-points", tmp_path / "both.npz", "--cell", "gru")
