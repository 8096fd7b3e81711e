# SPDX-License-Identifier: BSD-3-Clause
"""Bad input through the command: one line, the right exit code, nothing left behind."""

import io
import os
import resource
import struct
import subprocess
import zipfile

import numpy as np
import pytest
from command import COMMAND, FLIP_FLOP, SMALL, fail, files_in, hold_memory_weights, succeed

GRU = FLIP_FLOP / "gru8_proven27.weights.npz"


def weights_of_gru():
    return dict(np.load(GRU))


def npy(header, data=b""):
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def archive(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)


# --- sizes that no machine has ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "flags",
    ["--units 1000000000", "--units 2147483647", "--units 200000", "--batch 2000000000", "--validation-trials 2000000000", "--steps 1000000 --batch 1000000"],
)
def test_absurd_sizes_are_refused_before_anything_is_allocated(flags, tmp_path):
    line = fail(2, "train flip-flop -o a.nc", *flags.split(), cwd=tmp_path, timeout=120)
    assert "GB" in line or flags.split()[0][2:].replace("-", "_") in line.replace("-", "_")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    "flags, word",
    [
        ("--units 0", "units"),
        ("--units -3", "units"),
        ("--units 99999999999", "units"),
        ("--bits 0", "bits"),
        ("--bits 17", "bits"),
        ("--steps 0", "steps"),
        ("--pulse-probability 1.5", "pulse"),
        ("--batch 0", "batch"),
        ("--iterations -1", "iterations"),
        ("--learning-rate -1", "learning"),
        ("--connectivity 2", "connectivity"),
        ("--excitatory-fraction -0.5", "excitatory"),
        ("--cell leaky --alpha 0", "alpha"),
        ("--beta1 1", "beta1"),
        ("--clip-norm -1", "clip"),
        ("--validation-every 0", "validation"),
        ("--checkpoint-every 0", "checkpoint"),
        ("--threads -1", "thread"),
        ("--threads 100000", "thread"),
        ("--seed -1", "--seed"),
        ("--seed 18446744073709551616", "--seed"),
    ],
)
def test_options_out_of_range_are_named(flags, word, tmp_path):
    assert word in fail(2, SMALL.split()[0], "flip-flop", "-o", "a.nc", *flags.split(), cwd=tmp_path, timeout=120)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("flags", ["--n-starts 0", "--max-starts -1", "--min-hits -1", "--max-iterations 0", "--trials 0", "--input 0,0", "--input 0,0,nan", "--input a,b,c", "--input 0,0,0,0", "--trajectories -1", "--trajectory-steps 0", "--max-period 0"])
def test_search_options_out_of_range_are_named(flags, tmp_path):
    line = fail(2, "fixed-points", GRU, "--cell", "gru", *flags.split(), cwd=tmp_path, timeout=120)
    assert flags.split()[0][2:] in line.replace("_", "-")


@pytest.mark.parametrize("flags", ["--n-rollouts 0", "--perturbation 0", "--capture-radius -1", "--max-steps 0"])
def test_graph_options_out_of_range_are_named(flags, memory_points):
    assert flags.split()[0][2:] in fail(2, "topology", memory_points, *flags.split()).replace("_", "-")


# --- outputs that cannot be ------------------------------------------------------------------------


@pytest.fixture
def commands(tmp_path, memory_points, trained):
    """One call of each subcommand that writes, without its output."""
    np.save(tmp_path / "u.npy", np.zeros((3, 1)))
    return {
        "train": SMALL.replace("--iterations 60", "--iterations 1000000").split(),
        "simulate": ["simulate", trained, "--inputs", tmp_path / "u.npy"],
        "fixed-points": ["fixed-points", trained, "--n-starts", 1000000, "--max-starts", 1000000],
        "topology": ["topology", memory_points],
        "report": ["report", memory_points],
    }


