# SPDX-License-Identifier: BSD-3-Clause
"""Tasks as Python sees them: trials, training on them, and what is refused."""

import nullcline as nc
import numpy as np
import pytest


@pytest.mark.parametrize("reading", ["printed", "leaky"])
def test_integration_gives_the_sign_of_the_discounted_sum(reading):
    inputs, targets, mask = nc.Integration(channels=2, steps=12, discount=0.7, reading=reading).trials(9, seed=4)
    assert inputs.shape == targets.shape == mask.shape == (9, 12, 2) and np.all(mask == 1)
    weights = np.array([[0.7 ** (s if reading == "printed" else t - s) if s <= t else 0 for s in range(12)] for t in range(12)])
    assert np.array_equal(targets, np.where(np.einsum("ts,nsk->ntk", weights, inputs) > 0, 1, -1))


def test_the_sine_has_the_frequency_of_its_command():
    inputs, targets, mask = nc.Sine(steps=60).trials(7, seed=2)
    assert inputs.shape == targets.shape == mask.shape == (7, 60, 1) and np.all(inputs == inputs[:, :1])
    assert np.allclose(targets, np.sin(2 * np.pi * (0.01 + 0.04 * inputs) * np.arange(60)[:, None]), atol=1e-12)
    assert np.array_equal(nc.Sine().probe(5)[0][:, 0, 0], [0, 0.25, 0.5, 0.75, 1])


def test_context_integration_sums_the_stream_that_the_context_names():
    inputs, targets, _ = nc.ContextIntegration(streams=3, steps=9).trials(20, seed=2)
    assert inputs.shape == (20, 9, 6) and targets.shape == (20, 9, 1)
    assert np.all(inputs[:, :, 3:] == inputs[:, :1, 3:]) and np.all(inputs[:, 0, 3:].sum(1) == 1)
    assert np.allclose(targets[:, :, 0], np.cumsum((inputs[:, :, :3] * inputs[:, :, 3:]).sum(2), axis=1), atol=1e-12)
    quiet = nc.ContextIntegration(noise=0.0, steps=1).probe(6)[1]
    assert np.array_equal(quiet.ravel(), [-1, -1, 0, 0, 1, 1])


def test_the_probe_of_the_flip_flop_is_not_what_it_is_analysed_with():
    task = nc.FlipFlop(steps=20)
    assert np.array_equal(task.probe(4, seed=1)[0], task.probe(4, seed=1)[0])
    assert not np.array_equal(task.probe(4, seed=1)[0], task.trials(4, seed=1)[0])


def test_integration_is_learned_with_the_cross_entropy():
    net = nc.train(nc.Integration(steps=15), loss="bce", units=8, iterations=200, learning_rate=1e-2, seed=1)
    assert net.validation_accuracy[-1] > 0.85


def test_a_line_attractor_is_seen_through_its_noise():
    quiet = nc.LineAttractor(observation_noise=0, start_box=[(1, 1), (-0.5, 0.5)], steps=5, interval=0.5)
    inputs, targets, _ = quiet.trials(7)
    assert np.all(inputs[:, 1:] == 0) and np.all(inputs[:, 0, 0] == 1)
    assert np.allclose(targets[:, :, 0], np.exp(-0.5 * np.arange(1, 6)), atol=1e-6)
    assert np.array_equal(targets[:, 4, 1], inputs[:, 0, 1])
    loud = nc.LineAttractor(start_box=[(1, 1), (0, 0)]).trials(2000)[1]
    assert abs(loud[:, :, 1].var() - 0.1) < 0.005


def test_trajectories_of_a_model_file_are_those_of_the_named_system(tmp_path):
    path = tmp_path / "a ring.toml"
    path.write_text('[system.ode]\nx = "-(x^2 + y^2 - 1)*x"\ny = "-(x^2 + y^2 - 1)*y"\n')
    box = [(-1.5, 1.5), (-1.5, 1.5)]
    mine = nc.Trajectories(model=path, start_box=box).trials(5, seed=2)
    named = nc.RingAttractor(observation_noise=0).trials(5, seed=2)
    assert np.array_equal(mine[0], named[0]) and np.array_equal(mine[1], named[1])


def test_a_rollout_network_starts_at_zero_and_is_analysed_at_several_inputs():
    net = nc.train(nc.FitzHughNagumo(trajectories=16, input_noise=[0.0]), units=2, batch=16, iterations=60, seed=1,
                   train_initial_state=False)
    assert np.all(net.network.initial_state == 0)
    points = nc.find_fixed_points(net, inputs=[[0, 0], [1, 0]], n_starts=200)
    assert {tuple(row) for row in points.inputs} == {(0.0, 0.0), (1.0, 0.0)}


@pytest.mark.parametrize(("call", "message"), [
    (lambda: nc.Sine(steps=0).trials(1), "steps: found 0"),
    (lambda: nc.ContextIntegration(streams=0).probe(1), "streams: found 0"),
    (lambda: nc.Integration(channels=0).trials(1), "channels: found 0"),
    (lambda: nc.Integration(reading="other").trials(1), "reading"),
    (lambda: nc.RingAttractor(start_box=[(0, 1)]).trials(1), "start_box: found 1, expected 2 values"),
    (lambda: nc.Trajectories().trials(1), "model"),
    (lambda: nc.Trajectories(model="none.toml").trials(1), "none.toml"),
    (lambda: nc.RingAttractor(interval=10, substeps=1, start_box=[(50, 60), (50, 60)]).trials(1), "leaves 1e"),
    (lambda: nc.train(nc.RingAttractor(trajectories=8), batch=9), "batch: found 9, expected at most 8"),
    (lambda: nc.train(nc.RingAttractor(start_box=[(3, 4), (3, 4)]), batch=9, loss="bce", units=2), "bce takes targets"),
])  # fmt: skip
def test_mistakes_are_told(call, message):
    with pytest.raises(ValueError, match=message) as error:
        call()
    assert "\n" not in str(error.value)
