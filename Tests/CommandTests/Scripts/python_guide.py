"""Runs the blocks and queries of Documentation/Python.md on a store in ./out, for a test.

usage: python_guide.py PYTHON.md PROTOCOL
"""
import re
import sqlite3
import sys

text = open(sys.argv[1], encoding="utf-8").read()
blocks = [
    "\n".join(line[4:] for line in block.splitlines()) for block in re.findall(r"(?:^    .*\n|^\n)+", text, re.M)
    if "import " in block
]
assert len(blocks) == 2, len(blocks)
numpy_names, torch_names = {}, {}
exec(blocks[0], numpy_names)
exec(blocks[1], torch_names)
images = numpy_names["images"]
assert len(images) == len(numpy_names["identities"]) > 0
pairs = torch_names["Pairs"]("out", sys.argv[2])
left, right, genuine = pairs[0]
assert left.shape == right.shape == images[0].transpose(2, 0, 1).shape and 0 <= left.min() < left.max() <= 1
catalog = sqlite3.connect("out/catalog.sqlite")
queries = re.findall(r'sqlite3 out/catalog.sqlite "(.*)"', text)
assert len(queries) == 5
print(len(images), len(pairs), genuine, *[len(catalog.execute(query).fetchall()) for query in queries])