@pytest.mark.parametrize("name", ["train", "simulate", "fixed-points", "topology", "report"])
def test_outputs_that_cannot_be_written_are_refused_at_once(name, commands, tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    before = files_in(tmp_path)
    for output, words in {
        "folder": "is a folder",
        "gone/a.nc": "needs the folder 'gone'",
        "u.npy/a.nc": "",
        "new/": "ends with '/'",
        "fifo": "is not a regular file",
        "/dev/null": "is not a regular file",
        "x" * 300: "name too long",
        "": "missing",
    }.items():
        if name in ("fixed-points", "topology") and output == "":
            continue  # there the output may be left out
        line = fail(2, *commands[name], "-o", output, cwd=tmp_path, timeout=120)
        assert line.startswith("nullcline: --output: ") and words in line.lower()
    assert files_in(tmp_path) == before


def test_an_input_is_never_overwritten(trained, memory_points, tmp_path):
    np.save(tmp_path / "u.npy", np.zeros((3, 1)))
    (tmp_path / "link.nc").symlink_to(trained)
    (tmp_path / "c.toml").write_text("")
    whole = trained.read_bytes()
    for words in (
        ["simulate", trained, "--inputs", tmp_path / "u.npy", "-o", trained],
        ["simulate", trained, "--inputs", tmp_path / "u.npy", "-o", tmp_path / "u.npy"],
        ["simulate", trained, "--inputs", tmp_path / "u.npy", "-o", tmp_path / "link.nc"],
        ["fixed-points", trained, "-o", trained],
        ["topology", memory_points, "-o", memory_points],
        ["report", memory_points, "-o", memory_points],
        [*SMALL.split(), "--config", tmp_path / "c.toml", "-o", tmp_path / "c.toml"],
        ["topology", memory_points, "--config", tmp_path / "c.toml", "-o", tmp_path / "c.toml"],
        ["report", memory_points, "--config", tmp_path / "c.toml", "-o", tmp_path / "c.toml"],
    ):
        assert "is also an input" in fail(2, *words)
    assert trained.read_bytes() == whole


def limit_files(n_bytes):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))


@pytest.mark.parametrize("name", ["train", "simulate", "fixed-points", "topology", "report"])
def test_a_full_disk_leaves_the_old_file(name, commands, trained, tmp_path):
    words = SMALL.split() if name == "train" else commands[name]
    if name == "fixed-points":
        words = ["fixed-points", trained]
    (tmp_path / "a.nc").write_text("old")
    before = files_in(tmp_path)
    line = fail(3, *words, "--quiet" if name not in ("report",) else "--axes=pca", "-o", "a.nc", cwd=tmp_path, preexec_fn=limit_files(1000))
    assert line.startswith("nullcline: a.nc: ")
    assert files_in(tmp_path) == before and (tmp_path / "a.nc").read_text() == "old"


def test_a_checkpoint_that_cannot_be_written_is_said(tmp_path):
    line = fail(3, SMALL, "--checkpoint-every", 10, "--quiet", "-o", "a.nc", cwd=tmp_path, preexec_fn=limit_files(1000))
    assert line.startswith("nullcline: a.nc.checkpoint: ")
    assert files_in(tmp_path) == []


def test_a_folder_without_permission_is_refused(tmp_path):
    if os.geteuid() != 0:
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        assert "cannot be written" in fail(2, SMALL, "-o", locked / "a.nc")
    else:  # for root nothing is locked, but a file system may be
        assert "cannot be written" in fail(2, SMALL, "-o", "/proc/a.nc")


