"""Verdicts that the demo calls right: a clone flagged for its brand, an innocent page seen and left alone, and nothing less."""

from pathlib import Path

import pytest

from crawler.demo.server import DemoServers
from crawler.demo.sites import Site, site
from crawler.demo.verdicts import judge_site, read_rows
from detector.model import Capture, Decision, Outcome, Verdict
from detector.store import Store

CLONE, INNOCENT, OFFICIAL, NUISANCE = (
    site(name) for name in ("ostrelin-german", "shop-login", "ostrelin-signin", "slow")
)


def seen(decision: Decision, brand: str | None = None, outcome: str = Outcome.OK) -> tuple[Capture, Verdict]:
    return Capture("https://some.test/", outcome), Verdict(decision, brand, 0.9 if brand else None)


@pytest.mark.parametrize(
    ("entry", "captures", "right", "words"),
    [
        (CLONE, [seen(Decision.FLAGGED, "ostrelin")], True, "flagged: ostrelin"),
        (CLONE, [seen(Decision.FLAGGED, "kumoriva")], False, "flagged: kumoriva"),
        (CLONE, [seen(Decision.REVIEW, "ostrelin")], False, "review: ostrelin"),
        (CLONE, [seen(Decision.CLEAR)], False, "clear"),
        (CLONE, [seen(Decision.UNSEEN, outcome=Outcome.REFUSED)], False, "unseen (refused)"),
        (CLONE, [seen(Decision.CLEAR), seen(Decision.FLAGGED, "ostrelin")], True, "flagged: ostrelin"),
        (CLONE, [], False, "not found"),
        (INNOCENT, [seen(Decision.CLEAR)], True, "clear"),
        (INNOCENT, [seen(Decision.REVIEW, "google")], True, "review: google"),
        (INNOCENT, [seen(Decision.FLAGGED, "google")], False, "flagged: google"),
        (INNOCENT, [seen(Decision.UNSEEN, outcome=Outcome.TIMEOUT)], False, "unseen (timeout)"),
        (INNOCENT, [], False, "not found"),
        (OFFICIAL, [], True, "never a suspect"),
        (OFFICIAL, [seen(Decision.OWNED)], True, "owned"),
        (OFFICIAL, [seen(Decision.FLAGGED, "ostrelin")], False, "flagged: ostrelin"),
        (NUISANCE, [seen(Decision.UNSEEN, outcome=Outcome.TIMEOUT)], True, "unseen (timeout)"),
        (NUISANCE, [seen(Decision.FLAGGED, "ostrelin")], False, "flagged: ostrelin"),
        (NUISANCE, [], False, "not found"),
    ],
)
def test_a_site_is_held_against_its_expectation(
    entry: Site, captures: list[tuple[Capture, Verdict]], right: bool, words: str
) -> None:
    row = judge_site(entry, captures)
    assert row.right is right
    assert row.seen.startswith(words)


def test_a_clone_behind_redirects_is_found_by_where_the_capture_ended(tmp_path: Path) -> None:
    database = tmp_path / "clonewatch.sqlite"
    with DemoServers() as servers:
        capture = Capture(servers.url(site("short-link")), Outcome.OK, final_url=servers.url(site("ostrelin-card")))
        with Store.open(database) as store:
            store.record(capture, Verdict(Decision.FLAGGED, "ostrelin", 0.95))
        rows = {row.site.id: row for row in read_rows(database, servers)}
    assert rows["ostrelin-card"].right
    assert not rows["ostrelin-mirror"].right
    assert "short-link" not in rows


def test_a_capture_on_another_port_is_not_taken_for_the_demos(tmp_path: Path) -> None:
    database = tmp_path / "clonewatch.sqlite"
    with DemoServers() as servers, Store.open(database) as store:
        mirror = site("ostrelin-mirror")
        store.record(Capture(f"https://{mirror.host}/", Outcome.REFUSED), Verdict(Decision.UNSEEN))
        rows = {row.site.id: row for row in read_rows(database, servers)}
    assert rows["ostrelin-mirror"].seen == "not found"
