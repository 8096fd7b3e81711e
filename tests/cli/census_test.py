# SPDX-License-Identifier: BSD-3-Clause
"""The census through the command: resumed, sharded, drawn, refused."""

import pathlib
import re
import signal
import subprocess
import time

import numpy as np
import pytest
import xarray as xr
from command import COMMAND, fail, files_in, run, succeed, succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
LONG = "census gru --units 2 --samples 2560 --range 20 --max-steps 2000 --seek topologies --seed 3 --threads 1 -o c.nc"


def topologies(path):
    with xr.open_dataset(path) as file:
        return {str(name): (int(n), int(first), tuple(values)) for name, n, first, values in
                zip(file["name"].values, file["count"].values, file["first"].values, file["values"].values)}


def test_two_units_are_sorted_into_topologies(tmp_path):
    path = tmp_path / "gru.nc"
    document = succeed_json("census gru --units 2 --samples 300 --seed 1", "-o", path)
    assert document["n_networks"] == 300 == sum(entry["count"] for entry in document["topologies"]) + 300 - document["n_decided"]
    assert document["n_decided"] >= 297
    names = [entry["name"] for entry in document["topologies"]]
    assert names[0].startswith("1-0-0.") and names[1].startswith("2-1-0.")
    assert set(document["topologies"][0]["parameters"]) == {
        f"{array}_{i}_{j}" for array in ("U_h", "U_r") for i in (1, 2) for j in (1, 2)} | {f"{b}_{i}" for b in ("b_h", "b_r") for i in (1, 2)}
    with xr.open_dataset(path) as file:
        assert file.attrs["nullcline_kind"] == "census" and list(file["name"].values.astype(str)) == names
        assert set(np.abs(file["values"].values[:, 8:]).max(axis=0) <= 5) == {True}
        # The indices of the points sum to one, whatever was found.
        assert set((file["n_points"].values @ [1, -1, 1]).tolist()) == {1}


def test_equation_8_along_its_angle():
    """Jordan et al. (2021), figure 5: a sink, then a cycle around a source, then nine points."""
    document = succeed_json("census", EXAMPLES / "eq8.toml", "--vary", "alpha=0.1:1", "--grid", 10)
    found = {tuple(e["points_by_unstable_directions"]) + (e["n_stable_cycles"],): e for e in document["topologies"]}
    assert {kinds: entry["count"] for kinds, entry in found.items()} == {(1, 0, 0, 0): 2, (0, 0, 1, 1): 7, (4, 4, 1, 0): 1}
    assert found[4, 4, 1, 0]["parameters"]["alpha"] == 0.1
    assert document["unseen_estimate"] is None  # of a grid there is nothing to estimate


def test_one_unit_has_one_or_two_sinks():
    """The half-stable point between the two is met with probability zero."""
    document = succeed_json("census gru --units 1 --samples 2000 --seed 5")
    assert [entry["points_by_unstable_directions"] for entry in document["topologies"]] == [[1, 0], [2, 1]]
    assert document["n_decided"] == 2000


def test_a_half_stable_point_is_not_guessed():
    document = succeed_json("census", EXAMPLES / "one-unit.toml", "--vary", "R=1:2", "--grid", 2, "--set", "U=2", "--set", "b=0")
    assert document["n_degenerate"] >= 1


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    succeed(LONG, cwd=folder)
    return topologies(folder / "c.nc")


