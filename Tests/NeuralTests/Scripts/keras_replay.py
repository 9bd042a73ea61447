"""Twenty steps of orl-keras and cfpw2019 in Keras, for ReplayTests.swift.

usage: python keras_replay.py > ../Resources/keras_replay.json        (keras 3 on TensorFlow, numpy)

First weights and batches follow from a formula that the test knows as well, so that only the losses need
be kept. Dropout is left out, since its draws are each library's own.
"""
import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L, ops

STEPS, BATCHES = 20, 4


def draw(key, count):
    """`count` numbers in 0..<1: the finaliser of MurmurHash3 over key and place."""
    x = np.arange(count, dtype=np.uint64) * 2654435761 + key * 40503
    x = (x & 0xFFFFFFFF).astype(np.uint32)
    x ^= x >> 16
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> 13
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> 16
    return (x >> np.uint32(8)).astype(np.float64) / 2**24


def set_weights(model):
    for number, weight in enumerate(model.weights):
        count = int(np.prod(weight.shape))
        if len(weight.shape) == 1:
            values = 0.1 * (2 * draw(number, count) - 1)
        else:
            field = int(np.prod(weight.shape[:-2]))
            limit = np.sqrt(6 / (field * (weight.shape[-2] + weight.shape[-1])))
            values = limit * (2 * draw(number, count) - 1)
        weight.assign(values.astype(np.float32).reshape(weight.shape))


def picture(identity, sample, shape):
    """Squares of 8 x 8 pixels that the identity has, and noise that the sample has."""
    height, width, channels = shape
    squares = draw(1000 + identity, 16 * 16 * channels).reshape(16, 16, channels)
    squares = squares.repeat(8, axis=0).repeat(8, axis=1)[:height, :width]
    noise = draw(5000 + sample, height * width * channels).reshape(shape)
    return (0.4 * squares + 0.1 * noise).astype(np.float32)


def batch(number, pairs, shape):
    """Even pairs are genuine; pair p is of identities p and, if it is an impostor pair, p + 1."""
    left = [picture(p, 2 * (number * pairs + p), shape) for p in range(pairs)]
    right = [picture(p + p % 2, 2 * (number * pairs + p) + 1, shape) for p in range(pairs)]
    genuine = [1.0 - p % 2 for p in range(pairs)]
    return np.stack(left), np.stack(right), np.array(genuine, dtype=np.float32)


def replay(tower, head, shape, pairs, loss_of, optimizer):
    set_weights(keras.Sequential([tower] + ([head] if head else [])))
    variables = tower.trainable_variables + (head.trainable_variables if head else [])
    optimizer.build(variables)
    batches = [batch(number, pairs, shape) for number in range(BATCHES)]
    losses = []
    for step in range(STEPS):
        left, right, genuine = batches[step % BATCHES]
        with tf.GradientTape() as tape:
            loss = loss_of(tower(left), tower(right), genuine)
        optimizer.apply(tape.gradient(loss, variables), variables)
        losses.append(float(loss))
    return losses


def contrastive(a, b, y):
    distance = ops.sqrt(ops.maximum(ops.sum(ops.square(a - b), axis=1), 1e-7))
    return ops.mean(y * ops.square(distance) + (1 - y) * ops.square(ops.maximum(1 - distance, 0)))


def orl():
    tower = keras.Sequential([
        keras.Input((56, 46, 1)), L.Conv2D(6, 3, activation="relu"), L.MaxPool2D(2), L.Conv2D(12, 3, activation="relu"),
        L.MaxPool2D(2), L.Flatten(), L.Dense(128, activation="relu"), L.Dense(50, activation="relu")])
    return replay(tower, None, (56, 46, 1), 128, contrastive, keras.optimizers.RMSprop(1e-3, rho=0.9, epsilon=1e-7))


def cfpw():
    net = [keras.Input((105, 105, 3))]
    for kernel, filters in ((10, 32), (7, 64), (4, 64), (4, 128)):
        net += [L.Conv2D(filters, kernel, activation="relu"), L.MaxPool2D(2)]
    tower = keras.Sequential(net + [L.Flatten(), L.Dense(4096, activation="sigmoid")])
    head = L.Dense(1)
    head.build((None, 4096))

    def loss(a, b, y):
        return ops.mean(keras.losses.binary_crossentropy(y[:, None], head(ops.abs(a - b)), from_logits=True))

    return replay(tower, head, (105, 105, 3), 16, loss, keras.optimizers.Adam(5e-5))


print(json.dumps({"keras": keras.__version__, "tensorflow": tf.__version__, "orl-keras": orl(), "cfpw2019": cfpw()}, indent=1))
