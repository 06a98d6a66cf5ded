"""Recognition of clones that hide which brand they imitate, and false flags on innocent pages that show brands' logos.

    python benchmarks/evasions.py [--folder FOLDER] [--brands 32] [--split dev|test|all] [--render-only]

Pages are made by code (``benchmarks/evasion``), captured by the real browser, and judged at a neutral address, with all page
facts and as pictures alone.  Brands are split into halves: ``dev`` was used while the detector was made, the published figures
are of ``test``.
FOLDER (by default in the cache) keeps the rendered pages: FOLDER/SPLIT/clones and FOLDER/SPLIT/benign, as ``../shared/bench``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.evasion.changes import CHANGES, ONE_PICTURE, ordinary  # noqa: E402
from benchmarks.evasion.innocents import KINDS  # noqa: E402
from benchmarks.evasion.marks import Mark, chosen_brands, invented, mark_of_brand, split_of  # noqa: E402
from benchmarks.evasion.pages import LAYOUTS  # noqa: E402
from benchmarks.evasion.render import Made, one_picture, render  # noqa: E402
from benchmarks.labelled_pages import Outcome, judge_pages, load_pages, same_brand  # noqa: E402
from detector.brands import BrandLibrary, load_library  # noqa: E402
from detector.index import cache_folder  # noqa: E402
from detector.model import Decision  # noqa: E402

INNOCENTS = 10
"""Pages of each innocent kind, half of them a split."""


def clones(marks: Sequence[Mark]) -> Iterator[Made]:
    """Every evasion of every brand's page; the page as one picture is made later."""
    for number, mark in enumerate(marks):
        other = marks[(number + 1) % len(marks)]
        sheet = ordinary(mark, LAYOUTS[crc32(mark.id.encode()) % len(LAYOUTS)])
        for kind, change in CHANGES.items():
            name = f"{mark.id}__{kind.replace(' ', '-').replace('%', 'pc')}__evasion"
            yield Made(name, change(sheet, mark, other).render(), mark.id, kind, split_of(mark.id))


def innocents(marks: Sequence[Mark]) -> Iterator[Made]:
    """Every innocent kind with brands of one split each."""
    for split in ("dev", "test"):
        mine = [mark for mark in marks if split_of(mark.id) == split]
        for kind, make in KINDS.items():
            for number in range(INNOCENTS // 2):
                seed = crc32(f"{split} {kind} {number}".encode())
                shown = [mine[(seed + 5 * k) % len(mine)] for k in range(7)]
                document = make(invented(seed % 9973), list({mark.id: mark for mark in shown}.values()), number)
                yield Made(f"{kind.replace(' ', '-')}-{split}-{number}__innocent", document, None, kind, split)


def make_pages(folder: Path, library: BrandLibrary, count: int) -> None:
    """Render all pages that are not there yet; a finished folder is used as it is."""
    done = folder / f"made-{count}"
    if done.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    marks = [mark_of_brand(brand) for brand in chosen_brands(library, count)]
    made = [*clones(marks), *innocents(marks)]
    seen = 0
    for split in ("dev", "test"):
        seen += render([page for page in made if page.split == split], folder / split)
    for split in ("dev", "test"):
        bases = [page for page in made if page.split == split and page.kind == "none"]
        seen += render(
            [
                one_picture(
                    folder / split / "clones" / f"{page.name}.png",
                    Made(page.name.replace("__none__", "__one-picture__"), "", page.brand, ONE_PICTURE, split),
                )
                for page in bases
            ],
            folder / split,
        )
    print(f"{seen} pages of {len(made) + len(marks)} rendered into {folder}", file=sys.stderr)
    done.touch()


def table(outcomes: Sequence[Outcome], alone: Sequence[Outcome], library: BrandLibrary) -> list[str]:
    """A line for each evasion and each innocent kind."""
    lines = [
        "| evasion | pages | identified | flagged right | flagged wrong | identified, picture alone |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for kind in dict.fromkeys(o.page.variant for o in outcomes if o.page.clone):
        mine, pictures = ([o for o in some if o.page.variant == kind and o.page.clone] for some in (outcomes, alone))
        right = [o for o in mine if _right(o, library)]
        flagged = sum(o.verdict.decision is Decision.FLAGGED for o in right)
        wrong = sum(o.verdict.decision is Decision.FLAGGED for o in mine) - flagged
        seen = sum(_right(o, library) for o in pictures)
        total = len(mine)
        lines.append(
            f"| {kind} | {total} | {len(right) / total:.0%} | {flagged / total:.0%} | {wrong} | {seen / total:.0%} |"
        )
    lines += [
        "",
        "| innocent pages | pages | flagged | review | flagged, picture alone |",
        "| --- | --- | --- | --- | --- |",
    ]
    for kind in dict.fromkeys(o.page.variant for o in outcomes if not o.page.clone):
        mine, pictures = (
            [o for o in some if o.page.variant == kind and not o.page.clone] for some in (outcomes, alone)
        )
        flagged = sum(o.verdict.decision is Decision.FLAGGED for o in mine)
        review = sum(o.verdict.decision is Decision.REVIEW for o in mine)
        pictured = sum(o.verdict.decision is Decision.FLAGGED for o in pictures)
        lines.append(f"| {kind} | {len(mine)} | {flagged} | {review} | {pictured} |")
    return lines


def _right(outcome: Outcome, library: BrandLibrary) -> bool:
    sent = outcome.verdict.decision in {Decision.FLAGGED, Decision.REVIEW}
    return sent and same_brand(library, outcome.verdict.brand, outcome.page.label or "")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the judge against evasions and innocent pages.")
    parser.add_argument("--folder", type=Path, default=cache_folder() / "evasions")
    parser.add_argument("--brands", type=int, default=32)
    parser.add_argument("--split", choices=("dev", "test", "all"), default="test")
    parser.add_argument("--render-only", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    library = load_library([ROOT / "brand_assets"])
    make_pages(options.folder, library, options.brands)
    if options.render_only:
        return
    pages = []
    for split in ("dev", "test") if options.split == "all" else (options.split,):
        pages += load_pages(options.folder / split)
    outcomes = list(judge_pages(pages, library))
    alone = list(judge_pages(pages, library, facts=False))
    print("\n".join(table(outcomes, alone, library)))
    for outcome in outcomes:
        if outcome.verdict.decision is Decision.FLAGGED and not _right(outcome, library):
            print(f"wrong: {outcome.page.picture}: {outcome.verdict.sentence}", file=sys.stderr)


if __name__ == "__main__":
    main()
