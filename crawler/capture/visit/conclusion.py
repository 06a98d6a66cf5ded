"""Conclude a visit from its sight, the events of the browser, and the refusals of the capture's proxy."""

from __future__ import annotations

from dataclasses import replace

from crawler.capture.outcomes import outcome_of_error, outcome_of_failure
from crawler.capture.pressure import PressureGauge
from crawler.capture.sight import PageSight, SightSoFar
from crawler.capture.visit.context import VisitContext
from crawler.net.guard import FailureKind
from crawler.pages.challenge import recognise_challenge
from crawler.pages.parked import parked_sentence
from crawler.pages.text import clean
from detector.model import NO_PRESSURE, Outcome, http_outcome

_ENDINGS = {
    Outcome.CRASHED: "the page crashed its renderer",
    Outcome.REDIRECT_LOOP: "the page navigates without end",
    Outcome.FAILED: "the page closed itself",
}


def collect(visit: VisitContext, sight: PageSight, pressure: PressureGauge) -> PageSight:
    """Add what the events show so far, also of a page that has died; a settled sight stays as it is."""
    if sight.settled:
        return sight
    events = visit.events
    response, failure, final_url = events.main_response(), events.main_failure(), sight.final_url
    if events.painted and not visit.shows_browser_error():
        final_url = visit.tab.url
    elif events.steps:
        final_url = events.steps[-1].request.url
    sight = replace(
        sight,
        status=response.status if response is not None and failure is None else sight.status,
        final_url=final_url,
        pressure=pressure.read(sight.facts.pressure if sight.facts else NO_PRESSURE),
        facts=replace(sight.facts, url=clean(final_url)) if sight.facts is not None else None,
        address=events.guard.address_of(final_url),
        redirects=events.hops(),
        dns=visit.proxy.ledger.dns(),
        network=sight.network or events.requests.entries(),
    )
    return sight.concluded(*outcome_of_failure(failure)) if failure is not None else sight


def recognise(visit: VisitContext, sight: PageSight, pressure: PressureGauge) -> PageSight:
    """Conclude where the page that was seen is a challenge (a CAPTCHA) or a parked domain."""
    if sight.facts is None:
        return sight
    sight = replace(sight, challenge=recognise_challenge(sight.facts, sight.network))
    if sight.screenshot is None:
        return sight
    sight = collect(visit, sight, pressure)
    if sight.challenge is not None and sight.challenge.blocking:
        return sight.concluded(Outcome.CAPTCHA, f"a challenge ({sight.challenge.vendor}) stands in place of the page")
    if sight.facts is not None and (sight.status is None or sight.status < 400):
        parked = parked_sentence(sight.facts, sight.network, final_url=sight.final_url, address=sight.address)
        if parked:
            return sight.concluded(Outcome.PARKED, parked)
    return sight


def conclude(visit: VisitContext, seen: SightSoFar) -> None:
    """Give the visit its outcome, unless it has one already, and note what else happened."""
    _note_counts(visit, seen)
    if seen.sight.settled:
        seen.conclude(seen.sight.as_seen())
    nothing_seen = seen.sight.screenshot is None or seen.sight.blank
    ended = visit.events.ended
    if ended.done() and not ended.cancelled():
        _conclude_ended(seen, ended.result())
    _conclude_limits(visit, seen, nothing_seen=nothing_seen)
    sight, breakage = seen.sight, visit.events.breakage
    if sight.status is not None and sight.status >= 400:
        seen.conclude(http_outcome(sight.status))
    elif breakage and nothing_seen:
        seen.conclude(*outcome_of_error(breakage))
    elif sight.blank:
        seen.conclude(Outcome.BLANK, "the page shows one colour, and neither text nor pictures")
    elif sight.screenshot is not None:
        seen.conclude(Outcome.OK)
    else:
        seen.conclude(Outcome.TIMEOUT, "nothing was seen in time")


def _conclude_limits(visit: VisitContext, seen: SightSoFar, *, nothing_seen: bool) -> None:
    """Note where a limit on bytes or requests cut the document or the capture; conclude where nothing was seen."""
    failure, stopped = visit.events.guard.failure_of(seen.sight.final_url), visit.proxy.ledger.stopped
    if failure is None or (failure is not stopped and failure.kind is not FailureKind.OVERSIZE):
        return
    outcome, sentence = outcome_of_failure(failure)
    if nothing_seen:
        seen.conclude(outcome, sentence)
    if failure is not stopped and seen.sight.facts is not None:
        # the document itself was cut
        seen.sight = replace(seen.sight, facts=seen.sight.facts.reaching("bytes"))
    seen.note(sentence)


def _conclude_ended(seen: SightSoFar, ending: Outcome) -> None:
    if ending == Outcome.CRASHED and seen.sight.screenshot is not None:
        seen.note("the page crashed its renderer after it had been seen")
    else:
        seen.conclude(ending, _ENDINGS.get(ending, ""))


def _note_counts(visit: VisitContext, seen: SightSoFar) -> None:
    for count, what in (
        (visit.events.dialogs, "dialogs dismissed"),
        (visit.events.popups, "pop-ups closed"),
        (visit.events.downloads, "downloads refused"),
    ):
        if count:
            seen.note(f"{what}: {count}")
