"""Other systems on the same pages in one run: identification, false flags, milliseconds; a table and a plot.

    python -m training.prepare && python -m training.export --imagenet .train/pack/trunk.npz .train/imagenet.onnx
    python benchmarks/peers.py ../shared/bench [--imagenet .train/imagenet.onnx] [--write]

Needs the extra ``bench``.  Whole-page hashes are given every labelled page of another variant to compare with, since no official
pages are at hand: kinder than the one reference page that they have in the field.  ``--write`` puts the table between the marks
``peers`` of ``docs/benchmarks.md``, and the plot into ``docs/peers.svg``.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.labelled_pages import (  # noqa: E402
    LabelledPage,
    Outcome,
    cpu_seconds,
    judge_pages,
    load_pages,
    same_brand,
    summarise,
)
from benchmarks.peer.systems import Answer, ImageNetFeatures, SiftRansac, System, whole_page_hashes  # noqa: E402
from detector.brands import BrandLibrary, load_library  # noqa: E402
from detector.config import DetectConfig  # noqa: E402
from detector.judge import Judge  # noqa: E402

PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "peers.svg"
MARKS = re.compile(r"(<!-- peers -->\n).*(<!-- /peers -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Result:
    """One system's answers for every page."""

    name: str
    threshold: float
    reference: str
    answers: list[Answer]
    seconds: list[float]


def run(system: System, pages: Sequence[LabelledPage]) -> Result:
    answers, seconds = [], []
    for page in pages:
        began = cpu_seconds()
        answers.append(system.answer(page))
        seconds.append(cpu_seconds() - began)
    return Result(system.name, system.threshold, system.reference, answers, seconds)


def ours(name: str, outcomes: Iterable[Outcome]) -> Result:
    """The judge's verdicts; the threshold is that of a flag."""
    outcomes = list(outcomes)
    answers = [Answer(o.verdict.brand, o.verdict.probability or 0.0) for o in outcomes]
    return Result(name, DetectConfig().flag_at, "names, domains, logos", answers, [o.cpu_seconds for o in outcomes])


def curve(result: Result, pages: Sequence[LabelledPage], library: BrandLibrary) -> tuple[list[float], list[float]]:
    """Share of benign pages flagged and of labelled clones flagged with the right brand, over all thresholds."""
    right = [a.score for a, p in zip(result.answers, pages, strict=True) if is_right(a, p, library)]
    labelled = sum(p.clone and bool(p.label) for p in pages)
    benign = [a.score if a.brand else -1.0 for a, p in zip(result.answers, pages, strict=True) if not p.clone]
    levels = sorted({*right, *benign}, reverse=True)
    return (
        [0.0, *(sum(score >= level for score in benign) / len(benign) for level in levels)],
        [0.0, *(sum(score >= level for score in right) / labelled for level in levels)],
    )


def is_right(answer: Answer, page: LabelledPage, library: BrandLibrary) -> bool:
    return page.clone and bool(page.label) and same_brand(library, answer.brand, page.label or "")


def table(results: Sequence[Result], pages: Sequence[LabelledPage], library: BrandLibrary) -> list[str]:
    lines = [
        "| system | compares with | right brand flagged | right brand first, at any score | another brand flagged | benign flagged "
        "| most flagged right with no benign page flagged | CPU ms a page |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    labelled = sum(p.clone and bool(p.label) for p in pages)
    for result in results:
        pairs = list(zip(result.answers, pages, strict=True))
        flagged = [(a, p) for a, p in pairs if a.brand and a.score >= result.threshold]
        right = sum(is_right(a, p, library) for a, p in flagged)
        wrong = sum(p.clone and bool(p.label) for _, p in flagged) - right
        benign = sum(not p.clone for _, p in flagged)
        false, found = curve(result, pages, library)
        clean = max(share for error, share in zip(false, found, strict=True) if error == 0.0)
        first = sum(is_right(a, p, library) for a, p in pairs)
        lines.append(
            f"| {result.name} | {result.reference} | {right / labelled:.1%} | {first / labelled:.1%} | {wrong} | {benign} | "
            f"{clean:.1%} | {1000 * median(result.seconds):.0f} |"
        )
    return lines


def without_table(outcomes: Sequence[Outcome], alone: Sequence[Outcome], library: BrandLibrary) -> list[str]:
    judge = Judge(library)
    reports = [summarise(some, library, judge) for some in (outcomes, alone)]
    lines = [
        "| signal | identified without it | with pictures alone |",
        "| --- | --- | --- |",
        f"| (all) | {reports[0].identified} | {reports[1].identified} |",
    ]
    for name in reports[0].without:
        cells = (f"{r.without[name]} ({r.without[name] - r.identified:+d})" for r in reports)
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return lines


def plot(
    results: Sequence[Result], outcomes: Sequence[Outcome], pages: Sequence[LabelledPage], library: BrandLibrary
) -> None:
    """ROC of all systems, and what is identified with one signal left out."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "clonewatch", "font.size": 9})
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), gridspec_kw={"width_ratios": [3, 2]})
    for result in results:
        x, y = curve(result, pages, library)
        left.step(x, y, where="post", label=result.name, linewidth=2.2 if result.name.startswith("clonewatch") else 1.2)
    left.set(
        xlabel="benign pages flagged", ylabel="clones flagged with the right brand", ylim=(0, 1.02), xlim=(-0.01, 1)
    )
    left.grid(alpha=0.3)
    left.legend(loc="center right", fontsize=7.5)
    report = summarise(outcomes, library, Judge(library))
    names = list(report.without)[::-1]
    right.barh(names, [report.identified - report.without[name] for name in names], color="#3b6ea8")
    right.set(xlabel="pages no longer identified without the signal")
    figure.tight_layout()
    figure.savefig(PLOT, metadata={"Date": None, "Creator": None})


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure other systems and ours on the same pages.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--imagenet", type=Path, help="ImageNet features as an ONNX file")
    parser.add_argument("--write", action="store_true", help="put table and plot into docs/")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    library = load_library([ROOT / "brand_assets"])
    pages = load_pages(options.folder)
    systems: list[System] = [*whole_page_hashes(pages), SiftRansac(library)]
    if options.imagenet:
        systems.append(ImageNetFeatures(library, options.imagenet))
    results = []
    for system in systems:
        results.append(run(system, pages))
        print(f"{system.name}: done", file=sys.stderr)
    alone = list(judge_pages(pages, library, facts=False))
    outcomes = list(judge_pages(pages, library))
    results += [ours("clonewatch, pictures alone", alone), ours("clonewatch", outcomes)]
    labelled = sum(p.clone and bool(p.label) for p in pages)
    lines = [
        f"`python benchmarks/peers.py {options.folder} --imagenet .train/imagenet.onnx --write`: {labelled} labelled clone pages, "
        f"{sum(not p.clone for p in pages)} benign pages; {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, one thread, "
        f"Python {platform.python_version()}, OpenCV {cv2.__version__}, NumPy {np.__version__}.",
        "",
        *table(results, pages, library),
        "",
        "![ROC of all systems, and pages lost without each signal](peers.svg)",
        "",
        *without_table(outcomes, alone, library),
        "",
    ]
    print("\n".join(lines))
    if options.write:
        plot(results, outcomes, pages, library)
        text = PAGE.read_text(encoding="utf-8")
        if not MARKS.search(text):
            raise SystemExit(f"{PAGE} has no lines <!-- peers --> and <!-- /peers -->")
        PAGE.write_text(MARKS.sub(lambda found: found[1] + "\n".join(lines) + found[2], text), encoding="utf-8")


if __name__ == "__main__":
    main()
