"""Measure the judge on a folder of labelled pages: ``clones/`` and ``benign/`` with ``NAME.png`` and ``NAME.json`` each.

Identification rate: share of the brand-labelled clone pages whose first brand is the right one and whose verdict is ``flagged`` or
``review``.  False-flag rate: share of the benign pages that are ``flagged``.  Precision: right brands among all flagged pages.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from detector.brands import BrandLibrary
from detector.config import DetectConfig
from detector.errors import UsageError
from detector.judge import Judge, Suspicion
from detector.model import Decision, Verdict
from detector.picture_file import capture_of_picture
from detector.signals import CaptureView


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """One page of the set; ``label`` is None for pages that imitate nobody."""

    picture: Path
    label: str | None
    variant: str
    clone: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judge's verdict on one page, and the time it took."""

    page: LabelledPage
    verdict: Verdict
    suspicions: tuple[Suspicion, ...]
    cpu_seconds: float
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run."""

    labelled: int
    identified: int
    flagged_right: int
    benign: int
    benign_flagged: int
    benign_review: int
    lures: int
    lures_flagged: int
    flagged_wrong: int
    without: dict[str, int]
    """Identified pages when one signal's findings are left out."""
    alone: dict[str, int]
    """Labelled pages on which a signal alone gives its highest measure to the right brand."""
    cpu_ms: tuple[float, float]
    """Median and 95th percentile a page."""
    wall_ms: tuple[float, float]

    @property
    def precision(self) -> float:
        flagged = self.flagged_right + self.flagged_wrong + self.benign_flagged
        return self.flagged_right / flagged if flagged else 1.0


def load_pages(folder: Path) -> list[LabelledPage]:
    """All labelled pages of a folder.

    Raises:
        UsageError: it holds none.
    """
    pages = []
    for kind in ("clones", "benign"):
        for picture in sorted((folder / kind).glob("*.png")):
            facts = picture.with_suffix(".json")
            data = json.loads(facts.read_text()) if facts.is_file() else {}
            pages.append(LabelledPage(picture, data.get("brand"), str(data.get("variant", "")), kind == "clones"))
    if not pages:
        raise UsageError(f"{folder}: no clones/*.png or benign/*.png; give a folder of labelled pages")
    return pages


def judge_pages(
    pages: Sequence[LabelledPage],
    library: BrandLibrary,
    config: DetectConfig | None = None,
    *,
    facts: bool = True,
    progress: Callable[[LabelledPage], None] = lambda page: None,
) -> Iterator[Outcome]:
    """Judge every page, decoding of the picture included in the cost; ``facts=False`` judges the pictures alone."""
    judge = Judge(library, config)
    if pages:
        # draws and caches the logos before anything is timed
        _judge_one(judge, pages[0], facts=facts)
    for page in pages:
        yield _judge_one(judge, page, facts=facts)
        progress(page)


def _judge_one(judge: Judge, page: LabelledPage, *, facts: bool) -> Outcome:
    cpu, wall = cpu_seconds(), time.perf_counter()
    capture, read = capture_of_picture(page.picture, judge.config.max_pixels, facts=facts)
    view = CaptureView(capture, read, judge.config.max_pixels)
    verdict = judge.judge_view(view)
    spent = cpu_seconds() - cpu, time.perf_counter() - wall
    return Outcome(page, verdict, tuple(judge.suspicions(view)), *spent)


def cpu_seconds() -> float:
    """CPU time of this process and of the programs that it ran to their end: tesseract is one."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def same_brand(library: BrandLibrary, answer: str | None, label: str) -> bool:
    """Tell whether an answer is right for a label: the same id, or ``facebook`` for its Messenger; hyphens do not count."""
    if answer is None:
        return False
    wanted = {plain(label)} | ({"facebook"} if plain(label) == "messenger" else set())
    brand = library.get(label)
    if brand is not None:
        wanted.add(plain(brand.answer))
    return plain(answer) in wanted


def plain(brand: str) -> str:
    """Return the letters and digits of a brand's name in lower case: ``bestbuy`` for ``Best Buy``."""
    return re.sub(r"[^a-z0-9]", "", brand.lower())


def summarise(outcomes: Sequence[Outcome], library: BrandLibrary, judge: Judge) -> Report:
    """The figures of all outcomes."""
    labelled = [o for o in outcomes if o.page.clone and o.page.label]
    lures = [o for o in outcomes if o.page.clone and not o.page.label]
    benign = [o for o in outcomes if not o.page.clone]
    right = [o for o in labelled if same_brand(library, o.verdict.brand, o.page.label or "")]
    flagged_right = sum(o.verdict.decision is Decision.FLAGGED for o in right)
    names = [signal.name for signal in judge.signals]
    return Report(
        labelled=len(labelled),
        identified=sum(_sent_on(o.verdict.decision) for o in right),
        flagged_right=flagged_right,
        benign=len(benign),
        benign_flagged=sum(o.verdict.decision is Decision.FLAGGED for o in benign),
        benign_review=sum(o.verdict.decision is Decision.REVIEW for o in benign),
        lures=len(lures),
        lures_flagged=sum(o.verdict.decision is Decision.FLAGGED for o in lures),
        flagged_wrong=sum(o.verdict.decision is Decision.FLAGGED for o in labelled) - flagged_right,
        without={name: _identified_without(labelled, library, judge, name) for name in names},
        alone={name: _alone(labelled, library, name) for name in names},
        cpu_ms=_middle_and_tail([o.cpu_seconds for o in outcomes]),
        wall_ms=_middle_and_tail([o.wall_seconds for o in outcomes]),
    )


def _sent_on(decision: Decision) -> bool:
    return decision in {Decision.FLAGGED, Decision.REVIEW}


def _identified_without(outcomes: Sequence[Outcome], library: BrandLibrary, judge: Judge, name: str) -> int:
    count = 0
    for outcome in outcomes:
        ranked = [
            (judge.probability([f for f in suspicion.findings if f.signal != name]), suspicion.brand)
            for suspicion in outcome.suspicions
        ]
        if ranked:
            probability, brand = max(ranked)
            count += probability >= judge.config.review_at and same_brand(library, brand, outcome.page.label or "")
    return count


def _alone(outcomes: Sequence[Outcome], library: BrandLibrary, name: str) -> int:
    count = 0
    for outcome in outcomes:
        ranked = [
            (finding.measure, suspicion.brand)
            for suspicion in outcome.suspicions
            for finding in suspicion.findings
            if finding.signal == name and finding.measure
        ]
        count += bool(ranked) and same_brand(library, max(ranked)[1], outcome.page.label or "")
    return count


def _middle_and_tail(seconds: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(seconds)
    tail = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return round(1000 * median(ordered), 1), round(1000 * tail, 1)
