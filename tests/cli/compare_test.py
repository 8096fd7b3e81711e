# SPDX-License-Identifier: BSD-3-Clause
"""Networks are compared by their activity in the same trials; arrays by their samples."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from command import fail, succeed, succeed_json

DATA = Path(os.environ["NULLCLINE_SOURCE"]) / "tests/data/similarity"


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("some networks")
    paths = []
    for cell, units, seed in [("gru", 12, 1), ("gru", 12, 2), ("lstm", 8, 1), ("vanilla", 12, 1)]:
        paths.append(folder / f"{cell}{seed}.nc")
        succeed("train", "flip-flop", "--bits", 1, "--cell", cell, "--units", units, "--seed", seed, "--iterations", 60,
                "-o", paths[-1], "--quiet")  # fmt: skip
    return paths


def pair_of_arrays(tmp_path, name):
    arrays = np.load(DATA / f"{name}.npz")
    for side in "XY":
        np.savez(tmp_path / f"{side}.npz", states=arrays[side])
    return tmp_path / "X.npz", tmp_path / "Y.npz"


def test_two_arrays_give_the_oracles_numbers(tmp_path):
    truth = json.loads((DATA / "expected.json").read_text())["dead_units"]
    document = succeed_json("compare", *pair_of_arrays(tmp_path, "dead_units"))
    assert document["measure"] == "svcca" and document["distances"][0][1] == pytest.approx(truth["svcca95"]["dist"])
    found = document["all"]
    assert found["linear_cka"] == pytest.approx(1 - truth["cka_linear"], abs=1e-9)
    assert found["shape"] == pytest.approx(truth["procrustes"]["angular"], abs=1e-9)
    assert found["rsa"] == pytest.approx(1 - truth["rsa"]["pearson"], abs=1e-9)
    assert document["points"] == [] and document["warning"] == ""


def test_too_few_samples_are_told_with_their_numbers(tmp_path):
    text = succeed("compare", *pair_of_arrays(tmp_path, "m_smaller_than_n"))
    assert "15 samples are few for 30 units" in text and "canonical correlations are 1" in text


def test_trained_networks_get_the_same_trials(networks, tmp_path):
    path = tmp_path / "distances.nc"
    document = succeed_json("compare", *networks, "--measure", "linear_cka", "-o", path)
    distances = np.array(document["distances"])
    assert document["n_samples"] == 3200 and document["n_units"] == [12, 12, 8, 12]
    assert distances.shape == (4, 4) and (distances == distances.T).all()
    assert 0 < distances[0, 1] < 1 and len(document["points"]) == 4
    fewer = succeed_json("compare", *networks, "--measure", "linear_cka", "--trials", 4)
    assert fewer["n_samples"] == 400
    other = succeed_json("compare", *networks, "--measure", "linear_cka", "--seed", 1)
    assert other["distances"] != document["distances"]
    assert "comparison" in succeed("info", path)
    text = succeed("compare", *networks)
    assert "svcca distance over 3200 samples" in text and "lstm1.nc" in text


def test_dynamics_of_trials_are_compared_by_their_operators(tmp_path):
    arrays, expected = np.load(DATA / "dsa.npz"), json.loads((DATA / "expected.json").read_text())["dsa"]["pairs"]["01"]
    for k in (1, 2):
        np.save(tmp_path / f"{k}.npy", arrays[f"traj{k}"])
    document = succeed_json("compare", tmp_path / "1.npy", tmp_path / "2.npy", "--measure", "dsa")
    assert document["distances"][0][1] == pytest.approx(expected["dmd_pavf"]["angular"], abs=1e-8)
    assert document["all"]["dsa_wasserstein"] ** 2 == pytest.approx(expected["eig_w2sq_dmd"], abs=1e-9)
    assert document["dsa_search"]["spread"] > 0.05 and 1 <= document["dsa_search"]["n_best"] < 32
    assert "of 32 searches" in succeed("compare", tmp_path / "1.npy", tmp_path / "2.npy")
    other = succeed_json("compare", tmp_path / "1.npy", tmp_path / "2.npy", "--measure", "dsa", "--rank", 4, "--n-starts", 8)
    assert other["distances"] != document["distances"]
    # As one long trial, steps across its boundaries count.
    for k in (1, 2):
        np.save(tmp_path / f"{k}.npy", arrays[f"traj{k}"].reshape(-1, 4))
    flat = succeed_json("compare", tmp_path / "1.npy", tmp_path / "2.npy", "--measure", "dsa")
    assert flat["distances"] != document["distances"]
    assert "rank: found 0" in fail(2, "compare", tmp_path / "1.npy", tmp_path / "2.npy", "--measure", "dsa", "--rank", 0)


def test_what_cannot_be_compared_is_refused(networks, tmp_path):
    x, y = pair_of_arrays(tmp_path, "indep")
    assert "expected two or more" in fail(2, "compare", x)
    np.save(tmp_path / "short.npy", np.ones((7, 2)))
    assert "found 7 samples, expected 200" in fail(3, "compare", x, tmp_path / "short.npy")
    np.save(tmp_path / "nan.npy", np.full((200, 2), np.nan))
    assert "nan.npy" in fail(3, "compare", x, tmp_path / "nan.npy")
    np.save(tmp_path / "line.npy", np.ones(200))
    assert "found 1 dimensions" in fail(3, "compare", x, tmp_path / "line.npy")
    two_bits = tmp_path / "two bits.nc"
    succeed("train", "flip-flop", "--bits", 2, "--units", 4, "--iterations", 1, "-o", two_bits, "--quiet")
    assert "a network of 2 inputs, expected 1" in fail(3, "compare", networks[0], two_bits)
    assert "measure" in fail(2, "compare", x, y, "--measure", "cosine")
    assert "threshold" in fail(2, "compare", x, y, "--threshold", 2)
    assert "--trials" in fail(2, "compare", *networks, "--trials", 0)


def test_a_network_that_does_nothing_is_not_a_number_and_said(tmp_path):
    np.save(tmp_path / "dead.npy", np.ones((200, 3)))
    x, _ = pair_of_arrays(tmp_path, "indep")
    assert succeed_json("compare", x, tmp_path / "dead.npy")["all"]["linear_cka"] is None
    assert "not defined" in succeed("compare", x, tmp_path / "dead.npy", "--measure", "shape")


# h' = tanh(2 h + 4 u): three points for each bit, and the pulses switch.
def flip_flop(tmp_path, name, bits, gain=2.0):
    path = tmp_path / f"{name}.npz"
    np.savez(path, weight_hh_l0=gain * np.eye(bits), weight_ih_l0=4 * np.eye(bits), bias_hh_l0=np.zeros(bits),
             bias_ih_l0=np.zeros(bits), **{"readout.weight": np.eye(bits) / np.tanh(1.9), "readout.bias": np.zeros(bits)})  # fmt: skip
    return path


@pytest.fixture(scope="module")
def topologies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graphs of some")
    result = {"folder": folder}
    for name, bits, seed in [("one", 1, 0), ("two", 2, 0), ("two again", 2, 1)]:
        network = flip_flop(folder, name, bits)
        points, graph, machine = (folder / f"{name}.{part}.nc" for part in ("points", "graph", "machine"))
        succeed("fixed-points", network, "-o", points, "--quiet")
        succeed("topology", points, "-o", graph, "--probe", "perturbation", "--seed", seed, "--quiet")
        succeed("state-machine", network, "-o", machine, "--quiet")
        result[name] = (graph, machine, points)
    return result


def test_graphs_are_compared_whatever_their_numbers_of_points(topologies):
    one, two, again = (topologies[name][0] for name in ("one", "two", "two again"))
    document = succeed_json("compare", one, two, again)
    assert document["measure"] == "fused_gromov_wasserstein"
    distances = np.array(document["distances"])
    assert distances[0, 1] > 0.1 > 0.001 > distances[1, 2] > 0
    features = succeed_json("compare", two, again, "--edge-weight", 0)
    assert features["distances"][0][1] == pytest.approx(0, abs=1e-15)


def test_the_papers_distance_comes_with_the_noise_of_sampling(topologies):
    one, two, again = (topologies[name][0] for name in ("one", "two", "two again"))
    document = succeed_json("compare", two, again, "--measure", "graph_frobenius")
    # 4 saddles of 2 outcomes and one of 4, 100 rollouts each: 2 (4 (1 - 1/2) + (1 - 1/4)) / 100
    assert document["sampling_noise"] == pytest.approx(np.sqrt(2 * 2.75 / 100), abs=0.02)
    assert 0 < document["distances"][0][1] < 3 * document["sampling_noise"]
    assert "expected of equal networks" in succeed("compare", two, again, "--measure", "graph_frobenius")
    message = fail(3, "compare", two, one, "--measure", "graph_frobenius")
    assert "a graph of 3 points" in message and "has 9" in message and "fused_gromov_wasserstein" in message


def test_state_machines_are_compared_as_automata(topologies, tmp_path):
    two, again = topologies["two"][1], topologies["two again"][1]
    document = succeed_json("compare", two, again)
    assert document["measure"] == "automaton" and document["distances"][0][1] == 0
    weak = tmp_path / "weak.nc"
    # Pulses too weak to switch.
    succeed("state-machine", flip_flop(tmp_path, "weak", 2), "--pulse", "0.01,0", "--pulse=-0.01,0", "-o", weak, "--quiet")
    strong = tmp_path / "strong.nc"
    network = flip_flop(tmp_path, "strong", 2)
    np.savez(network, **{k: (v * 200 if k == "weight_ih_l0" else v) for k, v in np.load(network).items()})
    succeed("state-machine", network, "--pulse", "0.01,0", "--pulse=-0.01,0", "-o", strong, "--quiet")
    assert succeed_json("compare", weak, strong)["distances"][0][1] == 0.5  # of 8 entries 4 switch
    assert "pulses" in fail(2, "compare", two, weak)


def test_a_measure_takes_its_own_kind_of_file(topologies, networks):
    graph, machine, points = topologies["two"]
    assert "expected a trained network for --measure svcca" in fail(3, "compare", graph, graph, "--measure", "svcca")
    assert "expected a graph" in fail(3, "compare", *networks[:2], "--measure", "graph_frobenius")
    assert "expected a state machine" in fail(3, "compare", graph, machine, "--measure", "automaton")
    assert "'fixed_points'" in fail(3, "compare", points, points)


def test_a_folder_is_compared_and_a_factor_separates(networks):
    folder = networks[0].parent
    document = succeed_json("compare", folder, "--measure", "linear_cka", "--factor", "cell")
    assert [Path(path).name for path in document["networks"]] == ["gru1.nc", "gru2.nc", "lstm1.nc", "vanilla1.nc"]
    found = document["separation"]["cell"]
    assert found["groups"] == ["gru", "lstm", "vanilla"] and found["sizes"] == [2, 1, 1]
    # By hand: one pair within, five between; mean ranks of 0 ... 5.
    upper = np.array(document["distances"])[np.triu_indices(4, 1)]
    ranks = upper.argsort().argsort()
    assert found["statistic"] == pytest.approx((ranks[1:].mean() - ranks[0]) / 3)


def test_tables_of_labels(networks, tmp_path):
    folder = networks[0].parent
    labels = tmp_path / "some labels.tsv"
    labels.write_text("network\tlab\tyear\ngru1\ta\t1\ngru2.nc\tb\t1\nlstm1\ta\t2\nvanilla1\tb\t2\n")
    path = tmp_path / "out.nc"
    document = succeed_json("compare", folder, "--labels", labels, "--factor", "lab,year", "--permutations", 99, "-o", path)
    assert set(document["separation"]) == {"lab", "year"}
    assert document["separation"]["lab"]["n_permutations"] == 99
    again = succeed_json("compare", folder, "--labels", labels, "--factor", "lab,year", "--permutations", 99, "--threads", 1)
    assert again["separation"] == document["separation"]
    text = succeed("compare", folder, "--labels", labels, "--factor", "lab")
    assert "separated by lab (2 groups): ANOSIM R =" in text
    assert "has no 'town'" in fail(2, "compare", folder, "--labels", labels, "--factor", "town")
    assert "no --factor" in fail(2, "compare", folder, "--labels", labels)
    labels.write_text("network\tlab\ngru1\n")
    assert "line 2 has 1 columns" in fail(3, "compare", folder, "--labels", labels, "--factor", "lab")
    assert "has no 'color'" in fail(2, "compare", folder, "--factor", "color")
    assert "at least two" in fail(2, "compare", folder, "--factor", "task")  # all have the same
    assert "found 0" in fail(2, "compare", tmp_path)
