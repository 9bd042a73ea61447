"""Takes the blocks of Python out of Documentation/Store.md.

usage: python store_documentation.py STORE.md FOLDER      writes reader.py and digest.py
"""
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
blocks = [block for block in re.findall(r"(?:^    .*\n|^\n)+", text, re.M) if "import " in block]
blocks = ["\n".join(line[4:] for line in block.splitlines()).strip() + "\n" for block in blocks]
assert len(blocks) == 2, len(blocks)
reader, digest = blocks
assert "safe_open" in reader and "hashlib" in digest
open(f"{sys.argv[2]}/reader.py", "w").write(reader + "        print(path, image.shape, int(image.sum()))\n")
open(f"{sys.argv[2]}/digest.py", "w").write(digest)
