"""Checks an ONNX file and runs it with onnxruntime.

usage: run_onnx.py MODEL INPUT.safetensors OUTPUT.safetensors

The input has the tensor x, [batch, channel, height, width]; the output gets the tensor y.
"""
import sys

import onnx
import onnxruntime
from safetensors.numpy import load_file, save_file

model, source, target = sys.argv[1:]
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
x = load_file(source)["x"]
y = session.run(["embedding"], {"input": x})[0]
# Any length of the batch axis is possible.
one = session.run(["embedding"], {"input": x[:1]})[0]
assert one.shape == (1, y.shape[1]), one.shape
save_file({"y": y}, target)
