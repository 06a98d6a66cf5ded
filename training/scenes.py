"""Backgrounds of logos: plain colours, gradients, photo-like noise, pieces of pages, rounded tiles.  All on the device, in
batches."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def uniform(shape: tuple[int, ...], low: float, high: float, device: torch.device) -> Tensor:
    return torch.rand(shape, device=device) * (high - low) + low


def chosen(count: int, probability: float, device: torch.device) -> Tensor:
    return torch.rand(count, device=device) < probability


def plain(count: int, device: torch.device) -> Tensor:
    """N x 3: white, near white, dark, or any colour."""
    kind = torch.rand(count, 1, device=device)
    white = torch.ones(count, 3, device=device)
    near = uniform((count, 3), 0.88, 1.0, device)
    dark = uniform((count, 3), 0.0, 0.2, device)
    anything = torch.rand(count, 3, device=device)
    return torch.where(kind < 0.38, white, torch.where(kind < 0.5, near, torch.where(kind < 0.7, dark, anything)))


def grounds(colours: Tensor, pages: Tensor, side: int, dull: Tensor) -> Tensor:
    """N x 3 x side x side: around ``colours`` (N x 3), some with a gradient, noise or a page.

    ``dull`` (N, bool) marks those that must stay plain.
    """
    count, device = len(colours), colours.device
    flat = colours[:, :, None, None].expand(-1, -1, side, side)
    kind = torch.rand(count, device=device)
    kind = torch.where(dull, torch.zeros_like(kind), kind)[:, None, None, None]
    line = torch.linspace(-1, 1, side, device=device)
    angle = uniform((count, 1, 1), 0.0, 6.2832, device)
    ramp = (line[None, None, :] * angle.cos() + line[None, :, None] * angle.sin())[:, None] * 0.35 + 0.5
    shift = uniform((count, 3, 1, 1), -0.5, 0.5, device)
    gradient = (flat + shift * ramp).clamp(0, 1)
    noise = torch.zeros(count, 3, side, side, device=device)
    for cells, strength in ((3, 0.35), (8, 0.2), (32, 0.08)):
        coarse = torch.randn(count, 3, cells, cells, device=device) * strength
        noise += F.interpolate(coarse, size=(side, side), mode="bilinear", align_corners=False)
    photo = (flat * 0.6 + 0.2 + noise * uniform((count, 1, 1, 1), 0.3, 1.0, device)).clamp(0, 1)
    out = torch.where(kind < 0.66, flat, torch.where(kind < 0.79, gradient, photo))
    return torch.where(kind < 0.89, out, _pieces(pages, count, side))


def _pieces(pages: Tensor, count: int, side: int) -> Tensor:
    """Random cut-outs of the page bank (uint8, P x 3 x H x H)."""
    device = pages.device
    picked = pages[torch.randint(len(pages), (count,), device=device)].float() / 255.0
    zoom = uniform((count,), 0.3, 0.9, device)
    theta = torch.zeros(count, 2, 3, device=device)
    theta[:, 0, 0] = theta[:, 1, 1] = zoom
    theta[:, :, 2] = uniform((count, 2), -1.0, 1.0, device) * (1 - zoom)[:, None]
    grid = F.affine_grid(theta, [count, 3, side, side], align_corners=False)
    return F.grid_sample(picked, grid, align_corners=False, padding_mode="border")


def tiles(half: Tensor, centre: Tensor, radius: Tensor, side: int) -> Tensor:
    """N x 1 x side x side coverage of rounded rectangles, in a frame that spans -1..1.

    ``half`` (N x 2: width, height) and ``centre`` (N x 2) in frame units, ``radius`` (N) as a share of the shorter half side.
    """
    line = (torch.arange(side, device=half.device) + 0.5) / side * 2 - 1
    short = half.amin(dim=1)
    corner = (radius * short)[:, None, None]
    x = (line[None, None, :] - centre[:, 0, None, None]).abs() - half[:, 0, None, None] + corner
    y = (line[None, :, None] - centre[:, 1, None, None]).abs() - half[:, 1, None, None] + corner
    distance = torch.sqrt(x.clamp(min=0) ** 2 + y.clamp(min=0) ** 2) + torch.maximum(x, y).clamp(max=0) - corner
    return (0.5 - distance * side / 2).clamp(0, 1)[:, None]
