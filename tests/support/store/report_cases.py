"""Cases for the report's tests: drawn screenshots, a real store, real evidence, a small library."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from detector.brands import BrandLibrary
from detector.evidence import Evidence
from detector.model import (
    Box,
    Brand,
    Capture,
    Case,
    CaseState,
    Decision,
    Finding,
    Form,
    InputField,
    Logo,
    NetworkEntry,
    OfficialPage,
    PageFacts,
    RedirectHop,
    TlsSummary,
    Verdict,
)
from detector.report import ReportResult, write_report
from detector.report.report_writer import CaseSource
from detector.store import Store

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40">'
    '<rect width="120" height="40" rx="8" fill="#7a3cc2"/><circle cx="22" cy="20" r="11" fill="#fff"/></svg>'
)


def drawn(number: int = 0, size: tuple[int, int] = (1280, 800)) -> bytes:
    """A PNG that no other ``number`` gives."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((440, 200, 840, 600), outline="#888888", width=2)
    pen.rectangle((560, 230, 720, 290), fill="#7a3cc2")
    pen.text((8, 8), f"page {number}", fill="black")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def finding(signal: str = "logo_page", measure: float | None = 0.9, **changes: Any) -> Finding:
    """A finding of the brand ``glimmer``; abstains where ``measure`` is None."""
    abstained = "There was nothing to look at." if measure is None else None
    given: dict[str, Any] = {"brand": "glimmer", "sentence": f"The signal {signal} found it.", "abstained": abstained}
    return Finding(signal, measure=measure, **(given | changes))


def findings() -> tuple[Finding, ...]:
    """One of every kind."""
    return (
        finding("domain_name", 0.7),
        finding("logo_page", 0.95, region=Box(560, 230, 160, 60)),
        finding("credential_form", 0.6, region=Box(440, 420, 400, 44)),
        finding("brand_words", 0.0, sentence="The text does not name Glimmer."),
        finding("favicon", None),
        finding("logo_page", 0.3, brand="other-brand", sentence="A mark of another brand."),
    )


@dataclass
class Listed:
    """Cases without a database, for numbers that would take long to record."""

    all: list[Case]

    @property
    def cases(self) -> Listed:
        return self

    @property
    def captures(self) -> Listed:
        return self

    def find(self) -> list[Case]:
        return self.all

    def stream(self) -> Iterator[tuple[int, Capture, Verdict]]:
        return ((case.id, case.capture, case.verdict) for case in reversed(self.all))

    def counts(self) -> dict[str, int]:
        return {"captures": len(self.all)}


