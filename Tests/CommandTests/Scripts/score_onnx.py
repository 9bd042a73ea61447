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
assert facts["score"] == "joint-bayesian" and facts["flip_averaging"] == "false", facts["score"]
numbers = {name: np.array(json.loads(facts[f"score_{name}"]), np.float64) for name in ("mean", "matrix", "weights", "bias")}
pixels = np.stack([np.asarray(Image.open(path).convert("L"), np.float32)[None] / 255 for path in sys.argv[2:4]])
rows = session.run(None, {session.get_inputs()[0].name: pixels})[0].astype(np.float64)
if facts["score_directions"] == "true":
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
a, b = (rows - numbers["mean"]) @ numbers["matrix"].reshape(-1, rows.shape[1]).T
print(json.dumps({"score": float(numbers["bias"][0] + (a * b - numbers["weights"] * (a * a + b * b) / 2).sum())}))
