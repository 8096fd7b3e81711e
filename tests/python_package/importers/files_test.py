# SPDX-License-Identifier: BSD-3-Clause
"""Networks from files that frameworks saved, read without them."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import nullcline as nc

DATA = pathlib.Path(__file__).parents[2] / "data"
IMPORTS = DATA / "imports"


def test_every_file_with_a_probe_is_read_and_verified():
    probed = sorted(IMPORTS.glob("*.probe.npz"))
    assert len(probed) > 5
    n_read = 0
    for probe in probed:
        name = probe.name.removesuffix(".probe.npz")
        for path in sorted(IMPORTS.glob(name + ".*")):
            if path == probe:
                continue
            activation = "relu" if "relu" in name and path.suffix != ".keras" else None
            prefix = "decoder" if name == "torch_two" else ""
            network = nc.from_file(path, probe=probe, activation=activation, prefix=prefix)
            assert network.verified, path
            with np.load(probe) as steps:
                error = network.verify(steps["x"], steps["h"], steps["h_next"], 1e-5)
            assert error < 1e-5, path
            n_read += 1
    assert n_read >= len(probed)


def test_the_oracle_network_has_its_points():
    files = DATA / "flip-flop"
    network = nc.from_file(files / "gru16_seed0.weights.npz", probe=files / "gru16_seed0.probe.npz")
    assert network.verified and network.cell == "gru" and network.n_outputs == 3
    with np.load(files / "gru16_seed0.states.npz") as states, np.load(files / "gru16_seed0.truth.npz") as truth:
        points = nc.find_fixed_points(network, states["states"], inputs=[0, 0, 0])
        assert len(points) == len(truth["fixed_points"])


def test_without_a_probe_it_is_not_verified():
    network = nc.from_file(DATA / "flip-flop" / "gru16_seed0.weights.npz")
    assert not network.verified
    assert "not verified" in repr(network)


def test_another_convention_is_refused_and_named():
    files = DATA / "flip-flop"
    with pytest.raises(nc.FormatError, match="reset after"):
        nc.from_file(files / "gru16_seed0.weights.npz", reset="before", probe=files / "gru16_seed0.probe.npz")


@pytest.mark.parametrize("option", [{"cell": "lstm"}, {"alpha": 0.5}, {"prefix": "decoder"}, {"cell": "GRU"}])
def test_what_contradicts_the_file_is_refused(option):
    with pytest.raises(ValueError):
        nc.from_file(DATA / "flip-flop" / "gru16_seed0.weights.npz", **option)


def test_files_that_are_none_are_named(tmp_path):
    with pytest.raises(nc.FormatError, match="missing.pt"):
        nc.from_file(tmp_path / "missing.pt")
    (tmp_path / "noise.pt").write_bytes(b"noise")
    with pytest.raises(nc.FormatError, match="noise.pt"):
        nc.from_file(tmp_path / "noise.pt")
