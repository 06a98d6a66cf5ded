"""The age of a name in the verdict, and who hosts a suspicious page: clones on a young, an old, a hoster's and an unknown name."""

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
from tests.support.pages.cloaking_site import GARDEN, PublicHostingLookup, Reply, Stage, examine_all
from tests.support.pages.sites import needs_browser, page
from tests.support.servers.rdap import Registry, rdap_entity

pytestmark = needs_browser
FAINT = page("<p>Sign in to your Glimmer account.</p><form><input type=password name=secret></form>", title="Welcome")
"""Too faint to be certain of: the age of its name can tip it."""


def test_registries_are_asked_about_what_is_suspicious(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    registry = Registry()
    now = utcnow()
    registry.networks[PublicHostingLookup.ADDRESS] = {
        "startAddress": "9.9.9.0",
        "endAddress": "9.9.9.255",
        "entities": [rdap_entity("abuse", email="abuse@nine.example")],
    }
    registry.names = {"young.example": (now - timedelta(days=6)).isoformat(), "old.example": "2004-05-06T00:00:00Z"}
    urls = {name: f"http://www.{name}.example:{{port}}/" for name in ("young", "old", "nameless")}
    urls |= {"hosted": "http://somebody.github.io:{port}/", "garden": "http://www.garden.example:{port}/garden"}

    async def run() -> dict[str, ExaminationResult]:
        async with Stage({"/": lambda _: Reply(FAINT), "/garden": lambda _: Reply(page(GARDEN))}).serving() as stage:
            return await examine_all(
                stage,
                urls,
                Evidence(str(tmp_path / "evidence")),
                bootstrap=registry.bootstrap,
                ipv4_bootstrap=registry.address_bootstrap,
                second_looks=0,
            )

    with registry.serving():
        results = asyncio.run(run())
    assert {path.rpartition("/")[2] for path in registry.asked} == {
        *("dns.json", "ip.json", "9.9.9.9"),
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
    assert line["capture"]["hosting"]["abuse_contacts"] == ["abuse@nine.example"]
    assert results["garden"].capture.registration is None
    assert results["garden"].capture.hosting is None
