"""Peer of `train` on Benchmarks/recipes/residual-small.yaml: the same step in PyTorch, milliseconds.

usage: python residual_torch.py CLASSES STEPS [bf16]        (pip install torch)
Random pictures in memory, turned, scaled, shifted and brightened as the recipe does.
"""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

classes, steps, bf16 = int(sys.argv[1]), int(sys.argv[2]), "bf16" in sys.argv[3:]
BATCH, MARGIN, SCALE = 64, 0.3, 24.0
torch.set_num_threads(2)
torch.manual_seed(0)


def unit(channels, filters, stride):
    return [nn.Conv2d(channels, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters), nn.PReLU(filters)]


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(*unit(channels, channels, 1), *unit(channels, channels, 1)[:2])

    def forward(self, x):
        return F.relu(x + self.body(x))


layers = unit(3, 32, 1) + unit(32, 64, 2) + [Block(64)] + unit(64, 96, 2) + [Block(96)] + unit(96, 160, 2) + [Block(160)]
layers += unit(160, 256, 2) + [nn.Flatten(), nn.Dropout(0.4), nn.Linear(4096, 128), nn.BatchNorm1d(128)]
net = nn.Sequential(*layers).to(memory_format=torch.channels_last)
weights = nn.Parameter(torch.randn(classes, 128) * 0.05)
optimizer = torch.optim.AdamW([*net.parameters(), weights], 2e-3, weight_decay=5e-2)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=10_000)
images = torch.randint(0, 256, (1024, 3, 64, 64), dtype=torch.uint8).contiguous(memory_format=torch.channels_last)
labels = torch.randint(0, classes, (1024,))


def augmented(x):
    x = x.float() / 127.5 - 1
    n = len(x)
    flip = torch.rand(n) < 0.5
    x[flip] = x[flip].flip(3)
    angle, scale, shift = (torch.rand(n) - 0.5) * 0.35, 1 + (torch.rand(n) - 0.5) * 0.25, (torch.rand(n, 2) - 0.5) * 0.25
    top = torch.stack([scale * angle.cos(), -scale * angle.sin(), shift[:, 0]], 1)
    bottom = torch.stack([scale * angle.sin(), scale * angle.cos(), shift[:, 1]], 1)
    grid = F.affine_grid(torch.stack([top, bottom], 1), x.shape, align_corners=False)
    x = F.grid_sample(x, grid, align_corners=False, padding_mode="reflection")
    x = x * (1 + (torch.rand(n, 1, 1, 1) - 0.5) * 0.5) + (torch.rand(n, 1, 1, 1) - 0.5) * 0.4
    return x.contiguous(memory_format=torch.channels_last)


def step():
    chosen = torch.randint(0, 1024, (BATCH,))
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        features = net(augmented(images[chosen]))
    cosine = F.normalize(features.float()) @ F.normalize(weights).t() - MARGIN * F.one_hot(labels[chosen], classes)
    loss = F.cross_entropy(SCALE * cosine, labels[chosen])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    schedule.step()


for _ in range(3):
    step()
start = time.time()
for _ in range(steps):
    step()
print(f"{(time.time() - start) / steps * 1e3:.1f}")
