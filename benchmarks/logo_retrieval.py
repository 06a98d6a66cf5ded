"""Retrieval of brands by the logo encoder, also of brands outside its training, beside ImageNet features and a perceptual hash.

    python -m training.prepare --only-sets logos,s16,tiny,skill
    python benchmarks/logo_retrieval.py [--packages .train/npm] [--imagenet .train/imagenet.onnx] [--bench ../shared/bench]

Gallery: all drawings of ``@iconify-json/logos``.  Queries: two drawing sets that were never trained on (super-tiny-icons,
skill-icons), and ``simple-icons`` in brand colour of the brands that were never trained on.  A query counts when the gallery
has its brand.  "unseen" are the brands that training was shown in no set, "mark held" those of them for whose mark the gallery has
any drawing (``no_such_mark.txt`` lists the others).  R@k: the brand is among the k best brands.
Separation: at the similarity that one in 1,000 (10,000) pairs of a query and another brand reaches, the share of queries whose
own brand does. ``--imagenet`` takes what ``python -m training.export --imagenet`` writes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.logo_lockups import lockups_table  # noqa: E402
from benchmarks.logo_pages import pages_table  # noqa: E402
from detector.index.logo_encoder import logo_encoder, prepare  # noqa: E402
from training.raster import draw  # noqa: E402
from training.sets import is_unseen, read_sets  # noqa: E402

LACKING = Path(__file__).with_name("no_such_mark.txt")
Pixels = NDArray[np.uint8]
Vectors = NDArray[np.float32]
Embed = Callable[[list[Pixels]], Vectors]


class Drawn(NamedTuple):
    """One icon: RGBA pixels, and whose it is."""

    set: str
    brand: str
    pixels: Pixels


def drawings(packages: Path) -> list[Drawn]:
    """All icons that can be drawn of the sets that this benchmark uses."""
    icons = read_sets(packages, frozenset({"logos", "s16", "tiny", "skill"}))
    found = ((icon, draw(icon.svg)) for icon in icons if icon.set != "s16" or is_unseen(icon.brand))
    return [Drawn(icon.set, icon.brand, pixels) for icon, pixels in found if pixels is not None]


def laid(pixels: Pixels, ground: int) -> Pixels:
    weight = pixels[:, :, 3:].astype(np.float32) / 255.0
    return np.asarray(np.rint(pixels[:, :, :3] * weight + ground * (1 - weight)), dtype=np.uint8)


def thumbnail(pixels: Pixels) -> Pixels:
    """24 pixels, JPEG of quality 60."""
    small = cv2.resize(laid(pixels, 255), (24, 24), interpolation=cv2.INTER_AREA)
    _, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 60])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)


def dark_grey(pixels: Pixels) -> Pixels:
    """The drawing without colour, light and dark exchanged, on near black: a page in dark mode."""
    grey = cv2.cvtColor(laid(pixels, 255), cv2.COLOR_RGB2GRAY)
    return np.repeat(np.maximum(255 - grey, 24)[:, :, None], 3, axis=2)


def cut(pixels: Pixels) -> Pixels:
    """An eighth cut off at the left and at the bottom."""
    whole = laid(pixels, 255)
    rows, columns = (np.flatnonzero((pixels[:, :, 3] > 16).any(axis=axis)) for axis in (1, 0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    return np.ascontiguousarray(whole[rows[0] : rows[-1] + 1 - height // 8, columns[0] + width // 8 : columns[-1] + 1])


VIEWS: dict[str, Callable[[Pixels], Pixels]] = {
    "as drawn": lambda pixels: pixels,
    "24 px, JPEG": thumbnail,
    "grey, dark mode": dark_grey,
    "cut": cut,
}


def phash(crops: list[Pixels]) -> Vectors:
    """pHash of 256 bits as vectors of +-1/16: their dot product is 1 - 2 x Hamming distance / 256."""
    rows = []
    for crop in crops:
        picture = prepare(crop, 64)
        grey = np.zeros((64, 64), np.uint8) if picture is None else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        low = cv2.dct(grey.astype(np.float32))[:16, :16].ravel()
        rows.append(np.where(low > np.median(low), 1.0, -1.0) / 16)
    return np.asarray(rows, dtype=np.float32)


def imagenet(path: Path) -> Embed:
    net = cv2.dnn.readNetFromONNX(str(path))

    def embed(crops: list[Pixels]) -> Vectors:
        rows = []
        for crop in crops:
            picture = prepare(crop, 224)
            if picture is None:
                rows.append(np.zeros(1280, np.float32))
                continue
            net.setInput(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]).astype(np.float32))
            row = net.forward()[0].copy()
            rows.append(row / np.linalg.norm(row))
        return np.asarray(rows, dtype=np.float32)

    return embed


class Figures(NamedTuple):
    queries: int
    first: float
    five: float
    at_1000: tuple[float, float]
    at_10000: tuple[float, float]


def figures(queries: Vectors, wanted: list[str], gallery: Vectors, brands: list[str]) -> Figures:
    """R@1, R@5, and (similarity, recall) at the two false-match rates."""
    names = sorted(set(brands))
    number = {name: i for i, name in enumerate(names)}
    order = np.argsort([number[brand] for brand in brands], kind="stable")
    starts = np.searchsorted(np.asarray([number[brands[i]] for i in order]), np.arange(len(names)))
    best = np.maximum.reduceat(queries @ gallery[order].T, starts, axis=1)
    own_index = np.asarray([number[brand] for brand in wanted])
    own = best[np.arange(len(wanted)), own_index]
    others = best.copy()
    others[np.arange(len(wanted)), own_index] = -2
    ranks = (others >= own[:, None]).sum(axis=1)
    strangers = np.sort(others[others > -2])[::-1]
    points = []
    for rate in (1e-3, 1e-4):
        threshold = float(strangers[int(len(strangers) * rate)])
        points.append((threshold, float((own > threshold).mean())))
    return Figures(len(wanted), float((ranks < 1).mean()), float((ranks < 5).mean()), points[0], points[1])


def row(name: str, view: str, what: str, found: Figures) -> str:
    points = " | ".join(f"{recall:.3f} ({threshold:.2f})" for threshold, recall in (found.at_1000, found.at_10000))
    return f"| {name} | {view} | {what} | {found.queries} | {found.first:.3f} | {found.five:.3f} | {points} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the logo encoder.")
    parser.add_argument("--packages", type=Path, default=ROOT / ".train" / "npm")
    parser.add_argument("--imagenet", type=Path, help="ImageNet features as an ONNX file")
    parser.add_argument("--bench", type=Path, help="a folder with clones/ and benign/: measure on pages too")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    encoder = logo_encoder()
    systems: dict[str, Embed] = {"ours": encoder.embed, "pHash-256": phash}
    if options.imagenet:
        systems["ImageNet"] = imagenet(options.imagenet)
    icons = drawings(options.packages)
    shelf = [icon for icon in icons if icon.set == "logos"]
    brands = [icon.brand for icon in shelf]
    known = set(brands)
    lacking = {(line.split()[0], line.split()[1]) for line in LACKING.read_text().splitlines() if line[:1] != "#"}
    print(f"encoder {encoder.version} in {encoder.runtime}; gallery: {len(shelf)} drawings of {len(known)} brands\n")
    print("| system | view | queries | n | R@1 | R@5 | recall at FMR 1e-3 (similarity) | at FMR 1e-4 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, embed in systems.items():
        began = time.process_time()
        gallery = embed([icon.pixels for icon in shelf])
        pace = (time.process_time() - began) / len(shelf) * 1000
        for view, change in VIEWS.items() if name == "ours" else [("as drawn", VIEWS["as drawn"])]:
            for source in ("tiny", "skill", "s16"):
                asked = [icon for icon in icons if icon.set == source and icon.brand in known]
                vectors = embed([change(icon.pixels) for icon in asked])
                unseen = [i for i, icon in enumerate(asked) if is_unseen(icon.brand)]
                held = [i for i in unseen if (source, asked[i].brand) not in lacking]
                for what, keep in (("all", list(range(len(asked)))), ("unseen", unseen), ("unseen, mark held", held)):
                    if what == "all" and source == "s16":
                        continue
                    wanted = [asked[i].brand for i in keep]
                    print(
                        row(name, view, f"{source}, {what}", figures(vectors[keep], wanted, gallery, brands)),
                        flush=True,
                    )
        print(f"| {name} | | {pace:.1f} ms CPU a drawing, preparation included | | | | | |", flush=True)
    print("\n" + lockups_table([icon.pixels for icon in shelf], brands, encoder.embed))
    if options.bench:
        print("\n" + pages_table(options.bench, ROOT / "brand_assets", encoder))


if __name__ == "__main__":
    main()
