"""From the pack to what the training loop draws from: pictures, classes, and how often each class comes."""

from __future__ import annotations

import json
import lzma
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from training.raster import SIDE, Rgba, draw, render_all, respaced
from training.sets import Icon
from training.wordmarks import PAGE, invent, letter, page

ALIKE = 0.985
"""Correlation of 32 x 32 contrast pictures from which two drawings count as one, whatever their names say."""
WEIGHTS = {"token": 0.35, "ui": 0.35, "emoji": 0.3, "word": 0.5}
"""Frequency with which a class is drawn, against 1 for a brand of one set and 1.6 for a brand of several."""


@dataclass
class Data:
    """Rows of ``pictures`` are drawings; ``icons`` says what they are (None: invented lettering)."""

    pictures: Tensor
    icons: list[Icon | None]
    pages: Tensor
    members: list[list[int]]
    """Per class the rows that are drawings of it; only classes that are trained on."""
    weights: NDArray[np.float64]


def load(pack: Path, *, words: int, pages: int, seed: int, limit: int | None = None) -> Data:
    """Draw the pack (``limit`` icons of it), invent ``words`` wordmarks and ``pages`` grounds."""
    rng = np.random.default_rng(seed)
    processes = os.cpu_count() or 1
    icons = [Icon(**row) for row in json.loads(lzma.decompress((pack / "icons.json.xz").read_bytes()))]
    icons = [icon for icon in icons if icon.split != "held_out"]
    if limit:
        icons = [icons[i] for i in rng.permutation(len(icons))[:limit]]
    drawn, done = render_all(lambda item: draw(item.svg), icons, processes, (SIDE, SIDE, 4))  # type: ignore[attr-defined]
    print(f"{int(done.sum())} of {len(icons)} icons drawn", flush=True)
    rows = np.flatnonzero(done)
    pictures, kept = drawn[rows], [icons[i] for i in rows]
    wide = [i for i in range(len(kept)) if kept[i].split != "unseen" and _aspect(pictures[i]) > 2.2]
    spread, ok = render_all(
        lambda i: respaced(pictures[i], np.random.default_rng([seed, i])), wide, processes, (SIDE, SIDE, 4)
    )  # type: ignore[call-overload, index]
    fonts = sorted((pack / "fonts").iterdir())
    texts = sorted({invent(rng) for _ in range(words)})
    orders = [(text, k) for text in texts for k in range(4)]
    lettered, fine = render_all(
        lambda o: letter(o[0], fonts, np.random.default_rng([seed, hash_of(o)])), orders, processes, (SIDE, SIDE, 4)
    )  # type: ignore[index]
    bank, _ = render_all(lambda s: page(int(str(s)), fonts), list(range(pages)), processes, (PAGE, PAGE, 4))
    extra = [kept[i] for i, good in zip(wide, ok, strict=True) if good]
    everything: list[Icon | None] = [*kept, *extra, *[None] * int(fine.sum())]
    labels = [icon.brand for icon in (*kept, *extra)] + [
        f"word:{o[0]}" for o, good in zip(orders, fine, strict=True) if good
    ]
    stacked = _on_device([pictures, spread[ok], lettered[fine]])
    members, weights = _classes(everything, labels, twins(stacked[: len(kept)]))
    return Data(
        stacked,
        everything,
        torch.from_numpy(bank[..., :3].copy()).permute(0, 3, 1, 2).contiguous().to(stacked.device),
        members,
        weights,
    )


def _on_device(parts: list[NDArray[np.uint8]]) -> Tensor:
    """One array of channels-first pictures, turned on the device a thousand at a time: turning gigabytes here would take longer."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    whole = torch.empty((sum(map(len, parts)), 4, SIDE, SIDE), dtype=torch.uint8, device=device)
    at = 0
    for part in parts:
        for start in range(0, len(part), 1000):
            piece = torch.from_numpy(np.ascontiguousarray(part[start : start + 1000])).to(device)
            whole[at : at + len(piece)] = piece.permute(0, 3, 1, 2)
            at += len(piece)
    return whole


def hash_of(order: object) -> int:
    """A number that is the same in every process and run."""
    import zlib

    return zlib.crc32(repr(order).encode())


def _aspect(square: Rgba) -> float:
    shown = square[:, :, 3] > 16
    return float(shown.any(axis=0).sum() / max(1, shown.any(axis=1).sum()))


def twins(pictures: Tensor) -> list[tuple[int, int]]:
    """Pairs of rows that show the same drawing, colours aside."""
    vectors = []
    for part in pictures.split(512):
        pixels = F.avg_pool2d(part.float() / 255.0, SIDE // 32)
        grey = pixels[:, :3].mean(dim=1)
        light = grey.sum(dim=(1, 2)) / pixels[:, 3].sum(dim=(1, 2)).clamp(min=1) > 0.75
        ink = torch.where(light[:, None, None], grey, pixels[:, 3] - grey).flatten(1)
        ink = ink - ink.mean(dim=1, keepdim=True)
        vectors.append(F.normalize(ink, dim=1))
    stacked = torch.cat(vectors)
    found = []
    for start in range(0, len(stacked), 1024):
        close = (stacked[start : start + 1024] @ stacked.T > ALIKE).nonzero().cpu().numpy()
        found += [(int(a) + start, int(b)) for a, b in close if a + start < b]
    return found


def _classes(
    icons: list[Icon | None], labels: list[str], pairs: list[tuple[int, int]]
) -> tuple[list[list[int]], NDArray[np.float64]]:
    """Classes joined where they share a drawing; a drawing that a held-out or validation brand shares is not trained on."""
    names = sorted(set(labels))
    number = {name: i for i, name in enumerate(names)}
    parent = list(range(len(names)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    splits = [icon.split if icon else "train" for icon in icons]
    banned = set()
    for a, b in pairs:
        if splits[a] == splits[b] == "train":
            parent[root(number[labels[a]])] = root(number[labels[b]])
        else:
            banned |= {a, b}
    groups: dict[int, list[int]] = defaultdict(list)
    for row, label in enumerate(labels):
        if splits[row] == "train" and row not in banned:
            groups[root(number[label])].append(row)
    members = [rows for _, rows in sorted(groups.items())]
    weights = []
    for rows in members:
        space = labels[rows[0]].split(":")[0] if ":" in labels[rows[0]] else ""
        sets = {icon.set for icon in (icons[r] for r in rows) if icon}
        weights.append(WEIGHTS.get(space, 1.6 if len(sets) > 1 else 1.0))
    return members, np.asarray(weights) / np.sum(weights)
