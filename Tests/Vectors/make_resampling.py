"""Writes pictures and what Pillow makes of them, for the versions before and after its passes changed order.

usage: python make_resampling.py > ../ImagingTests/Resources/resampling.json        with Pillow 12.2.0
       python make_resampling.py > ../ImagingTests/Resources/resampling13.json      with Pillow 13.0.0
"""
import json

import numpy as np
import PIL
from PIL import Image

assert PIL.__version__ in ("12.2.0", "13.0.0"), PIL.__version__
rng = np.random.default_rng(0)
SIZES = [((23, 17), (9, 11)), ((9, 7), (20, 31)), ((16, 30), (16, 11)), ((25, 12), (7, 12)), ((31, 29), (2, 40)), ((1, 1), (5, 3))]
# Portraits, on both sides of the rule by which Pillow 13 begins with the vertical pass.
SIZES += [((17, 40), (9, 11)), ((30, 64), (25, 20)), ((21, 50), (40, 13)), ((20, 50), (20, 13)), ((40, 50), (20, 13)), ((33, 60), (21, 36)), ((33, 60), (21, 35)), ((12, 20), (12, 40))]
cases = []
for channels, mode in ((1, "L"), (3, "RGB")):
    for (width, height), size in SIZES:
        pixels = rng.integers(0, 256, (height, width, channels), dtype=np.uint8)
        # Hard edges drive the negative lobes past both ends of the range.
        pixels[: height // 2, : width // 2] = np.where(pixels[: height // 2, : width // 2] > 127, 255, 0)
        picture = Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode)
        for name, filter in (("lanczos", Image.LANCZOS), ("bilinear", Image.BILINEAR)):
            result = np.asarray(picture.resize(size, filter))
            cases.append({"filter": name, "width": width, "height": height, "channels": channels, "pixels": pixels.tobytes().hex(),
                          "target_width": size[0], "target_height": size[1], "result": result.tobytes().hex()})
rgb = rng.integers(0, 256, (8, 32, 3), dtype=np.uint8)
luma = {"width": 32, "height": 8, "pixels": rgb.tobytes().hex(), "result": np.asarray(Image.fromarray(rgb).convert("L")).tobytes().hex()}
print(json.dumps({"pillow": PIL.__version__, "cases": cases, "luma": luma}, indent=0))
