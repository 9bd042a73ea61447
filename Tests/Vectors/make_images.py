"""Writes images.json: small image files and what Pillow 12.2.0 makes of them.

usage: python make_images.py > ../ImagingTests/Resources/images.json

Every entry has the bytes of a file and the pixels `convert` gives after `exif_transpose`; entries with a
`tolerance` are computed here from their formats' definitions.
"""
import base64
import io
import json
import struct

import numpy as np
import PIL
from PIL import Image, ImageOps

assert PIL.__version__ == "12.2.0", PIL.__version__
rng = np.random.default_rng(0)
smooth = np.kron(rng.integers(0, 256, (3, 4, 3)), np.ones((4, 4, 1))).astype(np.uint8)  # 12 rows of 16
rgb = Image.fromarray(smooth)
gray = Image.fromarray(smooth[..., 0])
entries = []


def saved(picture, format, **options):
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def add(name, file, pixels=None, tolerance=0):
    if pixels is None:
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
        pixels = np.asarray(picture if picture.mode == "L" else picture.convert("RGB"))
    height, width = pixels.shape[:2]
    entries.append({"name": name, "file": base64.b64encode(file).decode(), "width": width, "height": height,
                    "channels": 1 if pixels.ndim == 2 else pixels.shape[2], "pixels": pixels.tobytes().hex(), "tolerance": tolerance})


def linear_profile():
    """A matrix profile with sRGB's primaries and no curve (ICC.1:2010, sections 7.2, 9.2)."""
    def xyz(*values):
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)
    curve = b"curv\0\0\0\0" + struct.pack(">I", 0)
    text = b"linear test"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + b"\0" * 78
    tags = [(b"desc", description), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", xyz(0.9642, 1.0, 0.8249)),
            (b"rXYZ", xyz(0.43607, 0.22249, 0.01392)), (b"gXYZ", xyz(0.38515, 0.71687, 0.09708)),
            (b"bXYZ", xyz(0.14307, 0.06061, 0.71410)), (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    table, data, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, body in tags:
        body += b"\0" * (-len(body) % 4)
        table += name + struct.pack(">II", offset + len(data), len(body))
        data += body
    header = struct.pack(">I4sI4s4s4s12s4s4sI4sI8siii", 128 + len(table) + len(data), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ",
                         struct.pack(">6H", 2026, 1, 1, 0, 0, 0), b"acsp", b"\0" * 4, 0, b"\0" * 4, 0, b"\0" * 8, 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + data


for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    add(f"orientation-{orientation}.jpg", saved(rgb, "JPEG", quality=95, exif=exif))
add("plain.jpg", saved(rgb, "JPEG", quality=90))
add("progressive.jpg", saved(rgb, "JPEG", quality=90, progressive=True))
add("full-chroma.jpg", saved(rgb, "JPEG", quality=90, subsampling=0))
add("gray.jpg", saved(gray, "JPEG", quality=90))
add("rgb.png", saved(rgb, "PNG"))
add("gray.png", saved(gray, "PNG"))
add("palette.png", saved(rgb.quantize(16), "PNG"))
alpha = np.dstack([smooth, np.tile(np.arange(16, dtype=np.uint8) * 17, (12, 1))])
add("alpha.png", saved(Image.fromarray(alpha), "PNG"), smooth)
add("lossless.webp", saved(rgb, "WEBP", lossless=True))
add("rgb.tif", saved(rgb, "TIFF"))
add("rgb.bmp", saved(rgb, "BMP"))
add("rgb.ppm", saved(rgb, "PPM"))
add("first-frame.gif", saved(rgb.quantize(16), "GIF", save_all=True, append_images=[Image.new("P", rgb.size)]))
add("plain.ppm", f"P3 # a comment\n16 12\n255\n{' '.join(map(str, smooth.ravel()))}\n".encode(), smooth)
wide = (smooth[..., 0].astype(np.uint16) << 8) | 0x7F
add("gray-16.png", saved(Image.fromarray(wide), "PNG"), smooth[..., 0])
add("gray-16.pgm", b"P5\n16 12\n65535\n" + wide.astype(">u2").tobytes(), smooth[..., 0])
linear = smooth / 255.0
encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
add("linear-profile.png", saved(rgb, "PNG", icc_profile=linear_profile()), np.round(encoded * 255).astype(np.uint8), 2)
cyan = np.zeros((12, 16, 4), np.uint8)
cyan[..., 0] = 255
add("cyan-cmyk.jpg", saved(Image.fromarray(cyan, "CMYK"), "JPEG", quality=95), np.tile(np.array([0, 158, 224], np.uint8), (12, 16, 1)), 60)
print(json.dumps({"pillow": PIL.__version__, "images": entries}, indent=0))
