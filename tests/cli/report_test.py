# SPDX-License-Identifier: BSD-3-Clause
"""The report through the command; the page itself is tested in a browser."""

import html
import json
import re
import shlex

import pytest
from command import fail, files_in, hold_memory_weights, run, succeed


@pytest.fixture(scope="module")
def results(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    succeed("fixed-points", trained, "-o", folder / "p.nc")
    succeed("topology", folder / "p.nc", "-o", folder / "g.nc")
    return [trained, folder / "p.nc", folder / "g.nc"]


def test_the_page_is_one_small_offline_file(results, tmp_path):
    assert succeed("report", *results, "-o", tmp_path / "r.html").startswith(f"{tmp_path}/r.html: ")
    assert files_in(tmp_path) == ["r.html"]
    page = (tmp_path / "r.html").read_text()
    assert len(page.encode()) < 3e6
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert "flip-flop" in page


def test_files_may_come_in_any_order(results, tmp_path):
    succeed("report", *results, "-o", tmp_path / "a.html")
    succeed("report", *reversed(results), "-o", tmp_path / "b.html")
    assert (tmp_path / "a.html").read_text() == (tmp_path / "b.html").read_text()


def test_points_alone_make_a_page(results, memory_points, tmp_path):
    succeed("report", results[1], "-o", tmp_path / "a.html")
    succeed("report", memory_points, "-o", tmp_path / "b.html", "--title", "Three bits")
    assert "Three bits" in (tmp_path / "b.html").read_text()


@pytest.mark.parametrize("axes", ["pca", "readout", "inputs", "modes"])
def test_the_axes_come_first(axes, memory_points, tmp_path):
    succeed("report", memory_points, "-o", tmp_path / "r.html", "--axes", axes)
    page = (tmp_path / "r.html").read_text()
    succeed("report", memory_points, "-o", tmp_path / "default.html")
    assert (page == (tmp_path / "default.html").read_text()) == (axes == "pca")


def test_the_point_of_the_modes_is_an_option(memory_points, tmp_path):
    for point in ("-1", "0"):
        succeed("report", memory_points, "-o", tmp_path / f"{point}.html", "--axes", "modes", f"--mode-point={point}")
    assert (tmp_path / "-1.html").read_text() != (tmp_path / "0.html").read_text()
    assert "--mode-point: found 27, expected -1 to 26" in fail(2, "report", memory_points, "-o", tmp_path / "x.html", "--mode-point", 27)


def test_files_that_do_not_belong_together_are_refused(results, memory_points, tmp_path):
    trained, points, graph = results
    out = ["-o", tmp_path / "r.html"]
    assert "another network than the one whose fixed points" in fail(3, "report", trained, memory_points, *out)
    assert "a graph of other points than those" in fail(3, "report", memory_points, graph, *out)
    assert "no fixed points among them" in fail(2, "report", trained, graph, *out)
    assert "no fixed points among them" in fail(2, "report", trained, *out)
    assert "a second file of kind fixed_points" in fail(2, "report", points, memory_points, *out)
    assert files_in(tmp_path) == []


def test_a_network_without_outputs_has_no_readout_axes(tmp_path):
    import numpy as np

    hold_memory_weights(tmp_path / "w.npz")
    weights = {name: value for name, value in np.load(tmp_path / "w.npz").items() if "readout" not in name}
    np.savez(tmp_path / "bare.npz", **weights)
    succeed("fixed-points", tmp_path / "bare.npz", "--cell", "vanilla", "-o", tmp_path / "p.nc")
    succeed("report", tmp_path / "p.nc", "-o", tmp_path / "r.html")
    assert "--axes: 'readout' needs two outputs" in fail(2, "report", tmp_path / "p.nc", "-o", tmp_path / "r.html", "--axes", "readout")


def test_several_trained_networks_give_their_learning_curves(trained, tmp_path):
    for name in ("gru-2", "gru-3"):
        (tmp_path / f"{name}.nc").write_bytes(trained.read_bytes())
    files = [trained, tmp_path / "gru-2.nc", tmp_path / "gru-3.nc"]
    succeed("report", *files, "-o", tmp_path / "curves.html")
    page = (tmp_path / "curves.html").read_text()
    assert "Learning curves of 3 networks" in page
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S).group(1))
    assert [curve["name"] for curve in data["training"]["curves"]] == ["small", "gru-2", "gru-3"]
    assert {curve["n_iterations"] for curve in data["training"]["curves"]} == {60}
    assert data["sets"] == []


def test_the_page_of_a_small_network_says_how_to_move_it(memory_points, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my points.nc").write_bytes(memory_points.read_bytes())
    succeed("report", "my points.nc", "-o", "small.html")
    command = re.search(r"<dt>With sliders</dt><dd>(.*?)</dd>", (tmp_path / "small.html").read_text())[1]
    words = shlex.split(html.unescape(command))
    assert words == ["nullcline", "portrait", "my points.nc", "--live", "-o", "my points.live.html"]
    done = run(*words[1:])  # a build without the explorer says so
    assert done.returncode == 0 or "found a build without the explorer" in done.stderr


def test_the_page_of_a_small_network_links_to_its_explorer(memory_points, tmp_path):
    done = run("report", memory_points, "--live", "-o", tmp_path / "a small one.html")
    if done.returncode != 0:  # a build without the explorer says so, and writes nothing
        assert "found a build without the explorer" in done.stderr and not list(tmp_path.iterdir())
        return
    link = re.search(r'<dt>With sliders</dt><dd><a href="(.*?)">(.*?)</a>', (tmp_path / "a small one.html").read_text())
    assert link.groups() == ("./a%20small%20one.live.html", "a small one.live.html")
    assert '<script id="model" type="application/json">{"' in (tmp_path / "a small one.live.html").read_text()


def test_a_larger_network_has_no_explorer(results, tmp_path):
    message = fail(2, "report", *results, "--live", "-o", tmp_path / "r.html")
    assert "states, expected 1 to 3" in message or "found a build without the explorer" in message


def test_the_page_of_a_larger_network_does_not(results, tmp_path):
    succeed("report", *results, "-o", tmp_path / "r.html")
    assert "With sliders" not in (tmp_path / "r.html").read_text()
