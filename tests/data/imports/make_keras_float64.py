# SPDX-License-Identifier: BSD-3-Clause
"""Writes the keras_float64_* files beside it with Keras 3.15 on its JAX backend, layers and probe steps in
float64. Run by a Python that has both."""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent
STEPS, INPUTS, UNITS = 12, 2, 4


def main():
    keras.config.set_floatx("float64")
    rng = np.random.default_rng(5)
    for name, kinds in (("gru", [layers.GRU]), ("lstm", [layers.LSTM]), ("stack", [layers.LSTM, layers.GRU])):
        model = keras.Sequential([keras.Input((None, INPUTS)), *(kind(UNITS, return_sequences=True) for kind in kinds)])
        model.set_weights([rng.normal(size=value.shape, scale=0.7) for value in model.get_weights()])
        model.save(HERE / f"keras_float64_{name}.keras")
        x = rng.normal(size=(STEPS, INPUTS))
        below, before, after = keras.ops.convert_to_tensor(x), [], []
        for layer in model.layers:
            states = [keras.ops.convert_to_tensor(rng.normal(size=(STEPS, UNITS))) for _ in layer.cell.get_initial_state(1)]
            below, found = layer.cell(below, states)
            before += states
            after += found
        h, h_next = (np.concatenate([keras.ops.convert_to_numpy(part) for part in parts], axis=1) for parts in (before, after))
        assert h_next.dtype == np.float64
        np.savez(HERE / f"keras_float64_{name}.probe.npz", x=x, h=h, h_next=h_next)


if __name__ == "__main__":
    main()
