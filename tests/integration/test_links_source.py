"""Source ``links``: addresses related to pages that were flagged since the last run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from crawler.demo.certificate import make_certificate
from crawler.discovery.neighbours import MOST_SHARING
from crawler.spiders.links import UNTIL
from detector.model import Bundle, Form, PageFacts, utcnow
from detector.workspace import Workspace
from tests.support.servers.discovery import run_source
from tests.support.store.builders import CLEAR, NOW, capture, flagged


def discover(lab: Path) -> str:
    done = run_source(lab, "links")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def posting_to(url: str) -> PageFacts:
    return PageFacts(forms=(Form(url, "post"),))


def test_what_is_new_since_the_last_run_is_gone_through(tmp_path: Path) -> None:
    assert "0 flagged captures read" in discover(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        workspace.store.record(
            capture("https://one.example/", facts=posting_to("https://collect.example.org/a")), flagged()
        )
        workspace.store.record(capture("https://two.example/", facts=posting_to("https://clean.example.org/")), CLEAR)
    said = discover(tmp_path)
    assert "1 flagged capture read" in said
    with Workspace.open(tmp_path) as workspace:
        claims = workspace.store.backlog.claim(10)
        assert [claim.candidate.url for claim in claims] == ["https://collect.example.org/a"]
        assert claims[0].candidate.brands == ("paypal",)
        late = capture(
            "https://three.example/", started=NOW + timedelta(hours=3), facts=posting_to("https://late.example.info/")
        )
        workspace.store.record(late, flagged())
    assert "2 flagged captures read" in discover(tmp_path), "those of the last hour are looked at once more"
    with Workspace.open(tmp_path) as workspace:
        assert [claim.candidate.url for claim in workspace.store.backlog.claim(10)] == ["https://late.example.info/"]


def test_a_day_to_come_up_to_which_captures_were_read_hides_none(tmp_path: Path) -> None:
    ahead = utcnow() + timedelta(days=3)
    with Workspace.open(tmp_path) as workspace:
        workspace.store.record(capture("https://ahead.example/", started=ahead), flagged())
        workspace.store.sources.put("links", UNTIL, ahead)
    facts = posting_to("https://collect.example.org/a")
    for shown in range(2):
        with Workspace.open(tmp_path) as workspace:
            now = utcnow() + timedelta(seconds=shown)
            workspace.store.record(capture(f"https://{shown}.example/", started=now, facts=facts), flagged())
        discover(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        assert [claim.candidate.url for claim in workspace.store.backlog.claim(10)] == ["https://collect.example.org/a"]
        until = workspace.store.sources.get("links", UNTIL)
    assert until is not None
    assert until < ahead


def test_names_on_the_kept_certificate_of_a_flagged_page(tmp_path: Path) -> None:
    pem, _ = make_certificate(["flagged.example", "neighbour.example.org"])
    with Workspace.open(tmp_path) as workspace:
        chain = workspace.evidence.put(pem + make_certificate(["authority.example.info"])[0], "application/x-pem-file")
        broken = workspace.evidence.put(b"no certificate", "application/x-pem-file")
        for name, kept in (("flagged", chain), ("second", broken), ("third", replace(broken, sha256="0" * 64))):
            seen = capture(f"https://{name}.example/", bundle=Bundle(certificates=kept))
            workspace.store.record(seen, flagged())
    assert "3 flagged captures read" in discover(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        assert [claim.candidate.url for claim in workspace.store.backlog.claim(10)] == [
            "https://neighbour.example.org/"
        ]


def test_names_that_answered_at_the_address_of_a_flagged_page(tmp_path: Path) -> None:
    with Workspace.open(tmp_path) as workspace:
        probes = workspace.store.probes
        crowd = [f"https://shop{number}.example.net/" for number in range(MOST_SHARING + 1)]
        probes.add(["https://quiet.example.org/", "https://elsewhere.example.com/", *crowd], "ct_logs", NOW)
        places = {"https://quiet.example.org/": "203.0.113.5", "https://elsewhere.example.com/": "203.0.113.6"}
        taken, _ = probes.take(100, NOW)
        seen = [replace(probe, address=places.get(probe.url, "203.0.113.7")) for probe in taken]
        probes.settle(seen[1::2], seen[::2], NOW, remember=timedelta(days=1))
        for name, address in (("flagged", "203.0.113.5"), ("hosted", "203.0.113.7"), ("proxied", None)):
            workspace.store.record(capture(f"https://{name}.example/", address=address), flagged())
    assert "3 flagged captures read" in discover(tmp_path)
    with Workspace.open(tmp_path) as workspace:
        (claim,) = workspace.store.backlog.claim(10)
        assert claim.candidate.url == "https://quiet.example.org/"
        assert claim.candidate.reasons[0].startswith("It shares the address 203.0.113.5 with flagged.example")
