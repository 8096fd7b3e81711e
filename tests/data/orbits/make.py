# SPDX-License-Identifier: BSD-3-Clause
"""Makes reference.npz: orbits, lifetimes and exponents computed without Nullcline.

    python make.py        (NumPy 2.4, mpmath 1.3)

period2_*: the stable orbits of period 2 of ../flip-flop/vanilla16_seed0 under input 0: trajectories in
    NumPy, Newton's method on F(F(h)) = h and eigenvalues of DF^2 in mpmath with 40 digits, rounded at the end.
chaos_*: h' = tanh(W h), 64 units, W Gaussian with standard deviation 1.8 / sqrt(64): the four largest
    Lyapunov exponents over 100 000 steps by numpy.linalg.qr, with the standard errors of 20 blocks.
passage_*: h' = tanh(2 h + b), b at a distance `past` behind the fold: the steps that it takes to pass from
    0.3 above the ghost to 0.3 below it, counted in mpmath with 40 digits.
"""

import pathlib

import mpmath as mp
import numpy as np

mp.mp.dps = 40
HERE = pathlib.Path(__file__).parent


def period2():
    weights = np.load(HERE / "../flip-flop/vanilla16_seed0.weights.npz")
    names = {name.rsplit(".", 1)[-1]: weights[name].astype(float) for name in weights.files}
    w = names["weight_hh_l0"]
    bias = names["bias_ih_l0"] + names["bias_hh_l0"]
    states = np.load(HERE / "../flip-flop/vanilla16_seed0.states.npz")["states"].astype(float)
    h = states[:: max(1, len(states) // 200)]
    for _ in range(4000):
        h = np.tanh(h @ w.T + bias)
    starts: list[np.ndarray] = []
    for row in h:
        image = np.tanh(w @ row + bias)
        if all(min(abs(row - known).max(), abs(image - known).max()) > 1e-6 for known in starts):
            starts.append(row)
    big = mp.matrix(w.tolist())
    n = len(bias)
    # The sum of the biases, as the network is read: rounded to float64 first.
    offset = mp.matrix([mp.mpf(float(x)) for x in bias])
    identity = mp.eye(n)

    def step(x):
        a = big * x + offset
        out = mp.matrix([mp.tanh(a[i]) for i in range(n)])
        return out, mp.diag([1 - out[i] ** 2 for i in range(n)]) * big

    points, multipliers = [], []
    for start in starts:
        x = mp.matrix([mp.mpf(float(v)) for v in start])
        for _ in range(6):
            one, first = step(x)
            two, second = step(one)
            x = x + mp.lu_solve(identity - second * first, two - x)
        one, first = step(x)
        two, second = step(one)
        assert mp.norm(two - x, mp.inf) < mp.mpf(10) ** -35
        values = mp.eig(second * first, left=False, right=False)
        size = sorted((float(abs(v)) for v in values), reverse=True)
        points.append([[float(v) for v in x], [float(v) for v in one]])
        multipliers.append(size)
    return np.array(points), np.array(multipliers)


def chaos():
    rng = np.random.default_rng(7)
    n = 64
    w = 1.8 / np.sqrt(n) * rng.normal(size=(n, n))
    h = rng.uniform(-1, 1, n)
    q = np.linalg.qr(rng.normal(size=(n, 4)))[0]
    logs = []
    for t in range(105000):
        h = np.tanh(w @ h)
        q, r = np.linalg.qr((1 - h**2)[:, None] * (w @ q))
        if t >= 5000:
            logs.append(np.log(np.abs(np.diag(r))))
    blocks = np.array(logs).reshape(20, -1, 4).mean(axis=1)
    return w, blocks.mean(axis=0), blocks.std(axis=0, ddof=1) / np.sqrt(20)


def passages():
    ghost = mp.sqrt(mp.mpf(1) / 2)
    fold = mp.atanh(ghost) - 2 * ghost
    past = [1e-4, 1e-6]
    biases, counts = [], []
    for distance in past:
        bias = mp.mpf(float(fold - mp.mpf(distance)))
        h, n = ghost + mp.mpf("0.3"), 0
        while h > ghost - mp.mpf("0.3"):
            h, n = mp.tanh(2 * h + bias), n + 1
        biases.append(float(bias))
        counts.append(n)
    return np.array(biases), np.array(counts, dtype=float)


points, multipliers = period2()
w, exponents, errors = chaos()
biases, counts = passages()
np.savez(
    HERE / "reference.npz",
    period2_points=points.reshape(-1, points.shape[-1]),
    period2_multipliers=multipliers,
    chaos_weights=w,
    chaos_exponents=exponents,
    chaos_errors=errors,
    passage_biases=biases,
    passage_steps=counts,
)
print(points.shape, multipliers[:, 0], exponents, errors, biases, counts)
