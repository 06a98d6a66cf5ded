"""Degradations of pixels on the way: shrunk to 16 px and up again, blurred, saved as JPEG, noised."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from training.scenes import chosen, uniform

RESOLUTIONS = (16, 24, 24, 32, 32, 48, 48, 64, 64, 64, 96, 96, 128, 128, 128, 128)
"""Pixels of the frame's side before it is scaled to the encoder's input; one sixteenth of a batch each."""

# ITU T.81, annex K, tables K.1 and K.2
LUMA = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"
)
CHROMA = "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99 " + "99 " * 32


def degrade(pictures: Tensor) -> Tensor:
    """N x 3 x S x S in 0..1, each through a resolution, blur, JPEG and noise at random."""
    count, _, side, _ = pictures.shape
    order = torch.randperm(count, device=pictures.device)
    out = torch.empty_like(pictures)
    for part, resolution in zip(order.chunk(len(RESOLUTIONS)), RESOLUTIONS, strict=False):
        small = pictures[part]
        if resolution < side:
            small = F.interpolate(small, size=(resolution, resolution), mode="area")
        small = _blur(small)
        small = torch.where(chosen(len(part), 0.55, small.device)[:, None, None, None], jpeg(small), small)
        noise = torch.randn_like(small) * (torch.rand(len(part), 1, 1, 1, device=small.device) ** 4 * 0.09)
        small = (small + noise).clamp(0, 1)
        if resolution != side:
            mode = "bicubic" if torch.rand(()).item() < 0.5 else "bilinear"
            small = F.interpolate(small, size=(side, side), mode=mode, align_corners=False)
        out[part] = small.clamp(0, 1)
    return out


def _blur(pictures: Tensor) -> Tensor:
    """Gaussian, one sigma a picture, for every third picture."""
    count, channels = pictures.shape[:2]
    # a blurred thumbnail shows nothing: the fewer pixels, the less blur
    sigma = uniform((count, 1), 0.3, 0.5 + pictures.shape[-1] / 110, pictures.device)
    reach = torch.arange(-4, 5, device=pictures.device)[None]
    kernel = torch.exp(-(reach**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)
    flat = F.pad(pictures, (4, 4, 4, 4), mode="replicate").reshape(
        1, count * channels, *(s + 8 for s in pictures.shape[2:])
    )
    flat = F.conv2d(flat, kernel[:, None, :, None], groups=count * channels)
    flat = F.conv2d(flat, kernel[:, None, None, :], groups=count * channels)
    return torch.where(
        chosen(count, 0.33, pictures.device)[:, None, None, None], flat.reshape(pictures.shape), pictures
    )


def _table(text: str, device: torch.device) -> Tensor:
    return torch.tensor([float(word) for word in text.split()], device=device).view(8, 8)


def jpeg(pictures: Tensor) -> Tensor:
    """Quantised as JPEG does at qualities from 20 to 95 (libjpeg's scaling), half of them with halved chroma."""
    count, _, height, width = pictures.shape
    device = pictures.device
    red, green, blue = (pictures * 255.0).unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    ycc = torch.stack([luma - 128, 0.564 * (blue - luma), 0.713 * (red - luma)], dim=1)
    halved = F.interpolate(F.avg_pool2d(ycc[:, 1:], 2), scale_factor=2, mode="nearest")
    ycc[:, 1:] = torch.where(chosen(count, 0.5, device)[:, None, None, None], halved, ycc[:, 1:])
    k = torch.arange(8, device=device, dtype=torch.float32)
    basis = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) * 0.5
    basis[0] *= math.sqrt(0.5)
    quality = uniform((count,), 20, 95, device)
    factor = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality) / 100
    tables = torch.stack([_table(LUMA, device), _table(CHROMA, device), _table(CHROMA, device)])
    steps = (tables[None] * factor[:, None, None, None]).round().clamp(1, 255)[:, :, None, None]
    blocks = ycc.view(count, 3, height // 8, 8, width // 8, 8).transpose(3, 4)
    coefficients = ((basis @ blocks @ basis.T) / steps).round() * steps
    back = (basis.T @ coefficients @ basis).transpose(3, 4).reshape(count, 3, height, width)
    y, cb, cr = back.unbind(1)
    y = y + 128
    rgb = torch.stack([y + 1.402 * cr, y - 0.344 * cb - 0.714 * cr, y + 1.772 * cb], dim=1)
    return (rgb / 255.0).clamp(0, 1)
