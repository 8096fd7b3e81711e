# SPDX-License-Identifier: BSD-3-Clause
"""Networks of other frameworks through the command: what they are, and what says that they are not
verified."""

import json

import numpy as np
import pytest
import xarray as xr
from command import DATA, fail, succeed, succeed_json

IMPORTS = DATA / "imports"


@pytest.mark.parametrize(
    "file, probe, cell, flags",
    [
        ("torch_gru.pt", "torch_gru", "gru", []),
        ("torch_gru.safetensors", "torch_gru", "gru", []),
        ("torch_lstm.pth", "torch_lstm", "lstm", []),
        ("torch_rnn_relu.pt", "torch_rnn_relu", "vanilla", ["--activation", "relu"]),
        ("torch_two.pt", "torch_two", "gru", ["--prefix", "decoder"]),
        ("keras_gru_before.keras", "keras_gru_before", "gru", []),
        ("keras_gru_after.h5", "keras_gru_after", "gru", []),
        ("keras_lstm.keras", "keras_lstm", "lstm", ["--readout", "none"]),
    ],
)
def test_files_of_frameworks_give_verified_fixed_points(file, probe, cell, flags):
    document = succeed_json("fixed-points", IMPORTS / file, *flags, "--probe", IMPORTS / f"{probe}.probe.npz")
    assert document["verified"] is True and document["system"]["kind"] == cell
    assert document["n_points"] >= 1 and document["index_expected"] in (None, document["index_sum"])
    assert document["system"]["n_outputs"] == (0 if "none" in flags or "two" in file else 3)


def test_the_formats_of_one_network_give_the_same_points():
    found = [succeed_json("fixed-points", IMPORTS / f"torch_gru.{suffix}")["points"] for suffix in ("pt", "npz", "safetensors")]
    assert found[0] == found[1] == found[2]


def test_without_a_probe_every_result_says_so(tmp_path):
    weights = IMPORTS / "torch_gru.pt"
    points, graph, page, states = (str(tmp_path / name) for name in ("p.nc", "g.nc", "r.html", "s.nc"))
    assert "not verified" in succeed("fixed-points", weights, "-o", points)
    assert succeed_json("fixed-points", weights)["verified"] is False
    assert "not verified" in succeed("topology", points, "-o", graph)
    assert succeed_json("topology", points)["verified"] is False
    succeed("report", points, graph, "-o", page)
    assert "no probe shows that the import is right" in open(page).read()
    np.save(tmp_path / "u.npy", np.zeros((1, 4, 2)))
    simulate = ["simulate", weights, "--inputs", tmp_path / "u.npy", "-o", states]
    assert "not verified" in succeed(*simulate)
    assert succeed_json(*simulate)["verified"] is False
    for path in (points, graph, states):
        with xr.open_dataset(path) as file:
            assert file.attrs["verified"] == "no", path
    for path in (points, states):
        assert "not verified" in succeed("info", path)
        assert json.loads(succeed("info", path, "--json"))["network"]["verified"] is False


def test_with_a_probe_no_result_says_so(tmp_path):
    weights, probe = IMPORTS / "torch_gru.pt", ["--probe", IMPORTS / "torch_gru.probe.npz"]
    points, graph, page, states = (str(tmp_path / name) for name in ("p.nc", "g.nc", "r.html", "s.nc"))
    np.save(tmp_path / "u.npy", np.zeros((1, 4, 2)))
    texts = [succeed("fixed-points", weights, *probe, "-o", points), succeed("topology", points, "-o", graph),
             succeed("simulate", weights, *probe, "--inputs", tmp_path / "u.npy", "-o", states), succeed("info", points)]  # fmt: skip
    assert not any("not verified" in text for text in texts)
    assert succeed_json("topology", points)["verified"] is True
    succeed("report", points, graph, "-o", page)
    assert "no probe shows" not in open(page).read()
    for path in (points, graph, states):
        with xr.open_dataset(path) as file:
            assert file.attrs["verified"] == "yes", path


def test_a_probe_names_the_convention_that_fits(tmp_path):
    weights = dict(np.load(IMPORTS / "torch_gru.npz"))
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        r, z, n = np.split(weights[f"rnn.{name}"], 3)
        weights[f"rnn.{name}"] = np.concatenate([z, r, n])
    np.savez(tmp_path / "keras_order.npz", **weights)
    line = fail(3, "fixed-points", tmp_path / "keras_order.npz", "--probe", IMPORTS / "torch_gru.probe.npz")
    assert "allowed 1e-10" in line and "this convention does" in line and "gates z, r, n (Keras" in line


def psychrnn(path, **more):
    rng = np.random.default_rng(2)
    weights = {"W_in": rng.normal(size=(4, 2)), "W_rec": rng.normal(size=(4, 4)), "W_out": rng.normal(size=(1, 4)), "b_rec": rng.normal(size=4),
               "b_out": np.zeros(1), "init_state": np.zeros((1, 4)), "Dale_rec": np.eye(4), "Dale_out": np.eye(4),
               "input_connectivity": np.ones((4, 2)), "rec_connectivity": np.ones((4, 4)), "output_connectivity": np.ones((1, 4)),
               "dale_ratio": None, **more}  # fmt: skip
    np.savez(path, **weights)
    return weights


def test_a_rate_network_of_psychrnn_needs_its_leak(tmp_path):
    weights = psychrnn(tmp_path / "w.npz")
    assert "--alpha: missing" in fail(2, "fixed-points", tmp_path / "w.npz")
    document = succeed_json("fixed-points", tmp_path / "w.npz", "--alpha", "0.2")
    assert document["system"]["kind"] == "leaky-outside" and document["system"]["activation"] == "relu"
    for point in document["points"]:
        v = np.array(point["state"])
        if point["kind"] == "fixed":
            assert np.allclose(weights["W_rec"] @ np.maximum(v, 0) + weights["b_rec"], v, atol=1e-9)


@pytest.mark.parametrize(
    "file, words",
    [
        ("torch_module.pt", "names 'torch.nn.modules.rnn.GRU'"),
        ("torch_legacy.pt", "before 1.6"),
        ("torch_script.pt", "TorchScript"),
        ("torch_two.pt", "--prefix"),
        ("keras_hard_sigmoid.keras", "hard_sigmoid"),
        ("make_torch.py", "no known file of weights"),
    ],
)
def test_what_cannot_be_imported_is_refused_by_name(file, words):
    path = IMPORTS / file
    line = fail(3, "fixed-points", path)
    assert line.startswith(f"nullcline: {path}: ") and words in line


def test_a_pickle_never_runs(tmp_path):
    import pickle
    import zipfile

    class Bomb:
        def __reduce__(self):
            return eval, (f"open({str(tmp_path / 'ran')!r}, 'w')",)

    with zipfile.ZipFile(tmp_path / "bomb.pt", "w") as archive:
        archive.writestr("bomb/data.pkl", pickle.dumps({"weight_ih_l0": Bomb()}, protocol=2))
    assert "names '__builtin__.eval'" in fail(3, "fixed-points", tmp_path / "bomb.pt")
    assert not (tmp_path / "ran").exists()
