"""The encoder on image boxes of labelled pages: which brand each is nearest to.  Part of ``logo_retrieval``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.brands import BrandLibrary, load_library
from detector.index.logo_encoder import LogoEncoder
from detector.signals.logo.gallery import drawings

Pixels = NDArray[np.uint8]
Vectors = NDArray[np.float32]
SIMILARITIES = (0.5, 0.6, 0.7, 0.8)


def shelf_of(library: BrandLibrary, encoder: LogoEncoder) -> tuple[Vectors, NDArray[np.str_]]:
    """Every logo of every brand as the signal ``logo`` lays it out, and whose it is."""
    drawn = [(brand.answer, picture) for brand in library for logo in brand.logos for picture in drawings(logo)]
    return encoder.embed([picture for _, picture in drawn]), np.asarray([brand for brand, _ in drawn])


def boxes(folder: Path) -> Iterator[tuple[Any, list[Pixels]]]:
    """The facts of each page, and what its image boxes show (14 to 620 pixels a side)."""
    for path in sorted(folder.glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        stored = cv2.imread(str(path.with_suffix(".png")))
        assert stored is not None, f"{path.with_suffix('.png')} is no picture"
        picture = cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)
        crops = []
        for image in facts["images"]:
            x, y, width, height = image["box"]
            left, top = max(0, round(x)), max(0, round(y))
            right, bottom = min(picture.shape[1], round(x + width)), min(picture.shape[0], round(y + height))
            if 14 <= right - left <= 620 and 14 <= bottom - top <= 620:
                crops.append(np.asarray(picture[top:bottom, left:right], dtype=np.uint8))
        yield facts, crops


def pages_table(bench: Path, assets: Path, encoder: LogoEncoder) -> str:
    """Identification on ``clones/`` and strangers on ``benign/``, as Markdown."""
    library = load_library([assets])
    gallery, owners = shelf_of(library, encoder)
    known = {brand.answer for brand in library}
    labelled = top_somewhere = without = 0
    right, wrong, benign = [], [], []
    for facts, crops in boxes(bench / "clones"):
        if facts["brand"] is None or facts["brand"] not in known:
            continue
        labelled += 1
        wanted = {facts["brand"]} | ({"facebook"} if facts["brand"] == "messenger" else set())
        mine = np.isin(owners, sorted(wanted))
        if not crops or not mine.any():
            without += 1
            continue
        scores = encoder.embed(crops) @ gallery.T
        ours, theirs = scores[:, mine].max(axis=1), scores[:, ~mine].max(axis=1)
        top_somewhere += bool((ours > theirs).any())
        right.append(float(ours.max()))
        wrong.append(float(theirs.max()))
    for _, crops in boxes(bench / "benign"):
        benign.append(float((encoder.embed(crops) @ gallery.T).max()) if crops else 0.0)
    lines = [
        f"{labelled} labelled clone pages, {without} without an image box of 14 to 620 pixels or a logo of the brand; "
        f"the right brand "
        f"is nearest to some box on {top_somewhere}, among {len(known)} brands and {len(owners)} drawings.",
        "",
        "| best similarity from | right brand's, clone pages | another brand's, the same pages | any brand's, benign pages |",
        "| --- | --- | --- | --- |",
    ]
    for level in SIMILARITIES:
        counts = [sum(value >= level for value in values) for values in (right, wrong, benign)]
        lines.append(
            f"| {level} | {counts[0]} of {len(right)} | {counts[1]} of {len(wrong)} | {counts[2]} of {len(benign)} |"
        )
    return "\n".join(lines)
