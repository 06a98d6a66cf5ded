"""The age of a name in the verdict: clones on a young, an old and a hoster's name, and one of unknown age."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.cli.result_line import result_line
from crawler.examine.examination_result import ExaminationResult
from detector.evidence import Evidence
from detector.model import Decision, utcnow
from tests.support.pages.cloaking_site import GARDEN, Reply, Stage, examine_all
from tests.support.pages.sites import needs_browser, page
from tests.support.servers.rdap import Registry

pytestmark = needs_browser
FAINT = page("<p>Sign in to your Glimmer account.</p><form><input type=password name=secret></form>", title="Welcome")
"""Too faint to be certain of: the age of its name can tip it."""


def test_the_age_of_a_suspicious_name_is_part_of_its_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    registry = Registry()
    now = utcnow()
    registry.names = {"young.example": (now - timedelta(days=6)).isoformat(), "old.example": "2004-05-06T00:00:00Z"}
    urls = {name: f"http://www.{name}.example:{{port}}/" for name in ("young", "old", "nameless")}
    urls |= {"hosted": "http://somebody.github.io:{port}/", "garden": "http://www.garden.example:{port}/garden"}

    async def run() -> dict[str, ExaminationResult]:
        async with Stage({"/": lambda _: Reply(FAINT), "/garden": lambda _: Reply(page(GARDEN))}).serving() as stage:
            return await examine_all(
                stage, urls, Evidence(str(tmp_path / "evidence")), bootstrap=registry.bootstrap, second_looks=0
            )

    with registry.serving():
        results = asyncio.run(run())
    assert {path.rpartition("/")[2] for path in registry.asked} == {
        "dns.json",
        *("young.example", "old.example", "nameless.example"),
    }
    site = {
        name: next((found for found in result.verdict.findings if found.signal == "site"), None)
        for name, result in results.items()
    }
    young, old, nameless, hosted = (site[name] for name in ("young", "old", "nameless", "hosted"))
    assert young and old and nameless and hosted  # noqa: PT018  each has one
    assert young.sentence.startswith("young.example was registered 6 days before the capture, on ")
    assert (young.measure, old.measure, nameless.measure, hosted.measure) == (1.0, 0.0, None, 0.5)
    assert hosted.sentence == "The page is at somebody.github.io, a name that its hoster gives to anybody."
    chances = [results[name].verdict.probability or 0.0 for name in ("young", "nameless", "old")]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[1] > chances[2]
    assert results["old"].verdict.decision is not Decision.CLEAR
    line = json.loads(json.dumps(result_line(results["young"])))
    assert line["capture"]["registration"]["domain"] == "young.example"
    assert results["garden"].capture.registration is None