# --- weights that are none -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda w: w.update(weight_hh_l0=np.full_like(w["weight_hh_l0"], np.nan)), "weight_hh_l0"),
        (lambda w: w["bias_hh_l0"].__setitem__(3, np.inf), "bias_hh_l0"),
        (lambda w: w.update(weight_hh_l0=w["weight_hh_l0"].T.copy()), "weight_hh_l0"),
        (lambda w: w.update(weight_hh_l0=w["weight_hh_l0"][:-1]), "weight_hh_l0"),
        (lambda w: w.update(weight_ih_l0=w["weight_ih_l0"][:8]), "weight_ih_l0"),
        (lambda w: w.update(weight_ih_l0=w["weight_ih_l0"].ravel()), "weight_ih_l0"),
        (lambda w: w.update(bias_ih_l0=w["bias_ih_l0"][:-1]), "bias_ih_l0"),
        (lambda w: w.update(weight_hh_l0=np.zeros((0, 0))), "weight_hh_l0"),
        (lambda w: w.update({"readout.weight": np.zeros((3, 9))}), "readout.weight"),
        (lambda w: w.update({"readout.bias": np.zeros(4)}), "readout.bias"),
        (lambda w: w.pop("weight_hh_l0"), "weight_hh"),
        (lambda w: w.clear(), "weight_"),
        (lambda w: w.update(weight_hh_l1=w["weight_hh_l0"]), "_l1"),
        (lambda w: w.update(weight_hh_l0_reverse=w["weight_hh_l0"]), "reverse"),
        (lambda w: w.update(weight_hh_l0=np.full((24, 8), "a")), "w.npz"),
        (lambda w: w.update(weight_hh_l0=w["weight_hh_l0"].astype(complex)), "w.npz"),
        (lambda w: w.update(weight_hh_l0=np.array([{}] * 3, dtype=object)), "w.npz"),
    ],
)
def test_unusable_weights_are_refused(change, words, tmp_path):
    weights = weights_of_gru()
    change(weights)
    np.savez(tmp_path / "w.npz", **weights)
    for command in (["fixed-points", "w.npz", "--cell", "gru", "-o", "p.nc"], ["simulate", "w.npz", "--cell", "gru", "--inputs", "w.npz", "-o", "p.nc"]):
        line = fail(3, *command, cwd=tmp_path, timeout=120)
        assert line.startswith("nullcline: w.npz: ") and words in line
    assert files_in(tmp_path) == ["w.npz"]


def test_the_wrong_cell_is_refused():
    for cell in ("lstm", "vanilla"):
        assert "weight_" in fail(3, "fixed-points", GRU, "--cell", cell)
    assert "--cell: found 'rnn'" in fail(2, "fixed-points", GRU, "--cell", "rnn")
    assert "--reset: found 'never'" in fail(2, "fixed-points", GRU, "--cell", "gru", "--reset", "never")


def test_flags_of_an_import_do_not_suit_a_file_of_ours(trained):
    for flag in (["--cell", "gru"], ["--reset", "after"], ["--activation", "tanh"], ["--probe", GRU], ["--alpha", "0.1"], ["--prefix", "rnn"], ["--readout", "fc"]):
        assert fail(2, "fixed-points", trained, *flag).startswith(f"nullcline: {flag[0]}: is for imported weights")


@pytest.mark.parametrize("name, array, words", [
    ("states", np.zeros((5, 9)), "(5, 9)"), ("states", np.zeros(8), "(8)"), ("states", np.full((2, 8), np.nan), "NaN"),
    ("states", np.array([["a"] * 8]), "s.npz"),
])  # fmt: skip
def test_unusable_states_are_refused(name, array, words, tmp_path):
    np.savez(tmp_path / "s.npz", **{name: array})
    line = fail(3, "fixed-points", GRU, "--cell", "gru", "--states", "s.npz", cwd=tmp_path)
    assert line.startswith("nullcline: s.npz: ") and words in line


