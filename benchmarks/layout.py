"""Recognition of copied pages that are partly covered, moved or changed, compared with hashes of whole pages.

    python benchmarks/layout.py ../shared/bench [--others 10000]

Every page of the folder stands for an official page.  Each is changed in the ways below and searched for among all of them; it
counts as found if the best match is the page itself or one of its variant.  "Another page" means pages of other variants and
labels, searched for while their own are left out.  ``--others`` adds that many pages, drawn by code with a fixed seed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import dnstwist
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.labelled_pages import LabelledPage, load_pages  # noqa: E402
from detector.signals.screenshot.official_pictures import OfficialPages, from_pictures  # noqa: E402
from detector.signals.screenshot.screenshot_signal import measure_of, rank_of  # noqa: E402

Pixels = NDArray[np.uint8]
COPY = 0.5
"""Measure from which the signal's finding speaks of a copy."""


def _banner(height: int) -> Callable[[Pixels], Pixels]:
    def change(page: Pixels) -> Pixels:
        bar = np.full((height, page.shape[1], 3), (200, 40, 40), np.uint8)
        return np.vstack([bar, page])[: len(page)]

    return change


def _cookies(page: Pixels) -> Pixels:
    page = page.copy()
    page[-140:] = (250, 250, 240)
    return page


def _dialog(page: Pixels) -> Pixels:
    page = page.copy()
    page[250:550, 400:880] = 255
    return page


def _aside(page: Pixels) -> Pixels:
    return np.hstack([np.full((len(page), 60, 3), 255, np.uint8), page])[:, : page.shape[1]]


def _cut(page: Pixels) -> Pixels:
    down, across = round(0.025 * page.shape[0]), round(0.025 * page.shape[1])
    return np.asarray(cv2.resize(page[down:-down, across:-across], page.shape[1::-1]))


def _zoomed(scale: float) -> Callable[[Pixels], Pixels]:
    def change(page: Pixels) -> Pixels:
        height, width = page.shape[:2]
        resized = np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        other = np.full_like(page, 255)
        inset, left = max(0, (width - resized.shape[1]) // 2), max(0, (resized.shape[1] - width) // 2)
        part = resized[:height, left : left + width]
        other[: len(part), inset : inset + part.shape[1]] = part
        return other

    return change


def _jpeg(page: Pixels) -> Pixels:
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_COLOR))


def _noise(page: Pixels) -> Pixels:
    return np.clip(page + np.random.default_rng(1).normal(0, 12, page.shape), 0, 255).astype(np.uint8)


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "as it is": lambda page: page,
    "banner of 80 px": _banner(80),
    "banner of 128 px": _banner(128),
    "cookie bar": _cookies,
    "dialog over the middle": _dialog,
    "60 px to the right": _aside,
    "5 % cut off": _cut,
    "zoom 90 %": _zoomed(0.9),
    "zoom 110 %": _zoomed(1.1),
    "JPEG of quality 30": _jpeg,
    "noise": _noise,
    "channels swapped": lambda page: page[..., ::-1],
}


def drawn_pages(count: int) -> Iterator[Pixels]:
    """Sign-in pages of no brand: a bar, a card with fields, buttons and lines of letters, and other boxes."""
    dice = random.Random(5)
    for _ in range(count):
        ground = dice.choice((255, 255, 250, 245, 240, 120, 90, 60, 30))
        page = Image.new("RGB", (320, 200), (ground,) * 3)
        draw = ImageDraw.Draw(page)
        ink = [(shade,) * 3 for shade in (0 if ground > 128 else 255, 80, 120)]
        if dice.random() < 0.6:
            draw.rectangle((0, 0, 320, dice.randint(8, 22)), fill=_colour(dice))
        if dice.random() < 0.3:
            draw.rectangle((dice.choice((0, 160)), 0, dice.choice((160, 320)), 200), fill=_colour(dice))
        wide, left, top = dice.randint(70, 130), dice.choice((20, 95, 110, 200)), dice.randint(20, 60)
        draw.rectangle((left, top, left + wide, top + dice.randint(80, 150)), fill=(255, 255, 255), outline=ink[2])
        row, right = top + 8, left + wide - 8
        for _ in range(dice.randint(3, 8)):
            kind = dice.random()
            if kind < 0.6:
                draw.rectangle(
                    (left + 8, row, right, row + 9), fill=_colour(dice) if kind < 0.2 else None, outline=ink[1]
                )
                row += 13
                continue
            at, end = left + 8, dice.randint(left + 30, right)
            while at < end:
                word = dice.randint(3, 12)
                draw.rectangle((at, row, min(end, at + word), row + 2), fill=dice.choice(ink))
                at += word + 2
            row += 5
        for _ in range(dice.randint(0, 12)):
            x, y = dice.randint(0, 300), dice.randint(0, 190)
            draw.rectangle((x, y, x + dice.randint(2, 60), y + dice.randint(1, 14)), fill=_colour(dice))
        yield np.asarray(page).repeat(4, axis=0).repeat(4, axis=1)


