"""What the benchmarks share: the built tools, running them, and the table."""
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.environ.get("DATA", f"{ROOT}/../shared/data")
PYTHON = os.environ.get("PYTHON", f"{ROOT}/.python/bin/python")
PYTHON_SIMD = os.environ.get("PYTHON_SIMD", f"{ROOT}/.python-simd/bin/python")
PYTHON_TORCH = os.environ.get("PYTHON_TORCH", f"{ROOT}/.python-torch/bin/python")
PYTHON_LOADERS = os.environ.get("PYTHON_LOADERS", f"{ROOT}/.python-loaders/bin/python")
PEERS = os.environ.get("PEERS", f"{ROOT}/../shared/peers")
REPEAT = int(os.environ.get("REPEAT", "3"))


def tools():
    command = ["swift", "build", "-c", "release", "--show-bin-path"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def summary(*command):
    return json.loads(run(*command, "--json", "--quiet").splitlines()[-1])


def stores(bin, folder):
    """A store for each shape of samples: real faces where they lie, drawn ones otherwise."""
    made = {}
    lfw, orl = f"{DATA}/lfw-deepfunneled", f"{DATA}/orl_faces"
    if not (os.path.isdir(lfw) and os.path.isdir(orl)):
        run(f"{bin}/demo-faces", f"{folder}/faces")
        lfw = orl = f"{folder}/faces"
    for name, source, shape in (
        ("orl-keras", orl, ("--size", "46x56", "--color", "gray")),
        ("105", lfw, ("--size", "105", "--color", "rgb")),
        ("64", lfw, ("--size", "64", "--color", "rgb")),
    ):
        made[name] = f"{folder}/store-{name}"
        summary(f"{bin}/prep", "ingest", source, "--out", made[name], *shape)
        summary(f"{bin}/prep", "pairs", "--out", made[name], "--split", "identity")
    return made


def has(python, *modules):
    probe = [python, "-c", "import " + ", ".join(modules)]
    return os.path.exists(python) and subprocess.run(probe, capture_output=True).returncode == 0


def table(heading, rows):
    rows = [heading] + rows
    widths = [max(len(row[i]) for row in rows) for i in range(len(heading))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
