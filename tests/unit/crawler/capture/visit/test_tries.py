"""Decisions between several tries to capture one address, made from their sights alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.capture.page_settling import BROKE_OFF
from crawler.capture.sight import PageSight
from crawler.capture.visit.tries import (
    better,
    broke_off,
    deserves_another_try,
    is_cut_short,
    joined,
    may_show_more_bare,
)
from detector.model import Outcome, PageFacts, Pressure, StoredFile

NOTHING = PageSight("http://a.example/", "desktop")
PICTURED = replace(
    NOTHING,
    outcome=Outcome.OK,
    screenshot=StoredFile("a" * 64, "image/png", 1),
    facts=PageFacts(url="http://a.example/"),
)


@pytest.mark.parametrize(
    ("sight", "closed", "again"),
    [
        (PICTURED, False, False),
        (replace(NOTHING, outcome=Outcome.CRASHED), True, True),
        (replace(NOTHING, outcome=Outcome.TIMEOUT, status=200), True, True),
        (replace(NOTHING, outcome=Outcome.TIMEOUT), True, False),
        (replace(NOTHING, outcome=Outcome.DNS_ERROR), False, True),
    ],
)
def test_only_a_page_that_showed_nothing_may_be_tried_again(sight: PageSight, closed: bool, again: bool) -> None:
    assert deserves_another_try(sight, closed) is again


def test_a_page_is_cut_short_when_it_was_pictured_early_not_read_or_crashed() -> None:
    assert not is_cut_short(PICTURED)
    assert is_cut_short(replace(PICTURED, pictured_early=True))
    assert is_cut_short(replace(PICTURED, facts=None))
    assert is_cut_short(replace(NOTHING, outcome=Outcome.CRASHED))


def test_the_later_try_counts_unless_it_saw_less() -> None:
    crashed = replace(NOTHING, outcome=Outcome.CRASHED)
    assert better(crashed, PICTURED) is PICTURED
    assert better(PICTURED, crashed) is PICTURED
    assert better(crashed, NOTHING) is crashed


def test_a_broken_connection_is_known_by_its_note() -> None:
    failed = replace(NOTHING, outcome=Outcome.FAILED)
    assert broke_off(failed.noted(BROKE_OFF))
    assert not broke_off(failed)
    assert not broke_off(PICTURED.noted(BROKE_OFF))


def test_a_bare_try_is_made_of_a_page_that_its_scripts_may_have_ended() -> None:
    assert may_show_more_bare(replace(NOTHING, outcome=Outcome.CRASHED))
    assert may_show_more_bare(replace(NOTHING, outcome=Outcome.OVERSIZE, status=200))
    assert not may_show_more_bare(replace(NOTHING, outcome=Outcome.OVERSIZE))
    assert may_show_more_bare(replace(PICTURED, facts=None))
    assert not may_show_more_bare(PICTURED)


def test_a_bare_try_is_joined_with_what_was_found_out_before() -> None:
    before = replace(NOTHING, outcome=Outcome.CRASHED, pressure=Pressure(dialogs=3)).noted("it crashed")
    after = joined(before, PICTURED)
    assert (after.outcome, after.screenshot, after.pressure) == (Outcome.OK, PICTURED.screenshot, before.pressure)
    assert after.notes == ("it was seen without its scripts and pictures", "it crashed")