@dataclass
class Desk:
    """A workspace's parts in one folder."""

    folder: Path
    store: Store
    evidence: Evidence
    library: BrandLibrary

    @property
    def out(self) -> Path:
        return self.folder / "report"

    def add(self, number: int = 0, **changes: Any) -> int:
        """Record one flagged site; ``facts``, ``findings``, ``decision``, ``probability``, ``brand`` may be given.

        Other ``changes`` are fields of the capture.
        """
        facts = changes.pop("facts", PageFacts(title=f"Sign in {number}", text="Sign in to Glimmer\nE-mail\nPassword"))
        brand = changes.pop("brand", "glimmer")
        verdict = Verdict(
            decision=changes.pop("decision", Decision.FLAGGED),
            brand=brand,
            probability=changes.pop("probability", 0.9),
            findings=changes.pop("findings", findings()),
            sentence=changes.pop("sentence", "The page shows the logo of Glimmer on a host that is not Glimmer's."),
            judge="test",
        )
        url = changes.pop("url", f"https://glimmer-{number}.example/login")
        screenshot = changes.pop("screenshot", drawn(number))
        stored = self.evidence.put(screenshot, "image/png") if isinstance(screenshot, bytes) else screenshot
        host = url.split("/")[2] if url.count("/") > 1 else "h.example"
        capture = Capture(
            url=url,
            outcome=changes.pop("outcome", "ok"),
            started=NOON + timedelta(minutes=number),
            seconds=1.5,
            final_url=changes.pop("final_url", url),
            status=200,
            redirects=(RedirectHop(f"http://{host}/", 301, "203.0.113.7"),),
            screenshot=stored,
            facts=facts,
            tls=TlsSummary("TLS 1.3", host, "Some CA", NOON, NOON + timedelta(days=90)),
            network=(
                NetworkEntry(url, "GET", "document", 200, 4000),
                NetworkEntry("https://static.glimmer.example.org/a.png", "GET", "image", 200, 900),
                NetworkEntry("http://10.0.0.1/", "GET", "image", failure="guard: private address"),
            ),
            browser="Chromium 156",
        )
        return self.store.record(replace(capture, **changes), verdict, source="feeds:test")

    def write(self, store: CaseSource | None = None, **options: Any) -> ReportResult:
        """Write the report."""
        return write_report(store or self.store, self.evidence, self.library, self.out, **options)

    def many(self, number: int, picture: Callable[[int], bytes], **changes: Any) -> Listed:
        """``number`` flagged sites that no database holds: the first is recorded, the others are its copies."""
        self.add(0, screenshot=picture(0), probability=1.0, **changes)
        first = self.store.cases.find()[0]
        cases = []
        for at in range(number):
            url = f"https://glimmer-{at}.example/login"
            stored = self.evidence.put(picture(at), "image/png")
            capture = replace(first.capture, url=url, final_url=url, screenshot=stored)
            verdict = replace(first.verdict, probability=1 - at / (4 * number))
            site, opened = f"glimmer-{at}.example", NOON + timedelta(minutes=at)
            cases.append(replace(first, id=at + 1, site=site, opened=opened, capture=capture, verdict=verdict))
        return Listed(cases)

    def page(self, case: int) -> str:
        """A case's page."""
        return (self.out / "cases" / f"{case}.html").read_text("utf-8")

    def index(self) -> str:
        """The list page."""
        return (self.out / "index.html").read_text("utf-8")


def open_desk(folder: Path, *, official: bool = True) -> Desk:
    """A new desk; its store must be closed."""
    logo = folder / "mark.svg"
    logo.write_text(SVG)
    page = folder / "signin.png"
    page.write_bytes(drawn(999))
    pages = (OfficialPage("signin", str(page), url="https://glimmer.example.org/signin"),) if official else ()
    library = BrandLibrary(
        [
            Brand(
                "glimmer",
                "Glimmer",
                names=("Glimmer",),
                domains=("glimmer.example.org",),
                logos=(Logo(str(logo)), Logo(str(logo), kind="wordmark", theme="dark")),
                pages=pages,
            ),
            Brand("other-brand", "Other Brand", names=("Other Brand",), domains=("other.example.org",)),
        ]
    )
    return Desk(folder, Store.open(folder / "clonewatch.sqlite"), Evidence(str(folder / "evidence")), library)


HOSTILE_TITLE = '<script>window.hacked=1</script>"><img src=x onerror=window.hacked=1> \u202egnp.exe\x00 {{ 7*7 }}'
HOSTILE_FACTS = PageFacts(
    title=HOSTILE_TITLE,
    text="</blockquote><script>window.hacked=1</script>\u2066hidden\u2069 <svg onload=window.hacked=1>",
    forms=(Form("javascript:window.hacked=1", "post"), Form("https://drop.example/steal?<b>", "post")),
    inputs=(InputField("password", name='"><script>window.hacked=1</script>'),),
    language='"><script>window.hacked=1</script>',
)


def fill_gallery(desk: Desk) -> None:
    """Write a report of five cases of two brands, in several states, one of them for review."""
    same = desk.evidence.put(drawn(), "image/png")
    for number, (brand, probability) in enumerate(
        [("glimmer", 0.81), ("other-brand", 0.99), ("glimmer", 0.95), ("other-brand", 0.85)], 1
    ):
        desk.add(
            number, brand=brand, probability=probability, screenshot=same, url=f"https://n{number}.example/path{number}"
        )
    desk.add(5, decision=Decision.REVIEW, probability=0.5, screenshot=same, url="https://n5.example/")
    desk.store.cases.move(1, CaseState.CONFIRMED, actor="ana")
    desk.store.cases.move(4, CaseState.DISMISSED, actor="ana")
    desk.write(include_review=True)
