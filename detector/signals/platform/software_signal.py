"""The signal ``software``: the page is the sign-in page of an installation of the brand's software, which anybody may install."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from detector.hosts import host_of, path_of
from detector.model import Finding, PageFacts
from detector.signals.capture_view import CaptureView
from detector.signals.signal import SurveySignal


@dataclass(frozen=True, slots=True)
class _Software:
    name: str
    measure: float
    brands: tuple[str, ...]
    page: re.Pattern[str]
    action: re.Pattern[str]

    def runs(self, facts: PageFacts, url: str) -> bool:
        """Tell whether the page's path and the targets of its forms are those of the software, all on one host."""
        host = host_of(url)
        actions = [form.action for form in facts.forms if form.method == "post"]
        return (
            bool(host)
            and bool(self.page.search(path_of(url)))
            and bool(actions)
            and all(host_of(action) == host and self.action.search(path_of(action)) for action in actions)
        )


class SoftwareSignal(SurveySignal):
    """Find installations of software that anybody may run: such a page asks its own users for their passwords."""

    name = "software"
    version = 1
    nothing = "the page is not an installation of software of {brand} that anybody may install"

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.facts else "the page's forms are not known"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        assert view.facts is not None
        findings: dict[str, Finding] = {}
        for software in _known():
            if software.runs(view.facts, view.url):
                for brand in software.brands:
                    sentence = f"The page has the path and form of {software.name}, software that anybody may install."
                    findings[brand] = self.finding(brand, software.measure, sentence)
        return findings

    def suspects(self, view: CaptureView) -> frozenset[str]:
        """Return no brand: this signal only speaks against a suspicion."""
        return frozenset()


@cache
def _known() -> tuple[_Software, ...]:
    entries = tomllib.loads(files("detector").joinpath("data/self-hosted.toml").read_text(encoding="utf-8"))["software"]
    return tuple(
        _Software(
            entry["name"],
            entry["measure"],
            tuple(entry["brands"]),
            re.compile(entry["page"]),
            re.compile(entry["action"]),
        )
        for entry in entries
    )
