"""Reads a store of ORL-shaped faces with the libraries of others, and the pictures with Pillow.

usage: python read_store.py STORE FACES
"""
import hashlib
import sqlite3
import sys

import numpy as np
from PIL import Image
from safetensors import safe_open

store, faces = sys.argv[1:]
catalog = sqlite3.connect(f"file:{store}/catalog.sqlite?mode=ro", uri=True)
shards = {}
agreed = 0
for path, sha256, width, height, shard, row in catalog.execute("SELECT path, sha256, width, height, shard, row FROM samples"):
    if shard not in shards:
        shards[shard] = safe_open(f"{store}/shards/{shard}", "np").get_tensor("images")
    images = shards[shard]
    assert images.dtype == np.uint8 and images.shape[1:] == (56, 46, 1), (images.dtype, images.shape)
    picture = Image.open(f"{faces}/{path}")
    assert picture.size == (width, height), path
    assert np.array_equal(np.asarray(picture)[::2, ::2], images[row, :, :, 0]), path
    assert hashlib.sha256(open(f"{faces}/{path}", "rb").read()).hexdigest() == sha256, path
    agreed += 1
for file, sha256 in catalog.execute("SELECT file, sha256 FROM shard"):
    assert hashlib.sha256(open(f"{store}/shards/{file}", "rb").read()).hexdigest() == sha256, file
assert sum(len(images) for images in shards.values()) == agreed
print(f"{agreed} samples agree")