def _colour(dice: random.Random) -> tuple[int, int, int]:
    return dice.randint(0, 255), dice.randint(0, 255), dice.randint(0, 255)


class Ours:
    def __init__(self, pages: Sequence[Pixels], others: int = 0) -> None:
        self.name = "clonewatch, hash and blocks" + (f", among {others:,} more" if others else "")
        known = chain(pages, drawn_pages(others))
        self._official: OfficialPages = from_pictures((str(n), "page", page) for n, page in enumerate(known))

    def best(self, page: Pixels, without: frozenset[int]) -> tuple[int | None, bool]:
        found = [like for like in self._official.nearest(page) if like.page not in without]
        best = max(found, key=rank_of, default=None)
        return (best.page, measure_of(best) >= COPY) if best else (None, False)


class WholeHash:
    def __init__(
        self,
        name: str,
        hash_of: Callable[[Pixels], Any],
        far: Callable[[Any, Any], float],
        most: float,
        pages: Sequence[Pixels],
    ) -> None:
        self.name, self._hash_of, self._far, self._most = name, hash_of, far, most
        self._known = [hash_of(page) for page in pages]

    def best(self, page: Pixels, without: frozenset[int]) -> tuple[int | None, bool]:
        mine = self._hash_of(page)
        far, number = min((self._far(mine, other), n) for n, other in enumerate(self._known) if n not in without)
        return number, far <= self._most


def _average(page: Pixels) -> Any:
    import io

    out = io.BytesIO()
    Image.fromarray(page).save(out, "BMP")
    return dnstwist.pHash(out)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what a changed copy of a page is still recognised by.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--others", type=int, default=0, help="pages drawn by code to look among as well")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    labelled = load_pages(options.folder)
    pages = [np.asarray(Image.open(page.picture).convert("RGB")) for page in labelled]
    systems: list[Ours | WholeHash] = [
        Ours(pages),
        *([Ours(pages, options.others)] if options.others else []),
        WholeHash(
            "pHash-256, <= 26 bits", lambda p: imagehash.phash(Image.fromarray(p), 16), lambda a, b: a - b, 26, pages
        ),
        WholeHash("dnstwist, >= 90 of 100", _average, lambda a, b: 100 - (a - b), 10, pages),
    ]
    kin = [frozenset(k for k, other in enumerate(labelled) if _kin(page, other)) for page in labelled]
    print("| change | " + " | ".join(system.name for system in systems) + " |")
    print("| --- |" + " --- |" * len(systems))
    for name, change in CHANGES.items():
        cells = []
        for system in systems:
            hits = [system.best(change(page), frozenset()) for page in pages]
            cells.append(sum(sure and number in kin[k] for k, (number, sure) in enumerate(hits)) / len(pages))
        print(f"| {name} | " + " | ".join(f"{cell:.1%}" for cell in cells) + " |", flush=True)
    false, pace = [], []
    for system in systems:
        spent, wrong = [], 0
        for k, page in enumerate(pages):
            began = time.process_time()
            _, sure = system.best(page, kin[k])
            spent.append(time.process_time() - began)
            wrong += sure
        false.append(f"{wrong} of {len(pages)}")
        pace.append(f"{1000 * median(spent):.0f}")
    print("| another page taken for it | " + " | ".join(false) + " |")
    print("| CPU ms a page | " + " | ".join(pace) + " |")


def _kin(page: LabelledPage, other: LabelledPage) -> bool:
    """The same page, variant or label, or of the same template."""
    if page.clone != other.clone:
        return False
    if page.clone:
        return page.variant == other.variant or (page.label is not None and page.label == other.label)
    return page.picture.stem.split("__")[0] == other.picture.stem.split("__")[0]


if __name__ == "__main__":
    main()
