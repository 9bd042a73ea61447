"""Reads a store with the libraries of others, and compares every sample with what Pillow makes of its file.

usage: python read_store.py STORE ROOT     ROOT: the folder the photographs were taken from
"""
import hashlib
import json
import sqlite3
import sys

import numpy as np
from PIL import Image
from safetensors import safe_open

store, root = sys.argv[1:]
catalog = sqlite3.connect(f"file:{store}/catalog.sqlite?mode=ro", uri=True)
how = json.loads(catalog.execute("SELECT value FROM store WHERE key = 'ingest'").fetchone()[0])
size, mode = (how["width"], how["height"]), {"gray": "L", "rgb": "RGB"}[how["color"]]


def expected(path):
    picture = Image.open(path)
    pixels = picture.convert(mode)
    if how["resample"] == "decimate":
        return picture.size, np.asarray(pixels)[::2, ::2]
    return picture.size, np.asarray(pixels.resize(size, {"lanczos": Image.LANCZOS, "bilinear": Image.BILINEAR}[how["resample"]]))


assert how["crop"] == "none", how
shards = {}
agreed = 0
for path, sha256, width, height, shard, row, pixels_sha256 in catalog.execute(
        "SELECT path, sha256, width, height, shard, row, pixels_sha256 FROM samples"):
    if shard not in shards:
        shards[shard] = safe_open(f"{store}/shards/{shard}", "np").get_tensor("images")
    images = shards[shard]
    assert images.dtype == np.uint8 and images.shape[1:] == size[::-1] + ({"L": 1, "RGB": 3}[mode],), (images.dtype, images.shape)
    original, pixels = expected(f"{root}/{path}")
    assert original == (width, height), path
    assert np.array_equal(pixels.reshape(images.shape[1:]), images[row]), path
    assert hashlib.sha256(open(f"{root}/{path}", "rb").read()).hexdigest() == sha256, path
    assert hashlib.sha256(images[row].tobytes()).hexdigest() == pixels_sha256, path
    agreed += 1
for file, sha256 in catalog.execute("SELECT file, sha256 FROM shard"):
    assert hashlib.sha256(open(f"{store}/shards/{file}", "rb").read()).hexdigest() == sha256, file
assert sum(len(images) for images in shards.values()) == agreed
print(f"{agreed} samples agree")
