"""The error of a convolution whose spectra are 16-bit floats, beside that of direct sums of 16-bit floats.

usage: .python/bin/python Benchmarks/spectra_bf16.py LFW     LFW is a folder of photographs, in folders of persons

Both are computed exactly (double precision) from rounded numbers, so that the figures hold for any program that rounds the
factors of its products to 16 bits and adds in 32. Layer 1 of lfw-koch reads photographs, layer 2 what layer 1 makes of them;
kernels are random, as before the first step, and then with a mean, as trained ones have. The error is the root mean square,
relative to that of the exact result without its mean over an image and a filter, which a bias could remove.
"""
import glob
import sys

import numpy as np
from PIL import Image


def narrow(x):
    """The nearest 16-bit floats (bfloat16), ties to even."""
    bits = x.astype(np.float32).view(np.uint32).astype(np.uint64)
    return (((bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16).astype(np.uint32)).view(np.float32).astype(np.float64)


def narrow_complex(x):
    return narrow(np.ascontiguousarray(x.real)) + 1j * narrow(np.ascontiguousarray(x.imag))


def transformed(x, length):
    return np.fft.rfft2(x, (length, length), axes=(1, 2))


def output(x, k, length, rounded):
    """x: [images, y, x, channels], k: [filters, y, x, channels]; valid convolution."""
    a, b = transformed(x, length), np.conj(transformed(k, length))
    if rounded:
        a, b = narrow_complex(a), narrow_complex(b)
    side = x.shape[1] - k.shape[1] + 1
    return np.fft.irfft2(np.einsum("nyxc,fyxc->nyxf", a, b), (length, length), axes=(1, 2))[:, :side, :side]


def kernel_gradient(x, g, kernel, length, rounded):
    a, b = transformed(x, length), np.conj(transformed(g, length))
    if rounded:
        a, b = narrow_complex(a), narrow_complex(b)
    return np.fft.irfft2(np.einsum("nyxc,nyxf->fyxc", a, b), (length, length), axes=(1, 2))[:, :kernel, :kernel]


def error(found, exact):
    spread = exact - exact.mean(axis=(1, 2), keepdims=True)
    return np.sqrt(np.mean((found - exact) ** 2) / np.mean(spread**2))


def report(name, x, k, g, length):
    exact = output(x, k, length, False)
    direct, spectra = output(narrow(x), narrow(k), length, False), output(x, k, length, True)
    line = [error(direct, exact), error(spectra, exact)]
    exact = kernel_gradient(x, g, k.shape[1], length, False)
    direct = kernel_gradient(narrow(x), narrow(g), k.shape[1], length, False)
    spectra = kernel_gradient(x, g, k.shape[1], length, True)
    line += [error(direct, exact), error(spectra, exact)]
    print(f"{name:34}" + "".join(f"{value:11.1e}" for value in line))


def pooled(x):
    side = x.shape[1] // 2 * 2
    x = np.maximum(x[:, :side, :side], 0)
    return x.reshape(len(x), side // 2, 2, side // 2, 2, -1).max(axis=(2, 4))


random = np.random.default_rng(1)
files = sorted(glob.glob(f"{sys.argv[1]}/*/*.jpg"))
files = [files[i] for i in random.choice(len(files), 8, replace=False)]
photographs = np.stack([np.asarray(Image.open(f).convert("RGB").resize((105, 105))) for f in files]) / 255.0
print(f"{'':34}{'output':>22}{'kernel gradient':>22}\n{'':34}" + f"{'direct':>11}{'spectra':>11}" * 2)
for title, mean in (("random", 0.0), ("with a mean", 0.01)):
    first = random.normal(mean, 0.05, (64, 10, 10, 3))
    second = random.normal(mean, 0.05, (32, 7, 7, 64))
    middle = pooled(output(photographs - 0.5, first, 108, False))
    gradient = random.normal(0, 1, (8, 96, 96, 64)) * (random.random((8, 96, 96, 64)) < 0.25)
    report(f"105x105x3, 64 of 10x10, {title}", photographs - 0.5, first, gradient, 108)
    gradient = random.normal(0, 1, (8, 42, 42, 32)) * (random.random((8, 42, 42, 32)) < 0.25)
    report(f"48x48x64, 32 of 7x7, {title}", middle, second, gradient, 48)
