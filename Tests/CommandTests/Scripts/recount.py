"""Counts a store anew with sqlite3 and numpy, for the tests of `prep stats` and `prep ingest`.

usage: recount.py STORE
"""
import json
import sqlite3
import sys

import numpy

store = sys.argv[1]
catalog = sqlite3.connect(f"file:{store}/catalog.sqlite?mode=ro", uri=True)
rows = catalog.execute(
    "SELECT shard, row, path, identity, width, height, brightness, contrast, sharpness FROM samples").fetchall()
images = {}
worst = 0.0
for shard, row, path, identity, width, height, *quality in rows:
    if shard not in images:
        with open(f"{store}/shards/{shard}", "rb") as file:
            size = int.from_bytes(file.read(8), "little")
            shape = json.loads(file.read(size))["images"]["shape"]
            images[shard] = numpy.frombuffer(file.read(), numpy.uint8).reshape(shape)
    pixels = images[shard][row].astype(numpy.int64)
    if pixels.shape[2] == 3:
        pixels = (pixels @ numpy.array([19595, 38470, 7471]) + 0x8000) >> 16
    else:
        pixels = pixels[:, :, 0]
    inner = (pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:] - 4 * pixels[1:-1, 1:-1])
    own = (pixels.mean(), pixels.std(), inner.var())
    worst = max(worst, max(abs(a - b) / max(1, abs(a)) for a, b in zip(own, quality)))
shape = next(iter(images.values())).shape
per = {}
for _, _, _, identity, *_ in rows:
    per[identity] = per.get(identity, 0) + 1
groups = [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 50), (51, 10**9)]
print(json.dumps({
    "samples": len(rows), "identities": len(per), "worst": worst,
    "groups": [sum(low <= count <= high for count in per.values()) for low, high in groups],
    "enlarged": sum(width < shape[2] or height < shape[1] for _, _, _, _, width, height, *_ in rows),
    "brightness": [sum(int(row[6] // 16) == place for row in rows) for place in range(16)],
    "formats": dict(catalog.execute("SELECT format, count(*) FROM samples GROUP BY format")),
}))
