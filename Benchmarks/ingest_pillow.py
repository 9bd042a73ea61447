"""Decoding, RGB and LANCZOS to 105x105 with two processes of Pillow or Pillow-SIMD; prints images a second.

usage: python ingest_pillow.py LIST     LIST: one path a line; nothing is stored or hashed
"""
import sys
import time
from multiprocessing import Pool

import numpy as np
from PIL import Image


def sample(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB").resize((105, 105), Image.LANCZOS))


if __name__ == "__main__":
    paths = open(sys.argv[1]).read().splitlines()
    with Pool(2) as pool:
        start = time.time()
        for _ in pool.imap_unordered(sample, paths, chunksize=64):
            pass
        print(len(paths) / (time.time() - start))
