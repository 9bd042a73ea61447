"""Images a second that a peer turns into embeddings with the network `lfw-koch`, on two threads; the images are in memory.

usage: embedding_peer.py keras|torch f32|bf16
       embedding_peer.py onnxruntime FILE.onnx
"""
import os
import statistics
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np

BATCH, BATCHES = 64, 8
LAYERS = tuple(zip((10, 7, 4, 4), (64, 128, 128, 256)))


def keras_forward(precision):
    import keras
    import tensorflow as tf
    from keras import layers

    tf.config.threading.set_intra_op_parallelism_threads(2)
    if precision == "bf16":
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    net = [keras.Input((105, 105, 3))]
    for number, (kernel, filters) in enumerate(LAYERS):
        net += [layers.Conv2D(filters, kernel, activation="relu"), layers.BatchNormalization()]
        if number < 3:
            net.append(layers.MaxPool2D(2))
    model = keras.Sequential(net + [layers.Flatten(), layers.Dense(4096, activation="sigmoid")])
    compiled = tf.function(lambda images: model(images, training=False))
    return lambda images: compiled(images).numpy(), (105, 105, 3)


def torch_forward(precision):
    import torch
    from torch import nn

    torch.set_num_threads(2)
    net, channels = [], 3
    for number, (kernel, filters) in enumerate(LAYERS):
        net += [nn.Conv2d(channels, filters, kernel), nn.ReLU(), nn.BatchNorm2d(filters)]
        if number < 3:
            net.append(nn.MaxPool2d(2))
        channels = filters
    model = nn.Sequential(*net, nn.Flatten(), nn.Linear(9216, 4096), nn.Sigmoid())
    model = model.to(memory_format=torch.channels_last).eval()

    def forward(images):
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            return model(torch.from_numpy(images).to(memory_format=torch.channels_last)).float().numpy()

    return forward, (3, 105, 105)


def onnx_forward(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    return lambda images: session.run(None, {entry.name: images})[0], tuple(entry.shape[1:])


if __name__ == "__main__":
    kind, argument = sys.argv[1:3]
    make = {"keras": keras_forward, "torch": torch_forward, "onnxruntime": onnx_forward}[kind]
    forward, shape = make(argument)
    images = np.random.default_rng(0).random((BATCH, *shape), dtype=np.float32)
    forward(images)
    times = []
    for _ in range(BATCHES):
        start = time.time()
        forward(images)
        times.append(time.time() - start)
    print(BATCH / statistics.median(times))
