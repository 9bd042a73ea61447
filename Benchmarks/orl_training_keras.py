"""The peer of `train` on orl-keras: the same network, loss, optimiser and number of pairs in Keras.

usage: python orl_training_keras.py ROOT SEED       prints the seconds of 13 epochs, the last word
"""
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import layers, ops
from PIL import Image

PEOPLE, PICTURES, PAIRS, BATCH, EPOCHS = 35, 10, 11250, 128, 13


def build():
    tower = keras.Sequential(
        [
            keras.Input((56, 46, 1)),
            layers.Conv2D(6, 3, activation="relu"), layers.MaxPool2D(2), layers.Dropout(0.25),
            layers.Conv2D(12, 3, activation="relu"), layers.MaxPool2D(2), layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"), layers.Dropout(0.1), layers.Dense(50, activation="relu"),
        ]
    )
    left, right = keras.Input((56, 46, 1)), keras.Input((56, 46, 1))

    def distance(both):
        squared = ops.sum(ops.square(both[0] - both[1]), axis=1, keepdims=True)
        return ops.sqrt(ops.maximum(squared, 1e-7))

    output = layers.Lambda(distance, output_shape=(1,))([tower(left), tower(right)])
    model = keras.Model([left, right], output)

    def contrastive(genuine, d):
        return ops.mean(genuine * ops.square(d) + (1 - genuine) * ops.square(ops.maximum(1 - d, 0)))

    model.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss=contrastive)
    assert model.count_params() == 191618
    return model


def main():
    root, seed = sys.argv[1], int(sys.argv[2])
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    faces = np.stack([[np.asarray(Image.open(f"{root}/s{p + 1}/{k + 1}.pgm"))[::2, ::2] for k in range(PICTURES)] for p in range(PEOPLE)])
    faces = faces.astype("f4")[..., None] / 255
    genuine = np.arange(PAIRS) % 2 == 0
    first = rng.integers(PEOPLE, size=PAIRS)
    second = np.where(genuine, first, (first + rng.integers(1, PEOPLE, size=PAIRS)) % PEOPLE)
    one = rng.integers(PICTURES, size=PAIRS)
    other = np.where(genuine, (one + rng.integers(1, PICTURES, size=PAIRS)) % PICTURES, rng.integers(PICTURES, size=PAIRS))
    pairs, labels = [faces[first, one], faces[second, other]], genuine.astype("f4")[:, None]
    model = build()
    start = time.time()
    model.fit(pairs, labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    print(f"{time.time() - start:.2f}")


if __name__ == "__main__":
    main()
