# SPDX-License-Identifier: BSD-3-Clause
"""Fixed points through the command: answers, the JSON document, the file, the gate."""

import itertools
import json
import re
import signal
import subprocess
import time

import numpy as np
import pytest
import xarray as xr
from command import COMMAND, FLIP_FLOP, fail, files_in, hold_memory_weights, run, succeed, succeed_json

POINT_KEYS = {"state", "speed", "residual", "kind", "verdict", "radius", "stability", "n_unstable", "index", "eigenvalues_re",
              "eigenvalues_im", "hits", "lifetime", "readout", "input"}  # fmt: skip
SET_KEYS = {"n_points", "index_sum", "index_expected", "completeness", "completeness_note", "unseen_estimate", "n_starts", "seconds", "orbits"}


def oracle(name, cell, *more):
    file = FLIP_FLOP / name
    flags = ["--cell", cell, "--reset", "after"] if cell == "gru" else ["--cell", cell]
    return ["fixed-points", f"{file}.weights.npz", *flags, "--states", f"{file}.states.npz", "--probe", f"{file}.probe.npz", *more]


@pytest.fixture(scope="module")
def gru():
    return succeed_json(*oracle("gru8_proven27", "gru", "--input", "0,0,0"))


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    """One document for two inputs of a network whose fixed points are known by hand."""
    weights = hold_memory_weights(tmp_path_factory.mktemp("memory") / "w.npz")
    return succeed_json("fixed-points", weights, "--cell", "vanilla", "--input", "0,0,0", "--input", "1,0,-1")


@pytest.mark.parametrize("name", sorted(path.name.split(".")[0] for path in FLIP_FLOP.glob("*.truth.npz")))
def test_every_point_of_the_oracle_is_found_and_no_other(name):
    document = succeed_json(*oracle(name, re.match("[a-z]+", name).group()))
    truth = np.load(FLIP_FLOP / f"{name}.truth.npz")
    found = [point for point in document["points"] if point["kind"] == "fixed"]
    states, expected = np.array([point["state"] for point in found]), truth["fixed_points"]
    assert states.shape == expected.shape
    apart = np.abs(states[:, None] - expected[None]).max(axis=2)
    assert apart.min(axis=0).max() < 1e-9 and apart.min(axis=1).max() < 1e-9
    assert document["index_sum"] == 1 and document["verified"] is True
    if "index_sign" not in truth:
        return
    for row, point in zip(apart.argmin(axis=1), found):
        values = np.array(point["eigenvalues_re"]) + 1j * np.array(point["eigenvalues_im"])
        true_values = truth["eigenvalues_re"][row] + 1j * truth["eigenvalues_im"][row]
        difference = np.abs(values[:, None] - true_values[None])
        assert difference.min(axis=0).max() < 1e-6 and difference.min(axis=1).max() < 1e-6
        assert point["index"] == truth["index_sign"][row]
        assert (point["stability"] == "stable") == bool(truth["stable"][row])


ORBIT_KEYS = {"kind", "period", "rotation_number", "points", "stability", "n_unstable", "multipliers_re", "multipliers_im",
              "verdict", "radius", "index", "n_ends", "input"}  # fmt: skip


def test_stable_orbits_of_period_two_are_found_by_default(tmp_path):
    document = succeed_json(*oracle("vanilla16_seed0", "vanilla", "-o", tmp_path / "p.nc"))
    truth = np.load(FLIP_FLOP / "vanilla16_seed0.truth.npz")
    expected = truth["cyc2_x"][truth["cyc2_stable_orbit"].astype(bool)]
    orbits = document["orbits"]
    assert len(orbits) == 8 and ORBIT_KEYS <= set(orbits[0])
    assert {(o["kind"], o["period"], o["stability"], o["verdict"]) for o in orbits} == {("periodic", 2, "stable", "proven")}
    states = np.array([state for orbit in orbits for state in orbit["points"]])
    apart = np.abs(states[:, None] - expected[None]).max(axis=2)
    assert apart.shape == (16, 16) and apart.min(axis=0).max() < 1e-9 and apart.min(axis=1).max() < 1e-9
    assert sum(orbit["n_ends"] for orbit in orbits) == document["ends"]["n_trajectories"] == 64
    assert "64 of 64 trajectories end at no fixed point" in document["ends"]["note"]
    with xr.open_dataset(tmp_path / "p.nc") as file:
        assert file["orbit_kind"].values.tolist() == ["periodic"] * 8
        assert file["orbit_states"].dims == ("orbit_point", "state") and file["orbit_states"].shape == (16, 16)
    text = succeed(*oracle("vanilla16_seed0", "vanilla", "--trajectories", 5))
    assert "5 of 5 trajectories end at no fixed point" in text and "period 2" in text


