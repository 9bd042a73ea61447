"""Runs every command of the README and the documentation, file by file, in a folder of its own.

usage: python run_documentation.py CHECKOUT TOOLS FACES [DATA]

TOOLS: the folder of prep and train; FACES: photographs of a few people, one folder each; DATA: the folder of the
real data sets, without which commands that name them are counted as skipped. A line `<!-- with: COMMAND -->` is run
too: it makes what the commands below it begin with. Trainings are cut after two steps.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

checkout, tools, faces = sys.argv[1:4]
data = sys.argv[4] if len(sys.argv) > 4 else None
REAL = ("lfw-deepfunneled", "cfp", "orl_faces")
environment = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}")
# What makes a cross-validation short: one epoch of two steps.
SHORT = " --epochs 1 --set batch=4 --set 'sampler={balanced: {pairs-per-epoch: 8}}'"
ran = skipped = 0


def commands(path):
    """The commands of a file in order: (hidden, text)."""
    for line in open(path, encoding="utf-8"):
        hidden = re.fullmatch(r"<!-- with: (.*) -->\s*", line)
        if hidden:
            yield True, hidden.group(1)
        # A table of output has numbers behind its first word.
        elif re.match(r"    (prep|train) [a-z-]", line):
            yield False, line.strip().split("  #")[0].strip()


def mirror(source, target):
    """A folder of one's own with links to the files: whatever a command writes, it writes here."""
    for place, _, names in os.walk(source):
        inner = os.path.join(target, os.path.relpath(place, source))
        os.makedirs(inner, exist_ok=True)
        for name in names:
            os.symlink(os.path.join(place, name), os.path.join(inner, name))


def prepare(folder, texts):
    """The photographs that the commands name."""
    for name in ("faces", "olivetti"):
        mirror(faces, f"{folder}/{name}")
    for name in REAL:
        if data and any(name in text for text in texts):
            mirror(f"{data}/{name}", f"{folder}/{name}")
    if os.path.exists(f"{folder}/lfw-deepfunneled"):
        # The lists of LFW lie beside its images, as the text says.
        for name in os.listdir(f"{data}/lfw-protocol"):
            if name.startswith(("pairs", "people")):
                os.symlink(f"{data}/lfw-protocol/{name}", f"{folder}/lfw-deepfunneled/{name}")


for path in [f"{checkout}/README.md"] + sorted(glob.glob(f"{checkout}/Documentation/*.md")):
    if path.endswith("Commands.md"):
        continue
    with tempfile.TemporaryDirectory() as folder:
        found = list(commands(path))
        prepare(folder, [text for _, text in found])
        missing = set()
        for hidden, text in found:
            if hidden and text.startswith("prep ingest"):
                subprocess.run(["rm", "-rf", f"{folder}/out"])
            store = re.search(r"--(?:out|shards) (\S+)", text)
            store = store.group(1) if store else "out"
            if not data and (any(name in text for name in REAL) or store in missing):
                missing.add(store)
                skipped += 1
                continue
            if hidden:
                missing.discard(store)
            text = re.sub(r"train --shards \S+", lambda match: match.group(0) + " --steps 2", text)
            text = re.sub(r"train crossval --shards \S+", lambda match: match.group(0) + SHORT, text)
            done = subprocess.run(["bash", "-c", text], cwd=folder, env=environment, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"{os.path.relpath(path, checkout)}: {text}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
            ran += 1
print(f"{ran} commands ran, {skipped} skipped")
