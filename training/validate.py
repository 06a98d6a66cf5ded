"""Figures of a network on brands that it was not trained on (the validation brands, never the held-out ones)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from training.augment import Atlas, views
from training.data import Data

Embed = Callable[[Tensor], Tensor]


def laid_plain(atlas: Atlas, rows: Tensor, side: int) -> Tensor:
    """Drawings as the encoder meets them in a gallery: on white (on dark where white would hide them), filling the frame."""
    drawn = F.interpolate(atlas.pictures[rows].float() / 255.0, size=(side, side), mode="area")
    pale = (atlas.mean[rows].amin(dim=1) > 0.8).float()[:, None, None, None]
    ground = 1.0 - pale * 0.87
    return (drawn[:, :3] * drawn[:, 3:] + ground * (1 - drawn[:, 3:])) * 255.0


def retrieval(data: Data, atlas: Atlas, embed: Embed, side: int) -> dict[str, float]:
    """R@1 of validation brands against all trained and validation brands of the set ``logos``.

    ``clean``: drawings of other sets as they are; ``hard``: those and the gallery's own through the augmentation.
    """
    named = [(row, icon) for row, icon in enumerate(data.icons) if icon is not None]
    first: dict[tuple[str, str], int] = {}
    for row, icon in named:
        first.setdefault((icon.set, icon.name), row)
    unique = [(row, icon) for row, icon in named if first[icon.set, icon.name] == row]
    gallery = [(row, icon.brand) for row, icon in unique if icon.set == "logos" and icon.split != "unseen"]
    shelf = {brand for _, brand in gallery}
    asked = [(row, icon) for row, icon in unique if icon.split == "validation" and icon.brand in shelf]
    others = [(row, icon.brand) for row, icon in asked if icon.set not in {"logos", "logosold"}]
    if not gallery or not others:
        return {}
    device = atlas.mean.device
    every = [(row, icon.brand) for row, icon in asked]

    def encoded(rows: list[int], make: Callable[[Tensor], Tensor]) -> Tensor:
        parts = torch.tensor(rows, device=device).split(256)
        return torch.cat([embed(make(part)) for part in parts])

    vectors = encoded([row for row, _ in gallery], lambda part: laid_plain(atlas, part, side))
    clean = encoded([row for row, _ in others], lambda part: laid_plain(atlas, part, side))
    hard = encoded([row for row, _ in every], lambda part: views(atlas, part, data.pages, side))
    brands = [brand for _, brand in gallery]

    def right(queries: Tensor, wanted: list[str]) -> float:
        top = (queries @ vectors.T).argmax(dim=1).tolist()
        return sum(brands[t] == w for t, w in zip(top, wanted, strict=True)) / len(wanted)

    return {
        "gallery": float(len(shelf)),
        "queries": float(len(others)),
        "clean": right(clean, [brand for _, brand in others]),
        "hard": right(hard, [brand for _, brand in every]),
    }