def test_all_orbits_up_to_a_period_are_searched_and_audited():
    document = succeed_json(*oracle("vanilla16_seed0", "vanilla", "--max-period", 2))
    assert len(document["orbits"]) == 27
    (audit,) = document["ends"]["periods"]
    assert (audit["period"], audit["n_orbits"], audit["index_sum"], audit["index_expected"]) == (2, 27, 1, 1)


def test_orbits_of_a_relu_network_are_enumerated(tmp_path):
    # h' = max(1 - 2 h, 0): the point 1/3, and 0 -> 1 -> 0.
    np.savez(tmp_path / "w.npz", recurrent_weights=[[-2.0]], input_weights=[[0.0]], bias=[1.0])
    flags = ("--cell", "vanilla", "--activation", "relu", "--max-period", 3, "-o", tmp_path / "p.nc")
    document = succeed_json("fixed-points", tmp_path / "w.npz", *flags)
    (orbit,) = document["orbits"]
    assert np.allclose(orbit["points"], [[0], [1]], atol=1e-12) and orbit["verdict"] == "proven" and orbit["at_kink"] is False
    periods = [(p["period"], p["n_orbits"], p["n_undecided"], p["completeness"]) for p in document["ends"]["periods"]]
    assert periods == [(2, 1, 0, "proven"), (3, 0, 0, "proven")]
    assert succeed("verify", tmp_path / "p.nc")


def test_a_network_whose_memories_are_fixed_points_has_no_orbit(gru):
    assert gru["orbits"] == [] and gru["ends"]["n_at_points"] == gru["ends"]["n_trajectories"] > 0


def test_the_document_has_every_key(gru):
    assert POINT_KEYS <= gru["points"][0].keys()
    assert SET_KEYS <= gru.keys()
    assert {"inputs", "system", "verified", "nullcline", "seed"} <= gru.keys()
    assert gru["verified"] is True
    assert gru["inputs"] == [[0, 0, 0]]
    assert gru["n_points"] == 27 and gru["index_sum"] == 1 and gru["index_expected"] == 1
    assert gru["completeness"] in ("proven", "statistical")
    assert gru["orbits"] == []
    assert gru["system"] == {"kind": "gru", "time": "discrete", "n_units": 8, "n_layers": 1, "n_states": 8, "n_inputs": 3,
                             "n_outputs": 3, "activation": "tanh", "reset": "after"}  # fmt: skip
    assert re.fullmatch(r"\d+\.\d+\.\d+", gru["nullcline"])
    assert all(0 < point["hits"] <= gru["n_starts"] for point in gru["points"])


def test_points_carry_evidence(gru):
    for point in gru["points"]:
        assert point["kind"] == "fixed" and point["lifetime"] is None
        assert point["residual"] < 1e-10 and point["speed"] < 1e-20
        assert point["verdict"] == "proven" and 0 < point["radius"] < 1e-6
        assert len(point["readout"]) == 3 and point["input"] == [0, 0, 0]
        assert len(point["eigenvalues_re"]) == len(point["eigenvalues_im"]) == 8
    directions = [point["n_unstable"] for point in gru["points"]]
    assert directions == sorted(directions)
    assert [directions.count(k) for k in range(4)] == [8, 12, 6, 1]


def test_readouts_are_those_of_the_weights(gru):
    weights = np.load(FLIP_FLOP / "gru8_proven27.weights.npz")
    for point in gru["points"]:
        assert np.allclose(point["readout"], weights["readout.weight"] @ point["state"] + weights["readout.bias"], atol=1e-12)


def test_several_inputs_give_one_entry_each(memory):
    assert memory["inputs"] == [[0, 0, 0], [1, 0, -1]]
    # 27 for no input; a drive of 4 leaves one state to each driven unit.
    assert memory["n_points"] == [27, 3]
    assert memory["index_sum"] == [1, 1]
    assert [entry["n_points"] for entry in memory["sets"]] == [27, 3]
    assert [entry["input"] for entry in memory["sets"]] == memory["inputs"]
    assert all(SET_KEYS <= entry.keys() for entry in memory["sets"])
    assert [point["input"] for point in memory["points"]] == [[0, 0, 0]] * 27 + [[1, 0, -1]] * 3


