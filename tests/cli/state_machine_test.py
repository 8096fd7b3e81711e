# SPDX-License-Identifier: BSD-3-Clause
"""Finite-state machines: stable states, and where pulses send them."""

import numpy as np
import pytest
import xarray as xr
from command import FLIP_FLOP, fail, files_in, hold_memory_weights, succeed, succeed_json

# Figure 2 of Jordan et al. (2021): two independent bistable units, driven by an input each.
TWO_UNITS = '[system]\ncell = "gru"\ntime = "continuous"\nunits = 2\ninputs = 2\n[weights]\nU_h = [[6, 0], [0, 6]]\nW_h = [[1, 0], [0, 1]]\n'


@pytest.fixture
def two_units(tmp_path):
    path = tmp_path / "two-units.toml"
    path.write_text(TWO_UNITS)
    return path


def test_two_bistable_units_are_a_machine_of_four_states(two_units, tmp_path):
    """h' = (tanh(3 h + u) - h) / 2: a pulse of 5 sets the sign of its unit and leaves the other."""
    pulses = ("--pulse", "5,0", "--pulse=-5,0", "--pulse", "0,5", "--pulse=0,-5")
    document = succeed_json("state-machine", two_units, *pulses, "--duration", 10, "-o", tmp_path / "machine.nc")
    assert document["completeness"] == "proven"
    states = np.array([state["state"] for state in document["states"]])
    assert np.abs(states) == pytest.approx(np.full((4, 2), 0.99490152845262893852), abs=1e-12)
    for i, row in enumerate(document["transitions"]):
        for pulse, target in zip(document["pulses"], row):
            expected = np.where(np.array(pulse) != 0, np.sign(pulse), np.sign(states[i]))
            assert np.array_equal(np.sign(states[target]), expected), (i, pulse)
    with xr.open_dataset(tmp_path / "machine.nc") as file:
        assert file["transitions"].dims == ("attractor", "pulse")
        assert np.array_equal(file["transitions"].values, document["transitions"])
        assert np.isfinite(file["settling"].values).all()


def test_a_pulse_that_is_too_weak_or_too_short_changes_nothing(two_units):
    for flags in (("--pulse", "1,1", "--duration", 100), ("--pulse", "5,5", "--duration", 0.1)):
        document = succeed_json("state-machine", two_units, *flags)
        assert [row for (row,) in document["transitions"]] == [0, 1, 2, 3]


def test_memory_cells_of_a_map(tmp_path):
    weights = hold_memory_weights(tmp_path / "weights.npz")
    document = succeed_json("state-machine", weights, "--cell", "vanilla")
    states = np.array([state["state"] for state in document["states"]])
    assert len(states) == 8 and len(document["pulses"]) == 6 and document["time"] == "discrete"
    for i, row in enumerate(document["transitions"]):
        for pulse, target in zip(document["pulses"], row):
            expected = np.where(np.array(pulse) != 0, np.sign(pulse), np.sign(states[i]))
            assert np.array_equal(np.sign(states[target]), expected)


def test_a_trained_flip_flop_is_the_machine_of_its_task():
    """Every stable state outputs three bits; a pulse on one input sets that bit and no other."""
    weights = FLIP_FLOP / "gru16_seed0.weights.npz"
    document = succeed_json(
        "state-machine", weights, "--probe", FLIP_FLOP / "gru16_seed0.probe.npz",
        "--states", FLIP_FLOP / "gru16_seed0.states.npz",
    )  # fmt: skip
    assert document["verified"] is True
    with np.load(weights) as file:
        names = [name for name in file.files if name.endswith("weight") and file[name].shape == (3, 16)]
        readout, bias = file[names[0]], file[names[0].replace("weight", "bias")]
    outputs = np.array([state["state"] for state in document["states"]]) @ readout.T + bias
    bits = np.sign(outputs)
    assert len({tuple(row) for row in bits}) == 8
    for i, row in enumerate(document["transitions"]):
        for pulse, target in zip(document["pulses"], row):
            assert target >= 0
            assert np.array_equal(bits[target], np.where(np.array(pulse) != 0, np.sign(pulse), bits[i]))


def test_bad_input_is_one_line(two_units, tmp_path):
    inputless = tmp_path / "inputless.toml"
    inputless.write_text(TWO_UNITS.replace("inputs = 2\n", "").replace("W_h = [[1, 0], [0, 1]]\n", ""))
    assert "found no inputs" in fail(2, "state-machine", inputless, "-o", tmp_path / "x.nc")
    assert "found 1 values (1), expected 2" in fail(2, "state-machine", two_units, "--pulse", "1", "-o", tmp_path / "x.nc")
    assert "duration: found 0" in fail(2, "state-machine", two_units, "--duration", 0, "-o", tmp_path / "x.nc")
    weights = hold_memory_weights(tmp_path / "weights.npz")
    assert "expected a number of steps" in fail(2, "state-machine", weights, "--cell", "vanilla", "--duration", 1.5)
    assert files_in(tmp_path) == ["inputless.toml", "two-units.toml", "weights.npz"]
    assert "stable states" in succeed("state-machine", two_units)
