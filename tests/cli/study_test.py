# SPDX-License-Identifier: BSD-3-Clause
"""Population studies through the command: planned, split, killed, continued, failed, gathered."""

import json
import os
import random
import resource
import signal
import subprocess
import time

import numpy as np
import pytest
import xarray as xr
from command import COMMAND, fail, run, succeed, succeed_json

STUDY = """
name = "small"
seed = 1
networks = 2
[vary]
task = ["flip-flop"]
cell = ["vanilla", "gru"]
activation = ["tanh", "relu"]
units = 8
[train]
iterations = 400
validation_trials = 32
checkpoint_every = 50
[task.flip-flop]
bits = 2
steps = 40
[search]
n_starts = 500
max_boxes = 0
"""


def plan(folder, text=STUDY):
    (folder / "study.toml").write_text(text)
    return succeed_json("study plan", folder / "study.toml", "-o", folder / "run")


def status(folder):
    return succeed_json("study status", folder / "run")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder in which one run with one job has done all."""
    folder = tmp_path_factory.mktemp("whole study")
    plan(folder)
    succeed("study run", folder / "run", "--jobs", 1)
    return folder


def test_a_plan_has_every_combination_and_names_it_by_its_hash(whole):
    document = json.loads((whole / "run" / "plan.json").read_text())
    kinds = {tuple(sorted(unit["factors"].items())) for unit in document["units"]}
    assert len(kinds) == document["n_units"] == 8
    assert {dict(kind)["seed"] for kind in kinds} == {"1", "2"}
    again = plan(whole)  # the same plan may be written again
    assert again["hash"] == document["hash"] and again["n_units"] == 8
    (whole / "other.toml").write_text(STUDY.replace("networks = 2", "networks = 3"))
    assert "the folder has another plan" in fail(3, "study plan", whole / "other.toml", "-o", whole / "run")


def test_a_unit_is_the_network_that_train_makes_with_the_same_options(whole, tmp_path):
    document = json.loads((whole / "run" / "plan.json").read_text())
    unit = next(u for u in document["units"] if u["factors"]["cell"] == "gru" and u["factors"]["activation"] == "tanh"
                and u["factors"]["seed"] == "2")
    path = whole / "run" / "units" / unit["key"][:2] / f"{unit['key']}.nc"
    succeed("train flip-flop --bits 2 --steps 40 --cell gru --units 8 --seed 2 --iterations 400 --validation-trials 32",
            "--checkpoint-every", 50, "-o", tmp_path / "one.nc")
    with xr.open_dataset(path, group="network") as ours, xr.open_dataset(tmp_path / "one.nc", group="network") as one:
        for name in one.data_vars:
            np.testing.assert_array_equal(ours[name], one[name])
    # A unit's file is a trained network's: other subcommands take it.
    points = succeed_json("fixed-points", path, "--max-boxes", 0)
    with xr.open_dataset(path, group="analysis") as analysis:
        assert (analysis["kind"] == "fixed").sum() == sum(point["kind"] == "fixed" for point in points["points"])


def test_shards_jobs_and_their_order_change_nothing(whole, tmp_path):
    plan(tmp_path)
    for k in (2, 0, 1):
        succeed("study run", tmp_path / "run", "--shard", f"{k}/3", "--jobs", 2)
    assert status(tmp_path)["result_hash"] == status(whole)["result_hash"] is not None
    assert "8 of 8 networks were there" in succeed("study run", tmp_path / "run")


@pytest.mark.parametrize("which", [signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1])
def test_what_was_stopped_at_random_moments_ends_as_if_it_never_was(which, whole, tmp_path):
    plan(tmp_path, STUDY)
    clock = random.Random(int(which))
    codes = []
    for attempt in range(200):
        with subprocess.Popen([COMMAND, "study", "run", tmp_path / "run", "--jobs", "2", "--quiet"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as process:
            try:
                process.wait(clock.uniform(0.05, 0.4) * 1.1**attempt)  # a busy machine needs longer
            except subprocess.TimeoutExpired:
                process.send_signal(which)
            process.communicate(timeout=120)
        codes.append(process.returncode)
        if codes[-1] == 0:
            break
    assert codes[-1] == 0 and len(codes) > 1
    assert set(codes[:-1]) <= ({-9} if which == signal.SIGKILL else {75, -which})  # the latter: before it was watched
    after = status(tmp_path)
    assert after["result_hash"] == status(whole)["result_hash"]
    assert after["stray_files"] == [] and after["n_unfinished"] == 0
    assert sorted(p.suffix for p in (tmp_path / "run" / "units").rglob("*.*")) == [".nc"] * 8


def test_a_unit_that_fails_leaves_its_reason_and_is_given_up_in_the_end(whole, tmp_path):
    """A checkpoint of something else: the unit cannot go on, and the others do."""
    document = plan(tmp_path, STUDY.replace("networks = 2", "networks = 2\nattempts = 2"))
    key = json.loads((tmp_path / "run" / "plan.json").read_text())["units"][3]["key"]
    folder = tmp_path / "run" / "units" / key[:2]
    folder.mkdir(parents=True)
    (folder / f"{key}.checkpoint").write_text("rubbish")
    for attempt in (1, 2, 2):
        done = run("study run", tmp_path / "run", "--jsonl")
        assert done.returncode == 5 and f"failed: {key}" in done.stderr and "not an HDF5 file" in done.stderr
        after = json.loads(run("study status", tmp_path / "run", "--json").stdout)
        assert (after["n_done"], after["n_failed"]) == (document["n_units"] - 1, 1)
        assert after["failures"][0]["key"] == key and after["failures"][0]["attempts"] == attempt
        assert after["result_hash"] is None
    (folder / f"{key}.checkpoint").unlink()
    assert run("study run", tmp_path / "run").returncode == 5  # still given up
    succeed("study run", tmp_path / "run", "--retry-failed")
    assert status(tmp_path)["result_hash"] == status(whole)["result_hash"]


def test_a_full_disk_loses_nothing(whole, tmp_path):
    plan(tmp_path)

    def no_space():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    done = subprocess.run([COMMAND, "study", "run", tmp_path / "run"], preexec_fn=no_space, capture_output=True, text=True)
    assert done.returncode == 5 and "File too large" in done.stderr
    assert not list((tmp_path / "run").rglob("*.tmp")) and not list((tmp_path / "run").rglob("*.nc"))
    succeed("study run", tmp_path / "run")
    assert status(tmp_path)["result_hash"] == status(whole)["result_hash"]


def test_a_damaged_unit_is_done_again(whole, tmp_path):
    plan(tmp_path)
    succeed("study run", tmp_path / "run")
    damaged = sorted((tmp_path / "run" / "units").rglob("*.nc"))[2]
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert status(tmp_path)["n_planned"] == 1
    succeed("study run", tmp_path / "run")
    assert status(tmp_path)["result_hash"] == status(whole)["result_hash"]


def test_a_training_that_diverges_is_a_result(tmp_path):
    plan(tmp_path, STUDY.replace("[train]", "[train]\nlearning_rate = 1e300\nclip_norm = 0\nprecision = \"float32\""))
    events = [json.loads(line) for line in succeed("study run", tmp_path / "run", "--jsonl").splitlines()]
    assert events[-1]["n_diverged"] + events[-1]["n_done"] == 8 and events[-1]["n_diverged"] > 0
    assert events[-1]["n_failed"] == 0
    succeed("study collect", tmp_path / "run", "-o", tmp_path / "all.nc")
    with xr.open_dataset(tmp_path / "all.nc") as file:
        diverged = file["state"].values == "diverged"
        assert diverged.sum() == events[-1]["n_diverged"] and set(file["n_fixed_points"].values[diverged]) == {-1}


def test_the_population_in_one_file(whole, tmp_path):
    succeed("study collect", whole / "run", "-o", tmp_path / "all.nc")
    with xr.open_dataset(tmp_path / "all.nc") as file:
        assert set(file["state"].values) == {"done"} and sorted(set(file["factor_cell"].values)) == ["gru", "vanilla"]
        assert file.attrs["result_hash"] == status(whole)["result_hash"]
        fixed = file["kind"].values == "fixed"
        for i, n in enumerate(file["n_fixed_points"].values):
            assert ((file["network_index"].values == i) & fixed).sum() == n
        assert np.isfinite(file["validation_loss"]).all()


def test_the_untrained_twin_has_its_loss(whole, tmp_path):
    """That of a training that changes nothing."""
    succeed("study collect", whole / "run", "-o", tmp_path / "all.nc")
    with xr.open_dataset(tmp_path / "all.nc") as file:
        i = int(np.argmax((file["factor_cell"].values == "gru") & (file["factor_activation"].values == "relu")
                          & (file["factor_seed"].values == "2")))
        assert (file["untrained_loss"] > file["validation_loss"]).all()
        found = float(file["untrained_loss"][i])
    still = succeed_json("train flip-flop --bits 2 --steps 40 --cell gru --activation relu --units 8 --seed 2 --validation-trials 32",
                         "--iterations", 1, "--validation-every", 1, "--learning-rate", 1e-300, "-o", tmp_path / "still.nc")
    assert found == pytest.approx(still["validation_loss"], rel=1e-12)


def spaces_of(document):
    return {space["space"]: space for space in document["tasks"][0]["spaces"]}


def test_networks_are_compared_by_activity_graphs_and_state_machines(whole, tmp_path):
    text = succeed("study compare", whole / "run", "-o", tmp_path / "d.nc", "--n-permutations", 99)
    assert "machine" in text and "topology" in text
    document = succeed_json("study compare", whole / "run", "--n-permutations", 99)
    spaces = spaces_of(document)
    assert list(spaces) == ["geometry", "topology", "machine", "untrained"]
    assert spaces["topology"]["measure"] == "fused_gromov_wasserstein" and spaces["machine"]["measure"] == "automaton"
    modal = document["tasks"][0]["modal"]
    numbers = [network["n_points"] for network in document["tasks"][0]["networks"]]
    assert numbers.count(modal["n_points"]) == max(map(numbers.count, numbers))
    assert modal["n_away"] == len(numbers) - numbers.count(modal["n_points"]) == 8 * modal["fraction_away"]
    graphs = document["tasks"][0]["graphs"]
    assert sorted(graph["title"] for graph in graphs) == ["relu, gru, 8", "relu, vanilla, 8", "tanh, gru, 8", "tanh, vanilla, 8"]
    for graph in graphs:
        network = document["tasks"][0]["networks"][graph["network"]]
        assert graph["n_points"] == network["n_points"] and ", ".join(
            value for name, value in network["factors"].items() if name != "seed") == graph["title"]
        for i, j, share in graph["edges"]:
            assert 0 < share <= 1 and i != j
    # The distances are those of `nullcline compare` of the same files.
    keys = [document["tasks"][0]["networks"][i]["key"] for i in spaces["machine"]["networks"]]
    with xr.open_dataset(tmp_path / "d.nc", group="flip-flop/machine") as machine:
        assert list(machine["networks"].values) == keys and machine.attrs["measure"] == "automaton"
        distances = machine["distances"].values
    assert (distances == distances.T).all() and (np.diag(distances) == 0).all() and 0 < distances.max() <= 1
    networks = {network["key"]: network["factors"] for network in document["tasks"][0]["networks"]}
    places = [keys.index(key) for key in keys if networks[key]["cell"] == "gru"]
    for i in places:
        succeed("state-machine", whole / "run" / "units" / keys[i][:2] / f"{keys[i]}.nc", "-o", tmp_path / f"{i}.nc")
    alone = succeed_json("compare", *[tmp_path / f"{i}.nc" for i in places])
    assert alone["measure"] == "automaton"
    np.testing.assert_allclose(alone["distances"], distances[np.ix_(places, places)], atol=1e-12)


def test_a_comparison_keeps_its_distances_and_computes_none_twice(whole, tmp_path):
    subprocess.run(["cp", "-r", whole / "run", tmp_path / "moved"], check=True)  # a plan has no place
    folder = tmp_path / "moved"
    first = succeed_json("study compare", folder, "--n-permutations", 9, "--threads", 1)
    kept = sorted((folder / "comparisons").iterdir())
    assert [path.name.rsplit("-", 1)[0] for path in kept] == [
        "flip-flop-geometry", "flip-flop-machine", "flip-flop-topology", "flip-flop-untrained"]
    before = {path: path.read_bytes() for path in kept}
    assert succeed_json("study compare", folder, "--n-permutations", 9, "--memory", 1) == first
    succeed("study report", folder, "-o", tmp_path / "page.html", "--n-permutations", 9)
    assert before == {path: path.read_bytes() for path in sorted((folder / "comparisons").iterdir())}
    # What was damaged is computed again, other options are another file.
    kept[0].write_bytes(b"rubbish")
    assert succeed_json("study compare", folder, "--n-permutations", 9) == first
    assert {path: path.read_bytes() for path in kept} == before
    succeed("study compare", folder, "--geometry", "linear_cka", "--n-permutations", 9)
    assert len(list((folder / "comparisons").iterdir())) == 6
    assert status(whole)["stray_files"] == []


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGKILL])
def test_a_comparison_that_was_stopped_goes_on(which, whole, tmp_path):
    subprocess.run(["cp", "-r", whole / "run", tmp_path / "run"], check=True)
    subprocess.run(["rm", "-rf", tmp_path / "run" / "comparisons"], check=True)  # of another test
    slow = ["study", "compare", tmp_path / "run", "--n-starts", "3000", "--n-permutations", "9", "--json", "--quiet"]
    with subprocess.Popen([COMMAND, *slow], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "run" / "comparisons").exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(which)
        out, error = process.communicate(timeout=120)
    if which == signal.SIGKILL:
        assert process.returncode in (-9, 0)
    elif process.returncode != 0:  # else the machine was faster
        assert process.returncode == 75 and out == "" and error.splitlines() == ["nullcline: stopped; the same command continues"]
    again = succeed(*[" ".join(map(str, slow))])
    succeed("study run", tmp_path / "run", "--quiet")  # removes what was left half written
    assert not list((tmp_path / "run").rglob(".nullcline-*"))
    subprocess.run(["rm", "-r", tmp_path / "run" / "comparisons"], check=True)
    assert succeed(*[" ".join(map(str, slow))]) == again


def test_a_read_only_study_is_compared_all_the_same(whole, tmp_path):
    subprocess.run(["cp", "-r", whole / "run", tmp_path / "run"], check=True)
    subprocess.run(["rm", "-rf", tmp_path / "run" / "comparisons"], check=True)
    subprocess.run(["chmod", "-R", "a-w", tmp_path / "run"], check=True)
    plain = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    for command in ("compare --n-permutations 9", "status"):
        subprocess.run([*plain, COMMAND, "study", command.split()[0], tmp_path / "run", *command.split()[1:]], check=True, capture_output=True)
    assert not (tmp_path / "run" / "comparisons").exists()
    subprocess.run(["chmod", "-R", "u+w", tmp_path / "run"], check=True)


def test_nothing_to_compare_and_bad_options_are_told(tmp_path, whole):
    plan(tmp_path)
    assert "none of 8 networks is done" in fail(3, "study compare", tmp_path / "run")
    assert "none of 8 networks is done" in fail(3, "study report", tmp_path / "run", "-o", tmp_path / "x.html")
    for option, message in (("--samples 1", "samples: found 1"), ("--memory 0", "memory: found 0"), ("--n-starts 0", "n_starts: found 0"),
                            ("--n-permutations 0", "n_permutations: found 0"), ("--threshold 0", "threshold: found 0"),
                            ("--threshold 1.5", "threshold: found 1.5"), ("--geometry automaton", "expected a measure of activity")):
        assert message in fail(2, "study compare", whole / "run", *option.split())


def test_a_unit_whose_numbers_were_changed_is_done_again(whole, tmp_path):
    """A file that is whole, and holds other numbers than its hash was made of."""
    subprocess.run(["cp", "-r", whole / "run", tmp_path / "run"], check=True)
    path = sorted((tmp_path / "run" / "units").rglob("*.nc"))[1]
    with xr.open_dataset(path, group="network") as network:
        weights = network["recurrent_weights"].values.tobytes()
    content = path.read_bytes()
    at = content.index(weights)
    path.write_bytes(content[:at] + np.full(len(weights) // 8, np.nan).tobytes() + content[at + len(weights):])
    assert (status(tmp_path)["n_planned"], status(tmp_path)["n_done"]) == (1, 7)
    succeed("study run", tmp_path / "run")
    assert status(tmp_path)["result_hash"] == status(whole)["result_hash"]


OTHER_TASKS = """
networks = 2
[vary]
task = ["sine", "context-integration"]
cell = ["vanilla"]
activation = ["tanh", "relu"]
units = 8
[train]
iterations = 60
validation_trials = 16
[train.sine]
learning_rate = 0.01
[task.sine]
steps = 60
[hyperparameters]
candidates = 2
iterations = 20
[search]
n_starts = 200
max_starts = 400
max_boxes = 0
[analysis]
commands = 3
line_points = 8
"""


def test_the_analyses_of_the_other_tasks_and_a_search_that_networks_of_one_kind_share(tmp_path):
    (tmp_path / "study.toml").write_text(OTHER_TASKS)
    succeed("study plan", tmp_path / "study.toml", "-o", tmp_path / "run")
    succeed("study run", tmp_path / "run")
    assert len(list((tmp_path / "run" / "searches").iterdir())) == 4  # kinds, of two networks each
    units = json.loads((tmp_path / "run" / "plan.json").read_text())["units"]
    for unit in units:
        path = tmp_path / "run" / "units" / unit["key"][:2] / f"{unit['key']}.nc"
        with xr.open_dataset(path, group="hyperparameters") as search, xr.open_dataset(path) as file:
            best = int(search["best"])
            assert search["validation_loss"].argmin() == best and "hyperparameters" not in file
        if unit["factors"]["task"] == "sine":
            with xr.open_dataset(path, group="sine") as sine, xr.open_dataset(path, group="analysis") as analysis:
                np.testing.assert_allclose(sine["frequency"], [0.01, 0.03, 0.05])
                assert analysis.sizes["input"] == 3
        else:
            with xr.open_dataset(path, group="context/context_1") as line:
                np.testing.assert_array_equal(line["input"], [0, 0, 0, 1])
                assert line["responses"].shape == (3, 9)
    document = succeed_json("study compare", tmp_path / "run", "--n-permutations", 19)
    titles = {task["task"]: [panel["title"] for panel in task["panels"]] for task in document["tasks"]}
    assert [len(titles[task]) for task in ("context-integration", "sine")] == [3, 2]
    for task in document["tasks"]:
        assert task["graphs"] == []  # their points lie along lines
        assert {space["space"] for space in task["spaces"]} == {"geometry", "untrained", "topology"}
        assert {(row["factor"], row["among"]) for row in task["separations"]} == {("activation", "all")}
    assert "expected a name that ends in .html" in fail(2, "study report", tmp_path / "run", "-o", tmp_path / "x.nc")
    assert "expected a measure of graphs" in fail(2, "study compare", tmp_path / "run", "--topology", "svcca")


@pytest.mark.parametrize("old, new, message", [
    ("units = 8", "unts = 8", "vary: unknown key 'unts', did you mean 'units'?"),
    ("units = 8", "units = [8, -1]", "units: found -1"),
    ("units = 8", "units = \"many\"", "units"),
    ("units = 8", "units = []", "vary.units: found an empty list"),
    ("units = 8", "units = [8, 8]", "two networks with the same configuration"),
    ("units = 8", "seed = 8", "seeds differ by themselves"),
    ('task = ["flip-flop"]', "", "vary: found no task"),
    ('task = ["flip-flop"]', 'task = ["flip-flap"]', "unknown name 'flip-flap', did you mean 'flip-flop'?"),
    ("networks = 2", "networks = 0", "networks: found 0, expected a whole number from 1"),
    ("networks = 2", "networks = 1000000", "found more than 1000000 networks"),
    ("networks = 2", "network = 2", "unknown key 'network', did you mean 'networks'?"),
    ("[train]", "[trains]", "unknown key 'trains', did you mean 'train'?"),
    ("[task.flip-flop]", "[task.flop]", "task.flop: expected a table with the name of a task"),
    ("bits = 2", "bits = 0", "bits"),
    ("seed = 1", "seed = ", "study.toml:3:"),
    ("n_starts = 500", "n_starts = 0", "n_starts: found 0, expected 1 to"),
    ("max_boxes = 0", "max_boxes = -1", "max_boxes: found -1"),
    ("max_boxes = 0", "[graph]\nn_rollouts = 0", "n_rollouts: found 0"),
    ("max_boxes = 0", "[analysis]\nline_points = 0", "analysis.line_points: found 0"),
    ("max_boxes = 0", "[analysis]\nline_tolerance = 0", "analysis.line_tolerance: found 0"),
    ('name = "small"', "name = 3", "name: found 3, expected a text"),
])
def test_bad_studies_are_told_apart(old, new, message, tmp_path):
    (tmp_path / "study.toml").write_text(STUDY.replace(old, new, 1))
    assert message in fail(2, "study plan", tmp_path / "study.toml", "-o", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_bad_folders_are_refused(whole, tmp_path):
    assert "there is no plan" in fail(3, "study run", tmp_path)
    (tmp_path / "run").mkdir()
    text = (whole / "run" / "plan.json").read_text()
    (tmp_path / "run" / "plan.json").write_text(text.replace('"iterations": 400', '"iterations": 40'))
    assert "changed by hand" in fail(3, "study run", tmp_path / "run")
    (tmp_path / "run" / "plan.json").write_text(text[:300])
    assert "not the plan of a study" in fail(3, "study status", tmp_path / "run")
    (tmp_path / "run" / "plan.json").write_text(text)
    (tmp_path / "run" / "units").write_text("a file where a folder must be")
    assert "cannot be written" in fail(3, "study run", tmp_path / "run")
    assert "shard: found '3'" in fail(2, "study run", whole / "run", "--shard", "3")
    assert "from 0 to 3" in fail(2, "study run", whole / "run", "--shard", "4/4")


def test_networks_too_large_for_the_machine_fail_with_the_numbers(tmp_path):
    plan(tmp_path, STUDY.replace("units = 8", "units = 10000000"))
    done = run("study run", tmp_path / "run", "--jobs", 1)
    assert done.returncode == 5 and "units 10000000" in done.stderr and "this machine has" in done.stderr
    assert "--jobs: found -1, expected 0 (as many as cores) to 4096" in fail(2, "study run", tmp_path / "run", "--jobs=-1")


def test_a_read_only_folder_is_refused_at_once(tmp_path):
    plan(tmp_path)
    (tmp_path / "run").chmod(0o500)
    # Root writes everywhere, unless this right is taken from it.
    plain = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    done = subprocess.run([*plain, COMMAND, "study", "run", tmp_path / "run"], capture_output=True, text=True)
    assert done.returncode == 3 and "cannot be written" in done.stderr and len(done.stderr.splitlines()) == 1
    (tmp_path / "run").chmod(0o700)


def test_the_script_for_slurm_says_what_was_asked(whole):
    script = succeed("study slurm", whole / "run", "--tasks", 3, "--cpus", 2, "--minutes", 30, "--partition", "long")
    lines = script.splitlines()
    assert lines[0] == "#!/bin/sh" and "#SBATCH --array=0-2" in lines and "#SBATCH --time=30" in lines
    assert "#SBATCH --partition=long" in lines and "#SBATCH --signal=B:USR1@120" in lines
    assert lines[-1].endswith(f"study run '{whole / 'run'}' --shard \"$SLURM_ARRAY_TASK_ID/3\" --jobs 2")
    assert "#SBATCH --array=0-7" in succeed("study slurm", whole / "run")  # eight networks, not a thousand tasks
    assert "expected a name" in fail(2, "study slurm", whole / "run", "--partition", "x; rm")
    assert "tasks: found 2000, expected 0 to 1000" in fail(2, "study slurm", whole / "run", "--tasks", 2000)