@pytest.mark.parametrize("change", [
    lambda p: p.pop("h_next"), lambda p: p.update(h=p["h"][:, :-1]), lambda p: p.update(x=p["x"][:-1]),
    lambda p: p.update(h_next=p["h_next"] + 1e-3), lambda p: p.update(h_next=np.full_like(p["h_next"], np.nan)),
    lambda p: p.update({name: value[:0] for name, value in list(p.items())}),
])  # fmt: skip
def test_a_probe_that_is_none_is_refused(change, tmp_path):
    probe = dict(np.load(FLIP_FLOP / "gru8_proven27.probe.npz"))
    change(probe)
    np.savez(tmp_path / "p.npz", **probe)
    line = fail(3, "fixed-points", GRU, "--cell", "gru", "--probe", "p.npz", cwd=tmp_path)
    assert line.startswith("nullcline: p.npz: ")


# --- files that are not what they say --------------------------------------------------------------


def broken_files(folder):
    whole = GRU.read_bytes()
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }"
    archive(folder / "huge_shape.npz", {"weight_hh_l0.npy": npy(header % "1000000000000, 1000000000000")})
    archive(folder / "overflowing_shape.npz", {"weight_hh_l0.npy": npy(header % "4294967296, 4294967296")})
    archive(folder / "negative_shape.npz", {"weight_hh_l0.npy": npy(header % "-1, 8", bytes(64))})
    archive(folder / "short_data.npz", {"weight_hh_l0.npy": npy(header % "24, 8", bytes(64))})
    archive(folder / "bomb.npz", {"weight_hh_l0.npy": npy(header % "1000000000,", bytes(1 << 27))}, zipfile.ZIP_DEFLATED)
    archive(folder / "pickle.npz", {"weight_hh_l0.npy": npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", b"cos\nsystem\n")})
    archive(folder / "text.npz", {"weight_hh_l0.npy": b"hello"})
    archive(folder / "no_arrays.npz", {"readme.txt": b"hello"})
    archive(folder / "empty.npz", {})
    (folder / "truncated.npz").write_bytes(whole[: len(whole) // 2])
    (folder / "head.npz").write_bytes(whole[:3])
    (folder / "nothing.npz").write_bytes(b"")
    (folder / "noise.npz").write_bytes(np.random.default_rng(0).bytes(4096))
    (folder / "hdf5_head.nc").write_bytes(b"\x89HDF\r\n\x1a\n")
    (folder / "hdf5_noise.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + np.random.default_rng(1).bytes(4096))
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    (folder / "array.npz").write_bytes(buffer.getvalue())
    return sorted(path for path in folder.iterdir())


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


def test_broken_files_are_refused_within_small_memory(tmp_path):
    files = broken_files(tmp_path)
    assert len(files) == 16
    for path in files:
        for words in (["info", path], ["fixed-points", path, "--cell", "gru"], ["simulate", path, "--cell", "gru", "--inputs", path, "-o", tmp_path / "o.nc"],
                      ["topology", path], ["report", path, "-o", tmp_path / "o.html"], ["fixed-points", GRU, "--cell", "gru", "--states", path],
                      ["fixed-points", GRU, "--cell", "gru", "--probe", path]):  # fmt: skip
            if words[0] == "info" and path.name in ("empty.npz", "no_arrays.npz"):
                continue  # nothing is wrong with an archive that holds no array
            if path.suffix == ".nc" and words[1] == path:
                words = [word for word in words if word not in ("--cell", "gru")]
            line = fail(3, *words, timeout=120, preexec_fn=limit_memory)
            assert line.startswith(f"nullcline: {path}: "), line
    assert files_in(tmp_path) == [path.name for path in files]


def test_missing_files_are_named(tmp_path):
    for words in (["info", "gone"], ["fixed-points", "gone", "--cell", "gru"], ["topology", "gone"], ["report", "gone", "-o", "o"],
                  ["simulate", GRU, "--cell", "gru", "--inputs", "gone", "-o", "o"], ["fixed-points", GRU, "--cell", "gru", "--states", "gone"],
                  ["fixed-points", GRU, "--cell", "gru", "--probe", "gone"], [*SMALL.split(), "-o", "o", "--config", "gone"]):  # fmt: skip
        assert fail(3, *words, cwd=tmp_path).startswith("nullcline: gone: ")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_truncated_results_are_refused(share, trained, memory_points, tmp_path):
    for path, words in ((trained, ["fixed-points"]), (memory_points, ["topology"])):
        whole = path.read_bytes()
        (tmp_path / "cut.nc").write_bytes(whole[: int(len(whole) * share)])
        assert fail(3, *words, "cut.nc", cwd=tmp_path).startswith("nullcline: cut.nc: ")


def test_damaged_results_never_crash(trained, memory_points, tmp_path):
    """Single bytes changed: an answer or a refusal, never a crash or a lie about whose fault it is."""
    rng = np.random.default_rng(7)
    for path, words in ((trained, ["info"]), (memory_points, ["topology", "--max-steps", 100])):
        whole = path.read_bytes()
        for _ in range(40):
            damaged = bytearray(whole)
            damaged[rng.integers(len(whole))] ^= 1 << rng.integers(8)
            (tmp_path / "damaged.nc").write_bytes(damaged)
            done = subprocess.run([COMMAND, *map(str, words), "damaged.nc"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
            assert done.returncode in (0, 3), (done.returncode, done.stderr)
            assert len(done.stderr.splitlines()) <= 1


def test_a_control_character_in_a_name_stays_on_one_line(tmp_path):
    assert "a b" in fail(3, "info", "a\nb", cwd=tmp_path)


def test_a_stored_configuration_that_lies_is_refused(trained, tmp_path):
    import h5py

    whole = trained.read_bytes()
    for configuration, words in {
        '{"task": {"name": "flip-flop", "bits": 2}}': "the task has 2 inputs, the network 1",
        '{"task": {"name": "flip-flop", "bits": 99}}': "bits",
        '{"task": {"name": "flip-flop", "bots": 1}}': "unknown key 'bots'",
        '{"task": {"name": "dance"}}': "'dance'",
        '{"task": 3}': "no name",
    }.items():
        (tmp_path / "a.nc").write_bytes(whole)
        with h5py.File(tmp_path / "a.nc", "a") as file:
            file.attrs["configuration"] = np.bytes_(configuration)
        line = fail(3, "fixed-points", "a.nc", cwd=tmp_path)
        assert line.startswith("nullcline: a.nc: ") and words in line


@pytest.mark.parametrize("name, change", [
    ("recurrent_weights", lambda a: np.full_like(a, np.nan)), ("bias", lambda a: np.full_like(a, np.inf)),
    ("recurrent_weights", lambda a: a[:, :-1]), ("readout_weights", lambda a: a.T), ("initial_state", lambda a: a[:0]),
    ("recurrent_weights", lambda a: a[:0, :0]), ("recurrent_weights", lambda a: a.astype("S8")), ("recurrent_weights", None),
])  # fmt: skip
def test_a_stored_network_that_is_none_is_refused(name, change, trained, tmp_path):
    import h5py

    (tmp_path / "a.nc").write_bytes(trained.read_bytes())
    with h5py.File(tmp_path / "a.nc", "a") as file:
        array = file["network"][name][()]
        del file["network"][name]
        if change:
            file["network"][name] = change(array)
    for words in (["fixed-points", "a.nc", "-o", "o.nc"], ["info", "a.nc"]):
        assert fail(3, *words, cwd=tmp_path, timeout=120).startswith("nullcline: a.nc: ")
    assert files_in(tmp_path) == ["a.nc"]


def test_a_hold_network_still_works(tmp_path):
    """The negative control of this file: the same calls with nothing wrong."""
    weights = hold_memory_weights(tmp_path / "w.npz", 2)
    assert "9 fixed points" in succeed("fixed-points", weights, "--cell", "vanilla", preexec_fn=limit_memory)
    np.savez(tmp_path / "g.npz", **weights_of_gru())
    assert "27 fixed points" in succeed("fixed-points", tmp_path / "g.npz", "--cell", "gru", preexec_fn=limit_memory)
