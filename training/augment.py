"""From drawings to what a page shows: recoloured, laid on grounds and tiles, scaled, turned, cut, covered, degraded.

Works on whole batches on the device.  Colours are 0..1, frames span -1..1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from training.degrade import degrade
from training.scenes import chosen, grounds, plain, tiles, uniform

INK = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Atlas:
    """All drawings on the device, and what is known of each."""

    pictures: Tensor
    """N x 4 x SIDE x SIDE, uint8, straight alpha."""
    mean: Tensor
    """N x 3, mean visible colour."""
    main: Tensor
    """N x 3, the commonest visible colour."""
    inner: Tensor
    """N, bool: still a picture when laid on its commonest colour (a letter on a disc)."""
    tones: Tensor
    """N x 2, 5th and 95th percentile of visible brightness."""
    box: Tensor
    """N x 2, width and height as a share of the longer side."""


def survey(pictures: Tensor) -> Atlas:
    """Measure the drawings (uint8, N x 4 x SIDE x SIDE), a few hundred at a time."""
    means, mains, inners, tones, boxes = [], [], [], [], []
    ink = torch.tensor(INK, device=pictures.device)[:, None]
    for part in pictures.split(256):
        pixels = F.avg_pool2d(part.float() / 255.0, 4).flatten(2)
        colour, alpha = pixels[:, :3], pixels[:, 3]
        # averaged with transparent black: divide it out
        colour = colour / alpha.clamp(min=0.25)[:, None]
        solid = (alpha > 0.9).float()
        solid = torch.where(solid.sum(dim=1, keepdim=True) > 8, solid, (alpha > 0.3).float())
        weight = solid.sum(dim=1, keepdim=True).clamp(min=1)
        means.append((colour * solid[:, None]).sum(dim=2) / weight)
        levels = (colour.clamp(0, 1) * 4.999).floor()
        code = (levels[:, 0] * 25 + levels[:, 1] * 5 + levels[:, 2]).long()
        counts = torch.zeros(len(part), 125, device=part.device).scatter_add_(1, code, solid)
        own = (code == counts.argmax(dim=1, keepdim=True)).float() * solid
        main = (colour * own[:, None]).sum(dim=2) / own.sum(dim=1, keepdim=True).clamp(min=1)
        mains.append(main)
        apart = ((colour - main[:, :, None]).abs().amax(dim=1) > 0.3).float() * solid
        shown = part[:, 3] > 16
        width, height = shown.any(dim=1).sum(dim=1), shown.any(dim=2).sum(dim=1)
        # lettering in several colours must not lose all but its dots: only what fills its box is taken for a tile or a disc
        full = shown.sum(dim=(1, 2)) / (width * height).clamp(min=1) > 0.6
        inners.append(full & (apart.sum(dim=1) / weight[:, 0] > 0.06) & (own.sum(dim=1) / weight[:, 0] > 0.35))
        bright = (colour * ink).sum(dim=1)
        low = torch.where(solid > 0, bright, 2.0).quantile(0.001, dim=1)
        high = torch.where(solid > 0, bright, -1.0).amax(dim=1)
        tones.append(torch.stack([low, high], dim=1).clamp(0, 1))
        boxes.append(torch.stack([width, height], dim=1) / part.shape[-1])
    return Atlas(
        pictures, torch.cat(means), torch.cat(mains), torch.cat(inners), torch.cat(tones), torch.cat(boxes).float()
    )


def views(atlas: Atlas, index: Tensor, pages: Tensor, side: int) -> Tensor:
    """One imagined appearance of each drawing in ``index``: N x 3 x side x side in 0..255."""
    count, device = len(index), index.device
    exact = torch.float16 if device.type == "cuda" else torch.float32
    drawn = atlas.pictures[index].to(exact) / 255.0
    colour, alpha = drawn[:, :3], drawn[:, 3:]
    mean, main, inner = atlas.mean[index], atlas.main[index], atlas.inner[index]

    matrix, offset = _recolour(count, device)
    turned = torch.baddbmm(offset.to(exact)[:, :, None], matrix.to(exact), colour.flatten(2))
    colour = turned.view_as(colour).clamp(0, 1)
    mean = (torch.einsum("nij,nj->ni", matrix, mean) + offset).clamp(0, 1)
    main = (torch.einsum("nij,nj->ni", matrix, main) + offset).clamp(0, 1)

    under = _readable(plain(count, device), mean)
    melted = inner & chosen(count, 0.35, device)
    under = torch.where(melted[:, None], main, under)
    colour, mean, under = _two_tones(atlas, index, colour, mean, under, drawn, melted)
    colour, alpha = _stroke(colour, alpha)

    tiled = chosen(count, 0.3, device)
    fill, centre, half, radius = _place(atlas.box[index], tiled)
    layer = _render(torch.cat([colour * alpha, alpha], dim=1), fill, centre, side)
    outside = plain(count, device)
    colours = torch.where(tiled[:, None], outside, under)
    scene = grounds(colours, pages, side, dull=melted & ~tiled)
    cover = tiles(half, centre, radius, side) * tiled[:, None, None, None]
    scene = scene * (1 - cover) + under[:, :, None, None] * cover
    scene = _neighbours(scene, layer)
    scene = scene * (1 - layer[:, 3:]) + layer[:, :3]
    return degrade(_covered(scene)) * 255.0


def _recolour(count: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Per picture an affine map of RGB: hue turned, saturation, contrast and brightness changed, or nothing."""
    ink = torch.tensor(INK, device=device)
    identity = torch.eye(3, device=device).expand(count, 3, 3)
    angle = torch.where(
        chosen(count, 0.3, device), uniform((count,), -3.14, 3.14, device), uniform((count,), -0.12, 0.12, device)
    )
    # rotation about the grey axis (Rodrigues)
    axis = torch.full((3,), 3**-0.5, device=device)
    cross = torch.tensor([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=device) * axis[0]
    c, s = angle.cos()[:, None, None], angle.sin()[:, None, None]
    turn = identity * c + cross * s + torch.outer(axis, axis) * (1 - c)
    saturation = torch.where(
        chosen(count, 0.12, device), torch.zeros(count, device=device), uniform((count,), 0.6, 1.3, device)
    )
    grey = ink.expand(3, 3)
    saturate = grey + (identity - grey) * saturation[:, None, None]
    contrast = uniform((count, 1, 1), 0.75, 1.15, device)
    invert = torch.where(chosen(count, 0.06, device), -1.0, 1.0)[:, None, None]
    matrix = saturate @ turn * contrast * invert
    offset = uniform((count, 1), -0.1, 0.1, device) + (1 - contrast[:, :, 0]) / 2 + (1 - invert[:, :, 0]) / 2
    keep = chosen(count, 0.35, device)
    return torch.where(keep[:, None, None], identity, matrix), torch.where(keep[:, None], 0.0, offset.expand(count, 3))


def _readable(ground: Tensor, colour: Tensor) -> Tensor:
    """The ground, or black or white where the colour could not be told from it."""
    close = (ground - colour).abs().amax(dim=1, keepdim=True) < 0.28
    opposite = (colour.mean(dim=1, keepdim=True) < 0.5).float().expand(-1, 3)
    return torch.where(close, opposite, ground)


def _two_tones(
    atlas: Atlas, index: Tensor, colour: Tensor, mean: Tensor, under: Tensor, drawn: Tensor, melted: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """A quarter of the drawings in one ink: dark parts in it, light parts as the ground (or the other way round)."""
    count, device = len(index), index.device
    mono = chosen(count, 0.25, device) & ~melted
    ink = torch.where(
        chosen(count, 0.5, device)[:, None],
        torch.randint(2, (count, 1), device=device).float().expand(-1, 3),
        torch.rand(count, 3, device=device),
    )
    ground = _readable(plain(count, device), ink)
    low, high = atlas.tones[index].unbind(1)
    bright = drawn[:, :1] * INK[0] + drawn[:, 1:2] * INK[1] + drawn[:, 2:3] * INK[2]
    slope = (1 / (high - low).clamp(min=0.05)).to(drawn.dtype)[:, None, None, None]
    share = ((bright - low.to(drawn.dtype)[:, None, None, None]) * slope).clamp(0, 1)
    flip = chosen(count, 0.2, device)[:, None, None, None]
    share = torch.where(flip, 1 - share, share)
    # hard edges between the two, as one-coloured icon sets are drawn, or soft ones
    cut = uniform((count, 1, 1, 1), 0.3, 0.7, device).to(share.dtype)
    hard = chosen(count, 0.5, device)[:, None, None, None]
    share = torch.where(hard, ((share - cut) * 8 + 0.5).clamp(0, 1), share)
    # or a silhouette, unless it would be a mere disc or tile
    shadow = ~atlas.inner[index] & chosen(count, 0.2, device)
    share = torch.where(shadow[:, None, None, None], torch.zeros_like(share), share)
    # one ink already, or nearly: all of it takes the new one
    share = torch.where((high - low < 0.2)[:, None, None, None], torch.zeros_like(share), share)
    exact = drawn.dtype
    toned = torch.lerp(ink.to(exact)[:, :, None, None], ground.to(exact)[:, :, None, None], share)
    pick = mono[:, None]
    return (
        torch.where(pick[:, :, None, None], toned, colour),
        torch.where(pick, ink, mean),
        torch.where(pick, ground, under),
    )


def _stroke(colour: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
    """A sixth of the drawings bolder or thinner by a pixel of theirs, as another hand would draw them."""
    order = torch.randperm(len(alpha), device=alpha.device)
    bold, thin = order[: len(alpha) // 10], order[len(alpha) // 10 : len(alpha) // 6]
    if len(bold):
        ink, cover = colour[bold], alpha[bold]
        # what grows takes the colour that stands next to it
        spread = F.avg_pool2d(ink * cover, 5, 1, 2) / F.avg_pool2d(cover, 5, 1, 2).clamp(min=0.02)
        colour = colour.index_copy(0, bold, torch.where(cover > 0.5, ink, spread.clamp(0, 1)))
        alpha = alpha.index_copy(0, bold, F.max_pool2d(cover, 3, 1, 1))
    if len(thin):
        alpha = alpha.index_copy(0, thin, -F.max_pool2d(-alpha[thin], 3, 1, 1))
    return colour, alpha


def _place(box: Tensor, tiled: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Size of the logo's longer side in the frame, its centre, and half sides and corner of the tile under it."""
    count, device = len(box), box.device
    kind = torch.rand(count, device=device)
    fill = torch.where(kind < 0.55, uniform((count,), 0.82, 1.0, device), uniform((count,), 0.45, 0.82, device))
    fill = torch.where(kind > 0.87, uniform((count,), 1.0, 1.22, device), fill)
    square = chosen(count, 0.7, device)[:, None]
    pad = uniform((count, 2), 0.12, 0.9, device)
    half = torch.where(
        square, torch.ones(count, 2, device=device) * (1 + pad[:, :1]), box + pad * box.amin(dim=1, keepdim=True)
    )
    # with a tile it is the tile that fills the frame
    fill = torch.where(tiled, fill / half.amax(dim=1), fill)
    taken = torch.where(tiled, fill * half.amax(dim=1), fill)
    moved = chosen(count, 0.6, device)[:, None] * uniform((count, 2), -1.0, 1.0, device)
    centre = moved * (1 - taken).abs()[:, None]
    radius = torch.where(
        chosen(count, 0.3, device), torch.zeros(count, device=device), torch.rand(count, device=device)
    )
    return fill, centre, half * fill[:, None], radius


def _render(layer: Tensor, fill: Tensor, centre: Tensor, side: int) -> Tensor:
    """Premultiplied layers drawn at their places, at twice the size and averaged: N x 4 x side x side."""
    count, device = len(layer), layer.device
    angle = uniform((count,), -0.1, 0.1, device) * chosen(count, 0.25, device)
    stretch = torch.exp(uniform((count, 2), -0.09, 0.09, device) * chosen(count, 0.35, device)[:, None])
    scale = 1.0 / (fill[:, None] * stretch)
    c, s = angle.cos(), angle.sin()
    rows = torch.zeros(count, 3, 3, device=device)
    rows[:, 0, 0], rows[:, 0, 1] = c * scale[:, 0], s * scale[:, 0]
    rows[:, 1, 0], rows[:, 1, 1] = -s * scale[:, 1], c * scale[:, 1]
    rows[:, :2, 2] = -torch.einsum("nij,nj->ni", rows[:, :2, :2], centre)
    rows[:, 2, :2] = uniform((count, 2), -0.12, 0.12, device) * chosen(count, 0.15, device)[:, None]
    rows[:, 2, 2] = 1.0
    wide = 2 * side
    line = (torch.arange(wide, device=device) + 0.5) / wide * 2 - 1
    base = torch.stack(
        [line[None].expand(wide, -1), line[:, None].expand(-1, wide), torch.ones(wide, wide, device=device)], dim=-1
    )
    spot = torch.einsum("nij,hwj->nhwi", rows, base)
    grid = (spot[..., :2] / spot[..., 2:]).to(layer.dtype)
    return F.avg_pool2d(F.grid_sample(layer, grid, align_corners=False), 2).float()


def _neighbours(scene: Tensor, layer: Tensor) -> Tensor:
    """Every seventh frame shows a piece of another logo at an edge."""
    count, device = len(layer), layer.device
    far = uniform((count,), 0.75, 1.15, device) * side_of(count, device) * scene.shape[-1]
    shift = far.round().long()
    along = torch.arange(scene.shape[-1], device=device)
    source = along[None] - shift[:, None]
    inside = ((source >= 0) & (source < scene.shape[-1])).float()[:, None, None, :]
    picked = source.clamp(0, scene.shape[-1] - 1)[:, None, None, :].expand(-1, 4, scene.shape[-1], -1)
    other = layer.roll(1, dims=0).gather(3, picked) * inside
    other = other * chosen(count, 0.14, device)[:, None, None, None]
    return scene * (1 - other[:, 3:]) + other[:, :3]


def side_of(count: int, device: torch.device) -> Tensor:
    """-1 or 1."""
    return torch.randint(2, (count,), device=device).float() * 2 - 1


def _covered(scene: Tensor) -> Tensor:
    """Every eighth frame with a rectangle over up to a third of it."""
    count, device, side = len(scene), scene.device, scene.shape[-1]
    half = uniform((count, 2), 0.08, 0.42, device)
    cover = tiles(half, uniform((count, 2), -1.0, 1.0, device), torch.rand(count, device=device), side)
    cover = cover * chosen(count, 0.12, device)[:, None, None, None]
    return scene * (1 - cover) + torch.rand(count, 3, 1, 1, device=device) * cover
