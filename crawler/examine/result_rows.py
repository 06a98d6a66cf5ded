"""One line of JSON for each URL or picture, and one row of the table that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from detector.model import Capture, Decision, StoredFile, Verdict, to_builtins
from detector.present.defang import defang
from detector.sentences import printable
from detector.store import Seal

STYLES = {
    Decision.FLAGGED: "bold red",
    Decision.REVIEW: "yellow",
    Decision.CLEAR: "green",
    Decision.OWNED: "cyan",
    Decision.UNSEEN: "dim",
}


@dataclass(frozen=True, slots=True)
class ExaminationResult:
    """A judged capture and what it cost."""

    capture: Capture
    verdict: Verdict
    capture_seconds: float
    detect_seconds: float
    screenshot_path: str | None = None
    full_page_path: str | None = None
    other_paths: tuple[str | None, ...] = ()
    """Screenshots of what other profiles saw, in the order of ``capture.others``."""
    seal: Seal | None = None
    """Writes the manifest of the evidence when the result is stored."""

    def as_json(self) -> dict[str, Any]:
        """The documented line of ``--json``; see docs/cli.md."""
        capture, verdict = self.capture, self.verdict
        return {
            "url": capture.url,
            "final_url": capture.final_url,
            "outcome": str(capture.outcome),
            "verdict": str(verdict.decision),
            "brand": verdict.brand,
            "probability": verdict.probability,
            "sentence": verdict.sentence,
            "findings": [
                {
                    "signal": finding.signal,
                    "brand": finding.brand,
                    "measure": finding.measure,
                    "abstained": finding.abstained,
                    "sentence": finding.sentence,
                    "region": list(finding.region) if finding.region else None,
                }
                for finding in verdict.findings
            ],
            "capture": {
                "screenshot": self.screenshot_path,
                "sha256": _sha256(capture.screenshot),
                "full_page": self.full_page_path,
                "full_page_sha256": _sha256(capture.full_page),
                "profile": capture.profile,
                "status": capture.status,
                "title": capture.facts.title if capture.facts else None,
                "started": to_builtins(capture.started),
                "redirects": to_builtins(capture.redirects),
                "tls": to_builtins(capture.tls),
                "registration": to_builtins(capture.registration),
                "note": capture.note,
            },
            "cloaked": capture.cloaked,
            "others": [
                {
                    "profile": other.profile,
                    "outcome": str(other.outcome),
                    "screenshot": path,
                    "sha256": _sha256(other.screenshot),
                    "final_url": other.final_url,
                }
                for other, path in zip(capture.others, self.other_paths or (None,) * len(capture.others), strict=True)
            ],
            "challenge": to_builtins(capture.challenge),
            "clicks": to_builtins(capture.clicks),
            "phones": to_builtins(capture.phones),
            "bundle": to_builtins(capture.bundle),
            "seconds": {"capture": round(self.capture_seconds, 3), "detect": round(self.detect_seconds, 3)},
        }


def _sha256(stored: StoredFile | None) -> str | None:
    return stored.sha256 if stored else None


def results_table() -> Table:
    """An empty table for :func:`add_row`; fits 80 columns."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("verdict", no_wrap=True)
    table.add_column("brand", no_wrap=True)
    table.add_column("prob.", justify="right", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("page", overflow="fold")
    return table


def add_row(table: Table, result: ExaminationResult, name: str | None = None) -> None:
    """One row; everything that comes from a page is shown as plain text, addresses defanged."""
    verdict = result.verdict
    probability = "" if verdict.probability is None else f"{verdict.probability:.2f}"
    page = Text(_shorten(name or defang(result.capture.url), 200))
    if verdict.decision is not Decision.CLEAR:
        page.append(f"\n{_shorten(verdict.sentence, 320)}", style="dim")
    table.add_row(
        Text(str(verdict.decision), style=STYLES[verdict.decision]),
        Text(verdict.brand or "" if verdict.decision is not Decision.CLEAR else ""),
        probability,
        Text(str(result.capture.outcome)),
        page,
    )


def _shorten(text: str, limit: int) -> str:
    clean = printable(text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
