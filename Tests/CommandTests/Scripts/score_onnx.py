"""The score of two images by an exported network and the learned score in its metadata: NumPy and onnxruntime alone.

usage: score_onnx.py NETWORK.onnx IMAGE IMAGE      images of the size of the input, bytes / 255
"""
import json
import sys

import numpy as np
import onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
facts = session.get_modelmeta().custom_metadata_map
assert facts["score"] in ("joint-bayesian", "known-people") and facts["flip_averaging"] == "false", facts["score"]


def numbers(name):
    return np.array(json.loads(facts[f"score_{name}"]), np.float64)


def probabilities(a):
    """The probabilities that an image shows each training person, of its projected embedding."""
    counts, curvatures = numbers("people_counts")[:, None], numbers("curvatures")
    v = curvatures / (1 - curvatures)
    known, scale = counts * v / (1 + counts * v), np.sqrt(v / (1 + 2 * v))
    centres = known * numbers("people_means").reshape(len(counts), -1) / scale
    variances = 1 + v / (1 + counts * v)
    logs = -0.5 * ((a / scale - centres) ** 2 / variances + np.log(variances)).sum(1) / numbers("temperature")[0]
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


pixels = np.stack([np.asarray(Image.open(path).convert("L"), np.float32)[None] / 255 for path in sys.argv[2:4]])
rows = session.run(None, {session.get_inputs()[0].name: pixels})[0].astype(np.float64)
if facts["score_directions"] == "true":
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
a, b = (rows - numbers("mean")) @ numbers("matrix").reshape(-1, rows.shape[1]).T
if facts["score"] == "known-people":
    score = np.log(probabilities(a) @ probabilities(b))
else:
    score = numbers("bias")[0] + (a * b - numbers("weights") * (a * a + b * b) / 2).sum()
print(json.dumps({"score": float(score)}))