@pytest.mark.parametrize("which, code", [(signal.SIGINT, 130), (signal.SIGTERM, 75), (signal.SIGKILL, -9)])
def test_the_same_command_continues(which, code, uninterrupted, tmp_path):
    with subprocess.Popen([COMMAND, *LONG.split()], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        end = time.time() + 120
        while not (tmp_path / "c.nc.checkpoint").exists():
            assert process.poll() is None and time.time() < end
            time.sleep(0.01)
        process.send_signal(which)
        _, error = process.communicate(timeout=60)
    assert process.returncode == code
    assert files_in(tmp_path) == ["c.nc.checkpoint"]
    if which != signal.SIGKILL:
        assert re.search(r"stopped after \d+ networks; the same command continues from c.nc.checkpoint", error)
    assert "checkpoint of another configuration (sample.seed" in fail(2, LONG.replace("seed 3", "seed 4"), cwd=tmp_path)
    assert "checkpoint of another configuration (census.system" in fail(2, LONG.replace("census gru", "census vanilla"), cwd=tmp_path)
    succeed(LONG.replace("--threads 1", "--threads 2"), cwd=tmp_path)
    assert files_in(tmp_path) == ["c.nc"]
    assert topologies(tmp_path / "c.nc") == uninterrupted


def test_shards_merge_to_the_whole(tmp_path):
    command = "census gru --units 2 --samples 1000 --seed 2 -o"
    succeed(command, tmp_path / "whole.nc")
    shards = [tmp_path / f"{k}.nc" for k in range(3)]
    for k, path in enumerate(shards):
        succeed(command, path, "--shard", f"{k}/3")
    merged = succeed_json("census merge", *shards, "-o", tmp_path / "all.nc")
    assert merged["n_networks"] == 1000
    assert topologies(tmp_path / "all.nc") == topologies(tmp_path / "whole.nc")


def test_the_gallery_is_one_offline_page_with_models_to_copy(tmp_path):
    page = tmp_path / "gallery.html"
    document = succeed_json("census gru --units 2 --samples 500 --seed 1 --gallery", page)
    text = page.read_text()
    assert text.count('<li class="card"') == len(document["topologies"]) == text.count("<svg viewBox=\"0 0 240 240\"")
    assert not re.search(r"(src|href)=\"(?!#|data:)", text)
    for entry in document["topologies"]:
        assert f'id="{entry["name"]}"' in text
    # What the page says to copy gives what the page says it gives.
    models = re.findall(r'<li class="card" id="([^"]*)".*?<pre>(.*?)</pre>', text, re.S)
    for name, model in models[:4]:
        (tmp_path / "copy.toml").write_text(model.replace("&quot;", '"'))
        first = re.search(r"^(U_h_1_1) = (.*)$", model, re.M)
        low = float(first[2])
        again = succeed_json("census", tmp_path / "copy.toml", "--vary", f"U_h_1_1={low!r}:{low + 1!r}", "--grid", 2)
        assert name in [entry["name"] for entry in again["topologies"]]


def test_a_directed_search_meets_rare_topologies():
    common = "census gru --units 2 --samples 1000 --range 20 --biases 20 --max-steps 2000 --seed 1"
    at_random = succeed_json(common)
    directed = succeed_json(common, "--seek", "topologies")
    assert len(directed["topologies"]) > len(at_random["topologies"])


@pytest.mark.parametrize(
    "arguments, code, expected",
    [
        ("census", 2, "what"),
        ("census grue", 2, "cell: found 'grue', expected vanilla"),
        ("census leaky", 2, "cell: found leaky, expected vanilla, ugrnn, gru or lstm, or a model file"),
        ("census gru more", 2, "unknown argument 'more'"),
        ("census gru --samples 0", 2, "samples: found 0"),
        ("census gru --units 9", 2, "--units: found 9, expected 1 to 4"),
        ("census gru --range -1", 2, "range of 'U_h_1_1': found 1:-1"),
        ("census gru --vary alpha=0:1", 2, "--vary: found 'alpha', expected weights of gru such as U_h_1_1"),
        ("census gru --vary U_h=0", 2, "--vary: found 'U_h=0', expected name=low:high"),
        ("census gru --vary U_h=0:x", 2, "--vary: found 'x'"),
        ("census gru --grid 10", 2, "grid: found 10 values of 12 parameters"),
        ("census gru --seek n_points --grid 2", 2, "seek: found a grid"),
        ("census gru --shard 3", 2, "shard: found '3', expected k/n"),
        ("census gru --gallery x.pdf", 2, "--gallery: found x.pdf"),
        ("census gru --set a=1", 2, "--set: is for model files"),
        ("census gru -o /nowhere/x.nc", 2, "/nowhere"),
        ("census missing.toml --vary a=0:1", 3, "missing.toml"),
        ("census merge", 2, "merge: found no file"),
        ("census merge missing.nc", 3, "missing.nc"),
        ("census EQ8", 2, "vary: found no parameter"),
        ("census EQ8 --vary alhpa=0:1", 2, "--vary: unknown parameter 'alhpa', did you mean 'alpha'?"),
        ("census EQ8 --vary alpha=0:1 --units 2", 2, "--units: is for cells"),
    ],
)
def test_mistakes_are_one_line(arguments, code, expected, tmp_path):
    words = [EXAMPLES / "eq8.toml" if word == "EQ8" else word for word in arguments.split()]
    assert expected in fail(code, *words, cwd=tmp_path)
    assert files_in(tmp_path) == []


def test_a_file_of_something_else_is_refused(tmp_path, trained):
    assert "not a census" in fail(3, "census merge", trained)
    assert run("census merge", trained, "-o", trained).returncode == 2


MAP = """[system]
cell = "vanilla"
units = 1
[parameters]
u = 0
[weights]
U_h = "u"
"""


def test_maps_have_orbits_in_the_place_of_cycles(tmp_path):
    """h' = tanh(u h): a flip at u = -1, a pitchfork at u = 1."""
    (tmp_path / "m.toml").write_text(MAP)
    document = succeed_json("census", tmp_path / "m.toml", "--vary", "u=-4:4", "--grid", 9, "--n-trajectories", 4)
    assert (document["n_decided"], document["n_degenerate"]) == (7, 2)
    found = {e["form"]: e["count"] for e in document["topologies"]}
    assert found == {"s s r /": 3, "r S2 /": 3, "s /": 1}
    assert document["system"] == "the map of a model file"
    alone = succeed_json("census", tmp_path / "m.toml", "--vary", "u=-4:4", "--grid", 9)
    assert {e["form"] for e in alone["topologies"]} == {"s s r /", "r /", "s /"}


def test_a_cell_can_be_a_map():
    document = succeed_json("census vanilla --time discrete --units 2 --samples 64 --seed 1 --n-trajectories 4 --duration 2000")
    assert document["n_networks"] == 64 and document["system"] == "the vanilla map with 2 units"
    assert any("S" in e["form"] for e in document["topologies"])
    one = succeed_json("census vanilla --time discrete --units 2 --samples 64 --seed 1 --n-trajectories 4 --duration 2000 --threads 1")
    assert one["topologies"] == document["topologies"]


def test_three_states_have_attractors_with_exponents(tmp_path):
    """The Lorenz flow is chaotic at rho = 28, with the exponent 0.906, and has two sinks at rho = 10."""
    text = """[system]
ode = {x = "10*(y - x)", y = "x*(rho - z) - y", z = "x*y - 8*z/3"}
[parameters]
rho = 28
[box]
x = [-30, 30]
y = [-30, 30]
z = [-1, 60]
"""
    (tmp_path / "lorenz.toml").write_text(text)
    arguments = ("census", tmp_path / "lorenz.toml", "--vary", "rho=10:28", "--grid", 2, "--n-trajectories", 2, "--duration", 1000)
    document = succeed_json(*arguments, "-o", tmp_path / "c.nc")
    two_sinks, chaos = sorted(document["topologies"], key=lambda e: e["n_chaotic"])
    assert two_sinks["points_by_unstable_directions"] == [2, 1, 0, 0] and two_sinks["exponent"] is None
    assert chaos["points_by_unstable_directions"] == [0, 1, 2, 0] and chaos["name"].startswith("0-1-2-0+1x.")
    assert abs(chaos["exponent"]["value"] - 0.906) < 0.03 and chaos["exponent"]["parameters"] == {"rho": 28.0}
    assert "chaotic attractor; largest exponent 0.9" in succeed(*arguments)
    merged = succeed_json("census", "merge", tmp_path / "c.nc", tmp_path / "c.nc")
    assert [e["exponent"] for e in merged["topologies"] if e["n_chaotic"]] == [chaos["exponent"]]
