"""Write the report: a folder of HTML pages about cases that opens from disk."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from detector.model import Case, to_json, utcnow
from detector.present.case_view import belongs, case_view, is_review, row_view
from detector.present.legible import label, utc
from detector.present.official_page import OfficialBrands
from detector.present.pictures import EvidenceReader, PictureWriter
from detector.present.views import CaseNeighbours, CaseView, ListView, RowView
from detector.report import report_manifest as manifests
from detector.report.folder import ReportFolder
from detector.report.page_renderer import Renderer
from detector.report.tally import CaptureSource, CaptureTally, count_captures

INDEX = "index.html"
FIRST_ROWS = 200
"""Rows of the list that are in the page itself; a script adds the others, so that a list of 10,000 opens as fast as this many."""
MAX_DRAWERS = 8
DRAWN_AHEAD = 64
"""Cases whose views may be in memory at a time; pictures are not among them: each is written as soon as it is drawn."""
_VERDICTS = {"unseen": "Could not be examined", "owned": "The brand's own"}
_OUTCOMES = {"ok": "Page seen", "dns_error": "DNS error", "tls_error": "TLS error", "bad_url": "Bad URL"}
_BACKLOG = {
    "due": "Due now",
    "waiting": "Waiting for their date",
    "leased": "Being captured",
    "quarantined": "Given up",
}


class CaseReader(Protocol):
    """The part of :class:`detector.store.Cases` that the report needs."""

    def find(self) -> Iterable[Case]:
        """All cases, highest probability first."""
        ...


class CaseSource(CaptureSource, Protocol):
    """The part of :class:`detector.store.Store` that the report needs."""

    @property
    def cases(self) -> CaseReader:
        """The stored cases."""
        ...


@dataclass(frozen=True, slots=True)
class ReportResult:
    """The result of writing a report."""

    path: Path
    """The list page."""
    flagged: int
    review: int
    written: int
    """Case pages rendered in this run."""
    reused: int
    """Case pages that were up to date."""


def write_report(
    store: CaseSource, evidence: EvidenceReader, library: OfficialBrands, out: Path, *, include_review: bool = False
) -> ReportResult:
    """Write or refresh the report in ``out``.

    Pages whose content did not change are kept, pages of cases that no longer exist are deleted, and the list page is replaced
    last, so that a run that is killed leaves the earlier report usable.  Each thread decodes one picture at a time.

    Raises:
        UsageError: ``out`` holds other things than a report.
        EnvironmentFault: ``out`` cannot be written.
    """
    folder = ReportFolder(out)
    with folder.writing():
        return _write(store, evidence, library, folder, include_review)


def _write(
    store: CaseSource, evidence: EvidenceReader, library: OfficialBrands, folder: ReportFolder, include_review: bool
) -> ReportResult:
    renderer = Renderer()
    pictures = PictureWriter(folder.path / "images", evidence)
    cases = [case for case in store.cases.find() if belongs(case, include_review=include_review)]
    review = sum(map(is_review, cases))
    neighbours = _neighbours([case.id for case in cases])
    former = manifests.load(folder.path)
    current: dict[str, str] = {}
    rows: list[RowView] = []
    written = 0
    for case, view in _views(cases, library, pictures):
        rows.append(row_view(view))
        near = neighbours[case.id]
        page, key = f"cases/{case.id}.html", _key(view, near, renderer.fingerprint)
        if former.pages.get(str(case.id)) != key or not folder.has(page):
            folder.stage(page, renderer.case(view, near))
            written += 1
        current[str(case.id)] = key
    flagged = len(cases) - review
    now = manifests.ReportManifest(pages=current, tally=count_captures(store, former.tally))
    index = renderer.list(_list_view(tuple(rows), flagged, review, include_review, now.tally, store.counts()))
    _publish(folder, renderer, index, former, now)
    folder.sweep(
        {f"cases/{case.id}.html" for case in cases}
        | {f"images/{name}" for name in pictures.used}
        | {f"assets/{renderer.stylesheet}"}
    )
    return ReportResult(folder.path / INDEX, flagged, review, written, len(cases) - written)


def _views(cases: Sequence[Case], library: OfficialBrands, pictures: PictureWriter) -> Iterator[tuple[Case, CaseView]]:
    """Yield cases with their views, in order; several are made at a time, since image codecs let other threads run."""
    drawers = min(os.cpu_count() or 1, MAX_DRAWERS)
    with ThreadPoolExecutor(drawers, thread_name_prefix="report") as pool:
        for start in range(0, len(cases), DRAWN_AHEAD):
            batch = cases[start : start + DRAWN_AHEAD]
            yield from zip(batch, pool.map(lambda case: case_view(case, library, pictures), batch), strict=True)


def _publish(
    folder: ReportFolder,
    renderer: Renderer,
    index: str,
    former: manifests.ReportManifest,
    now: manifests.ReportManifest,
) -> None:
    """Replace the changed pages; a kill between two steps makes the next run render a page again, but never keeps a stale one."""
    unchanged = {case: key for case, key in former.pages.items() if now.pages.get(case) == key}
    if not folder.has(f"assets/{renderer.stylesheet}"):
        folder.stage(f"assets/{renderer.stylesheet}", renderer.css)
    folder.write(manifests.NAME, manifests.dump(manifests.ReportManifest(pages=unchanged, tally=former.tally)))
    folder.publish()
    folder.write(manifests.NAME, manifests.dump(now))
    folder.write(INDEX, index)


def _neighbours(ids: list[int]) -> dict[int, CaseNeighbours]:
    before = {second: first for first, second in pairwise(ids)}
    after = dict(pairwise(ids))
    return {case: CaseNeighbours(before.get(case), after.get(case)) for case in ids}


def _key(view: CaseView, near: CaseNeighbours, fingerprint: str) -> str:
    """Digest of everything that a page shows."""
    return hashlib.sha256(to_json([view, near, fingerprint])).hexdigest()[:32]


def _list_view(
    rows: tuple[RowView, ...],
    flagged: int,
    review: int,
    include_review: bool,
    tally: CaptureTally,
    counts: dict[str, int],
) -> ListView:
    brands = Counter((row.brand, row.brand_name) for row in rows)
    states = Counter((row.state, row.state_label) for row in rows)
    decisions = Counter((row.decision, row.decision_label) for row in rows)
    return ListView(
        rows=rows,
        first=FIRST_ROWS,
        flagged=flagged,
        review=review,
        include_review=include_review,
        brands=tuple((*brand, count) for brand, count in sorted(brands.items(), key=lambda item: item[0][1].lower())),
        states=tuple((*state, count) for state, count in states.most_common()),
        decisions=tuple((*decision, count) for decision, count in decisions.most_common()),
        dismissed=sum(row.state == "dismissed" for row in rows),
        verdicts=_named(tally.decisions, _VERDICTS),
        outcomes=_named(tally.outcomes, _OUTCOMES),
        backlog=_named({name: counts.get(name, 0) for name in _BACKLOG}, _BACKLOG),
        looked_at=tally.total,
        written=utc(utcnow()),
    )


def _named(counts: dict[str, int], names: dict[str, str]) -> tuple[tuple[str, int], ...]:
    """Counts above zero with words for people, most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((names.get(name) or label(name).replace("Http ", "HTTP "), count) for name, count in ordered if count)
