# SPDX-License-Identifier: BSD-3-Clause
"""The shape of a cloud of fixed points, and what tolerances make of it."""

import numpy as np
import pytest
from command import fail, hold_memory_weights, succeed, succeed_json


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    """27 points of h' = tanh(2 h + 4 u), and those under an input, after 60 visited states."""
    folder = tmp_path_factory.mktemp("a folder")
    weights = hold_memory_weights(folder / "three bits.npz")
    np.save(folder / "states.npy", np.random.default_rng(1).uniform(-1, 1, (60, 3)))
    out = folder / "three bits.nc"
    succeed("fixed-points", weights, "--input", "0,0,0", "--input=-1,-1,-1", "--states", folder / "states.npy",
            "--n-starts", 500, "--quiet", "-o", out)  # fmt: skip
    return out


def test_a_cube_has_its_corners_edges_faces_and_center(points):
    document = succeed_json("shape", points, "--quiet")
    zero, pushed = document["sets"]
    assert zero["n_fixed"] == 27 and zero["decided"] == [1, 6, 12, 8] and zero["n_corners"] == 8
    assert zero["stable"]["n_states"] == 8 and zero["stable"]["n_corners"] == 8
    distances = zero["stable"]["distances"]  # corners of a cube of edge 2 x 0.957504
    assert [group["n_differing"] for group in distances] == [1, 2, 3] and [group["n_pairs"] for group in distances] == [12, 12, 4]
    assert np.allclose([group["mean"] for group in distances], 2 * 0.957504 * np.sqrt([1, 2, 3]), atol=1e-5)
    assert np.allclose(np.sum(zero["stable"]["channel_shares"], axis=1), 1)
    assert np.allclose(zero["explained_variance"], 1 / 3) and np.isclose(zero["explained_sum"], 1)
    assert np.allclose(zero["readout_ranges"], [[-0.957504, 0.957504]] * 3, atol=1e-5)
    assert pushed["n_fixed"] == 1 and pushed["n_corners"] == 1
    assert document["all"]["n_states"] == 28 and document["visited"]["n_states"] == 60
    assert document["stages"] == [] and document["alignment"][0]["inputs"] == [0, 1]
    assert "cosines" in succeed("shape", points) and "1, 6, 12, 8; 8 corners" in succeed("shape", points)


def test_a_descent_stops_at_each_tolerance(points):
    document = succeed_json("shape", points, "--quiet", "--tolerance", "1e-24,1e-2", "--max-states", 30)
    loose, tight, pushed = document["stages"][0], document["stages"][1], document["stages"][3]
    assert [loose["tolerance"], tight["tolerance"]] == [1e-2, 1e-24]
    assert loose["n_states"] == 30 and 0 < loose["mean_speed"] < 1e-2 and loose["n_at_fixed_points"] < 30
    assert tight["mean_speed"] < 1e-24 and tight["n_at_fixed_points"] == tight["n_states"] > 15
    assert 8 <= tight["n_distinct"] <= 27 < loose["n_distinct"] <= 30
    assert np.allclose(np.abs(pushed["readout_ranges"]), np.tanh(6), atol=1e-4)
    assert [pair["tolerance"] for pair in document["stage_alignment"]] == [1e-2, 1e-24]
    assert "tolerance 0.01 (adam" in succeed("shape", points, "--quiet", "--tolerance", "1e-2")


def test_the_page_says_what_the_tolerances_left(points, tmp_path):
    page = tmp_path / "a shape.html"
    text = succeed("shape", points, "--quiet", "--tolerance", "1e-24,1e-2", "--max-states", 30, "-o", page)
    assert text.endswith(f"written to {page}\n")
    assert "of 30 visited states whose mean speed fell below 0.01, " in page.read_text()
    succeed("shape", points, "--quiet", "-o", page)
    assert "27 fixed points under the input (0, 0, 0); three components explain 1 of their variance." in page.read_text()


def test_mistakes_are_one_line(points, trained, tmp_path):
    assert "--output: found x.nc, expected a page, FILE.html" in fail(2, "shape", points, "-o", "x.nc")
    assert "tolerance: found -1" in fail(2, "shape", points, "--tolerance=-1", "--quiet")
    assert "max_states: found 0" in fail(2, "shape", points, "--tolerance", "1", "--max-states", 0, "--quiet")
    assert "expected fixed points" in fail(3, "shape", trained)
    bare = tmp_path / "bare.nc"
    succeed("fixed-points", hold_memory_weights(tmp_path / "w.npz"), "--n-starts", 200, "--quiet", "-o", bare)
    assert "no visited states to descend from" in fail(2, "shape", bare, "--tolerance", "1e-2", "--quiet")
    assert succeed_json("shape", bare)["sets"][0]["n_corners"] == 8


def test_scale_takes_starts_from_beyond_the_visited_states(points, tmp_path):
    weights, states = points.parent / "three bits.npz", points.parent / "states.npy"
    command = ("fixed-points", weights, "--states", states, "--n-starts", 500, "--quiet")
    for scale, out in ((1, tmp_path / "a.nc"), (3, tmp_path / "b.nc")):
        assert succeed_json(*command, "--scale", scale, "-o", out)["n_points"] == 27
    inside, outside = (succeed_json("shape", tmp_path / f"{name}.nc")["visited"]["readout_ranges"] for name in "ab")
    assert np.allclose(outside, 3 * np.array(inside)) and np.abs(outside).max() > 2
    assert "--scale: found -1, expected a finite value above 0" in fail(2, *command, "--scale=-1")
