"""The immutable sight of a page, and the merge of two looks at it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.capture.sight import MAX_NOTES, PageSight, SightSoFar, merge
from detector.model import NOWHERE, Click, NetworkEntry, Outcome, PageFacts, StoredFile, TlsSummary


def stored(name: str) -> StoredFile:
    return StoredFile(sha256=name.ljust(64, "0"), size=1, media_type="image/png")


FIRST = PageSight(
    "http://a.example/",
    "desktop",
    status=200,
    final_url="http://a.example/welcome",
    screenshot=stored("a1"),
    full_page=stored("a2"),
    favicon=stored("a3"),
    facts=PageFacts(url="http://a.example/welcome", title="Welcome"),
    network=(NetworkEntry("http://a.example/", "GET", "document"),),
    notes=("dialogs dismissed: 1",),
    browser="Chromium 1",
    settled=True,
)
FORM = PageSight(
    "http://a.example/",
    "desktop",
    screenshot=stored("b1"),
    full_page=stored("b2"),
    favicon=stored("b3"),
    facts=PageFacts(url="https://a.example/login", title="Sign in"),
    tls=TlsSummary(protocol="TLS 1.3", subject="a.example", issuer="b", valid_from=None, valid_to=None, problem=""),
    notes=("the page's icon was odd",),
)


def test_the_first_conclusion_stays_and_notes_are_bounded() -> None:
    seen = SightSoFar(PageSight("http://a/", "desktop"))
    seen.conclude(Outcome.TIMEOUT, "late")
    seen.conclude(Outcome.OK, "fine")
    for number in range(50):
        seen.note(f"note {number}")
    capture = seen.sight.as_capture()
    assert capture.outcome == Outcome.TIMEOUT
    assert capture.note.startswith("late; note 0")
    assert len(capture.note.split("; ")) == MAX_NOTES


def test_a_sight_does_not_change_when_sentences_and_outcomes_are_added() -> None:
    sight = PageSight("http://a/", "desktop")
    assert sight.noted("one").concluded(Outcome.OK).notes == ("one",)
    assert (sight.notes, sight.outcome) == ((), "")
    with pytest.raises(AttributeError):
        sight.outcome = Outcome.OK  # type: ignore[misc]


def test_the_form_takes_the_place_of_the_page_before_the_clicks() -> None:
    merged = merge(FIRST, FORM)
    assert (merged.screenshot, merged.full_page, merged.favicon) == (FORM.screenshot, FORM.full_page, FORM.favicon)
    assert (merged.facts, merged.tls) == (FORM.facts, FORM.tls)
    assert merged.before_clicks == FIRST.screenshot
    assert [moment.screenshot for moment in merged.before] == [FIRST.screenshot]
    assert not merged.settled


def test_all_that_is_not_of_the_form_stays_as_it_was_before_the_clicks() -> None:
    merged = merge(FIRST, FORM)
    kept = ("url", "profile", "started", "clock", "status", "final_url", "network", "notes", "browser", "outcome")
    assert [getattr(merged, name) for name in kept] == [getattr(FIRST, name) for name in kept]


def test_what_the_form_lacks_stays_that_of_the_page_before_the_clicks() -> None:
    first = replace(FIRST, tls=FORM.tls)
    merged = merge(first, replace(FORM, full_page=None, favicon=None, tls=None))
    assert (merged.full_page, merged.favicon, merged.tls) == (first.full_page, first.favicon, first.tls)


@pytest.mark.parametrize("later", [replace(FORM, facts=None), replace(FORM, screenshot=None), FIRST.begun_again()])
def test_a_later_look_that_shows_no_page_changes_nothing(later: PageSight) -> None:
    first = replace(FIRST, clicks=(Click("Continue", NOWHERE, ""),))
    assert merge(first, later) == first


def test_another_look_begins_empty_with_the_clock_of_the_first() -> None:
    again = FIRST.begun_again()
    assert (again.url, again.profile, again.started, again.clock) == (
        FIRST.url,
        FIRST.profile,
        FIRST.started,
        FIRST.clock,
    )
    assert (again.screenshot, again.notes, again.settled) == (None, (), False)


def test_a_visit_that_still_goes_on_leaves_what_was_seen_until_then() -> None:
    seen = SightSoFar(PageSight("http://a/", "desktop"))
    early = seen.sight
    seen.sight = replace(seen.sight, screenshot=FIRST.screenshot)
    seen.note("loading was cut off")
    assert (early.screenshot, early.notes) == (None, ())
    assert (seen.sight.screenshot, seen.sight.notes) == (FIRST.screenshot, ("loading was cut off",))