def test_the_points_are_those_worked_by_hand(memory):
    h = 0.9575040240772687  # h = tanh(2 h)
    expected = sorted(itertools.product((-h, 0, h), repeat=3))
    found = sorted(tuple(point["state"]) for point in memory["points"][:27])
    assert np.allclose(found, expected, atol=1e-10)
    for point in memory["points"][:27]:
        zeros = sum(abs(x) < 0.5 for x in point["state"])
        assert point["n_unstable"] == zeros and point["index"] == (-1) ** zeros
        assert np.allclose(sorted(point["eigenvalues_re"]), [2 * (1 - h * h)] * (3 - zeros) + [2] * zeros, atol=1e-9)
        assert point["stability"] == {0: "stable", 3: "unstable"}.get(zeros, "saddle")


def test_the_default_input_is_zero(tmp_path):
    document = succeed_json("fixed-points", hold_memory_weights(tmp_path / "w.npz", 2), "--cell", "vanilla")
    assert document["inputs"] == [[0, 0]] and document["n_points"] == 9


def test_without_a_probe_nothing_is_verified(tmp_path):
    weights = hold_memory_weights(tmp_path / "w.npz", 2)
    assert "not verified" in succeed("fixed-points", weights, "--cell", "vanilla", "-o", tmp_path / "p.nc")
    assert succeed_json("fixed-points", weights, "--cell", "vanilla")["verified"] is False
    with xr.open_dataset(tmp_path / "p.nc") as points:
        assert points.attrs["verified"] == "no"
    assert "not verified" in succeed("info", tmp_path / "p.nc")
    x, h = np.ones((4, 2)), np.linspace(-1, 1, 8).reshape(4, 2)
    np.savez(tmp_path / "probe.npz", x=x, h=h, h_next=np.tanh(2 * h + 4 * x))
    with_probe = ["fixed-points", weights, "--cell", "vanilla", "--probe", tmp_path / "probe.npz"]
    assert "not verified" not in succeed(*with_probe, "-o", tmp_path / "q.nc")
    assert succeed_json(*with_probe)["verified"] is True
    with xr.open_dataset(tmp_path / "q.nc") as points:
        assert points.attrs["verified"] == "yes"


def test_a_probe_refuses_the_wrong_convention():
    flags = oracle("gru8_proven27", "gru", "--json")
    flags[flags.index("after")] = "before"
    line = fail(3, *flags)
    assert "gru8_proven27.probe.npz" in line and "after" in line


def test_the_seed_decides_and_threads_do_not(tmp_path):
    weights = hold_memory_weights(tmp_path / "w.npz", 2)

    def document(*flags):
        found = succeed_json("fixed-points", weights, "--cell", "vanilla", *flags)
        found.pop("configuration"), found.pop("seconds"), found["ends"].pop("seconds")
        for entry in found["sets"]:
            entry.pop("seconds"), entry["ends"].pop("seconds")
        return found

    one = document("--threads", 1, "--seed", 3)
    assert one == document("--threads", 2, "--seed", 3)
    assert one["points"] != document("--threads", 1, "--seed", 4)["points"]


def test_the_file_opens_in_xarray(memory_points):
    with xr.open_dataset(memory_points) as points:
        assert points.sizes["fixed_point"] == 27 and points.sizes["state"] == 3 and points.sizes["input"] == 1
        assert points.attrs["nullcline_kind"] == "fixed_points"
        assert points["visited_states"].dims == ("visited", "state") and points.sizes["visited"] <= 1000
        assert points["trajectories"].dims == ("trial", "step", "state")
        assert json.loads(points.attrs["configuration"])["search"]["seed"] == 0
        assert all(points[name].attrs.get("long_name") for name in points.data_vars)
    with xr.open_dataset(memory_points, group="network") as network:
        assert np.array_equal(network["recurrent_weights"], 2 * np.eye(3))


