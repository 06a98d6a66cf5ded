"""Compare the sights of several tries to capture one address, and decide whether another try is worth it."""

from __future__ import annotations

from dataclasses import replace

from crawler.capture.page_settling import BROKE_OFF
from crawler.capture.sight import PageSight
from detector.model import Outcome


def deserves_another_try(sight: PageSight, closed: bool) -> bool:
    """Tell whether the page may have shown nothing because of its browser, or of another page that used up the machine."""
    if sight.screenshot is not None:
        return False
    timed_out = sight.outcome == Outcome.TIMEOUT and sight.status is not None
    return not closed or timed_out or sight.outcome == Outcome.CRASHED


def is_cut_short(sight: PageSight) -> bool:
    """Tell whether more might have been seen of the page if its browser had not died."""
    seen_in_part = sight.screenshot is not None and (sight.pictured_early or sight.facts is None)
    return seen_in_part or sight.outcome in (Outcome.CRASHED, Outcome.FAILED)


def better(before: PageSight, after: PageSight) -> PageSight:
    """Return the later try, unless it saw less."""
    if not after.outcome or (before.screenshot is not None and after.screenshot is None):
        return before
    return after


def broke_off(sight: PageSight) -> bool:
    """Tell whether the connection broke within the page: it depends on timing how much of it a browser then shows."""
    return sight.screenshot is None and sight.outcome == Outcome.FAILED and any(BROKE_OFF in one for one in sight.notes)


def may_show_more_bare(sight: PageSight) -> bool:
    """Tell whether a page that showed nothing may show something without its scripts and pictures."""
    if sight.screenshot is not None:
        return sight.facts is None
    ended = sight.outcome in (Outcome.TIMEOUT, Outcome.OVERSIZE) and sight.status is not None
    return ended or sight.outcome == Outcome.CRASHED


def joined(before: PageSight, after: PageSight) -> PageSight:
    """Join the sight of a bare try with what the tries before it found out."""
    after = after.noted("it was seen without its scripts and pictures")
    after = replace(after, screenshot=before.screenshot or after.screenshot, pressure=before.pressure)
    for note in before.notes:
        after = after.noted(note)
    return after
