# SPDX-License-Identifier: BSD-3-Clause
"""Writes the keras_* files beside it with Keras 3.15 on its torch backend: models in Keras's three
formats, and probe steps by the layers' own cells. In float32, since Keras on this backend multiplies float64 layers in float32
too. Run by a Python that has both."""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent
STEPS, INPUTS = 12, 2
CLASSES = {"gru": layers.GRU, "lstm": layers.LSTM, "simple_rnn": layers.SimpleRNN}


def make(kind, readout=True, activation=None, **settings):
    keras.utils.set_random_seed(11)
    stack = [keras.Input((None, INPUTS)), CLASSES[kind](5, return_sequences=True, **settings)]
    if readout:
        stack += [layers.Dropout(0.1), layers.Dense(3, activation=activation)]
    model = keras.Sequential(stack)
    rng = np.random.default_rng(7)  # biases of zero would hide their conventions
    model.set_weights([rng.normal(size=value.shape, scale=0.7) for value in model.get_weights()])
    return model


def save_probe(name, layer):
    rng = np.random.default_rng(3)
    n_states = 1 + isinstance(layer, layers.LSTM)
    x = rng.normal(size=(STEPS, INPUTS)).astype("float32")
    h = rng.normal(size=(STEPS, 5 * n_states)).astype("float32")
    _, states = layer.cell(keras.ops.convert_to_tensor(x), [keras.ops.convert_to_tensor(part) for part in np.split(h, n_states, axis=1)])
    h_next = np.concatenate([keras.ops.convert_to_numpy(state) for state in states], axis=1)
    np.savez(HERE / f"keras_{name}.probe.npz", x=x, h=h, h_next=h_next)


def save_stack_probe(model):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(STEPS, INPUTS)).astype("float32")
    h = rng.normal(size=(STEPS, 10)).astype("float32")
    below, parts = keras.ops.convert_to_tensor(x), []
    for layer, part in zip(model.layers, np.split(h, 2, axis=1)):
        below, _ = layer.cell(below, [keras.ops.convert_to_tensor(part)])
        parts.append(keras.ops.convert_to_numpy(below))
    np.savez(HERE / "keras_two.probe.npz", x=x, h=h, h_next=np.concatenate(parts, axis=1))


def recurrent(model):
    return next(layer for layer in model.layers if isinstance(layer, tuple(CLASSES.values())))


def save(name, kind, suffix=".keras", probe=True, **settings):
    model = make(kind, **settings)
    path = HERE / f"keras_{name}{suffix}"
    model.save_weights(path) if suffix == ".weights.h5" else model.save(path)
    if probe:
        save_probe(name, recurrent(model))
    return model


def main():
    save("gru_after", "gru")
    save("gru_before", "gru", reset_after=False)
    save("gru_no_bias", "gru", use_bias=False)
    save("lstm", "lstm")
    save("simple_rnn", "simple_rnn")
    relu = keras.Sequential([keras.Input((None, INPUTS)), layers.SimpleRNN(5, activation="relu", name="memory")])
    relu.save(HERE / "keras_relu.keras")
    save_probe("relu", relu.layers[0])

    model = make("gru")  # the weights of gru_after, in the other formats
    model.save_weights(HERE / "keras_gru_after.weights.h5")
    model.save(HERE / "keras_gru_after.h5")
    make("lstm").save(HERE / "keras_lstm.h5")

    two = keras.Sequential([keras.Input((None, INPUTS)), layers.GRU(5, return_sequences=True, name="first"),
                            layers.GRU(5, return_sequences=True, name="second"),
                            layers.TimeDistributed(layers.Dense(2), name="out")])  # fmt: skip
    two.save(HERE / "keras_two.keras")
    save_stack_probe(two)

    # What is refused.
    save("softmax", "gru", probe=False, activation="softmax")
    make("gru", recurrent_activation="hard_sigmoid").save(HERE / "keras_hard_sigmoid.keras")
    make("lstm", go_backwards=True).save(HERE / "keras_backwards.keras")
    keras.Sequential([keras.Input((None, INPUTS)), layers.Bidirectional(layers.GRU(3))]).save(HERE / "keras_bidirectional.keras")
    keras.Sequential([keras.Input((None, INPUTS)), layers.SimpleRNN(3, activation="softplus")]).save(HERE / "keras_softplus.keras")


if __name__ == "__main__":
    main()