def test_visited_states_are_those_of_the_task(trained, tmp_path):
    succeed("fixed-points", trained, "--trials", 3, "-o", tmp_path / "p.nc")
    with xr.open_dataset(tmp_path / "p.nc") as points:
        assert points.sizes["visited"] == 3 * 20 and points.sizes["trial"] == 3 and points.sizes["step"] == 20
        assert points.attrs["visited_origin"] == "3 trials of flip-flop"
        assert np.array_equal(points["trajectories"].values.reshape(60, 6), points["visited_states"].values)
        assert len(np.unique(points["visited_states"].values, axis=0)) > 30
    text = succeed("fixed-points", trained)
    assert re.search(r"\d+ fixed points? for input \(0\)", text) and "not verified" not in text


def test_states_may_be_trajectories(tmp_path):
    weights = hold_memory_weights(tmp_path / "w.npz", 2)
    states = np.random.default_rng(0).uniform(-1, 1, (5, 7, 2))
    np.savez(tmp_path / "s.npz", states=states)
    np.save(tmp_path / "s.npy", states.reshape(35, 2))
    common = ["fixed-points", weights, "--cell", "vanilla", "--states"]
    succeed(*common, tmp_path / "s.npz", "-o", tmp_path / "a.nc")
    succeed(*common, tmp_path / "s.npy", "-o", tmp_path / "b.nc")
    with xr.open_dataset(tmp_path / "a.nc") as a, xr.open_dataset(tmp_path / "b.nc") as b:
        assert np.array_equal(a["trajectories"], states)
        assert np.array_equal(a["visited_states"], b["visited_states"])


def test_the_text_says_what_the_audit_says(memory_points, tmp_path):
    text = succeed("fixed-points", hold_memory_weights(tmp_path / "w.npz"), "--cell", "vanilla")
    assert "27 fixed points for input (0, 0, 0): 8 stable, 12 with 1 unstable direction, 6 with 2 unstable directions, 1 with 3" in text
    assert "index sum +1, as it must be for a complete set (+1)" in text
    assert "completeness: " in text and len(text.splitlines()) < 45


def test_strict_asks_for_a_complete_set(tmp_path):
    """Too few starts leave points out; the index sum or the hit counts say so."""
    weights = hold_memory_weights(tmp_path / "w.npz")
    few = ["fixed-points", weights, "--cell", "vanilla", "--max-boxes", 0, "--n-starts", 1, "--max-starts", 1, "--min-hits", 1]
    document = json.loads(succeed(*few, "--json"))
    if document["completeness"] != "incomplete":
        pytest.fail(f"one start, and the audit says {document['completeness']} with {document['n_points']} points")
    done = run(*few, "--strict", "-o", tmp_path / "p.nc")
    assert done.returncode == 4 and done.stderr == "nullcline: --strict: the audit says that fixed points are missing\n"
    assert (tmp_path / "p.nc").exists()
    succeed("fixed-points", weights, "--cell", "vanilla", "--strict")


def test_an_interrupted_search_writes_nothing(tmp_path):
    rng = np.random.default_rng(0)
    n = 150
    np.savez(tmp_path / "w.npz", weight_ih_l0=np.zeros((n, 1)), weight_hh_l0=rng.normal(0, 3 / np.sqrt(n), (n, n)),
             bias_ih_l0=np.zeros(n), bias_hh_l0=np.zeros(n))  # fmt: skip
    words = [COMMAND, "fixed-points", "w.npz", "--cell", "vanilla", "--n-starts", "1000000", "--max-starts", "1000000", "-o", "p.nc"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=200)
    assert process.returncode == 130 and out == ""
    assert error.splitlines()[-1] == "nullcline: interrupted; nothing was written"
    assert files_in(tmp_path) == ["w.npz"]


def test_a_file_says_what_flags_say(tmp_path):
    weights = hold_memory_weights(tmp_path / "w.npz", 2)
    (tmp_path / "c.toml").write_text('[fixed_points]\ninput = [[0, 0], [1, 0]]\n[search]\nseed = 3\n[network]\ncell = "vanilla"\n')
    by_file = succeed_json("fixed-points", weights, "--config", tmp_path / "c.toml")
    by_flags = succeed_json("fixed-points", weights, "--cell", "vanilla", "--input", "0,0", "--input", "1,0", "--seed", 3)
    assert by_file["points"] == by_flags["points"] and by_file["configuration"] == by_flags["configuration"]
    assert by_file["n_points"] == [9, 3]
    printed = succeed("fixed-points", weights, "--config", tmp_path / "c.toml", "--print-config")
    assert "input = [[0, 0], [1, 0]]" in printed
