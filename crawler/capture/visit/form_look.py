"""Click on from a page without a form, and look at the form behind it where there is one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from crawler.capture.clicks import asks_for_something
from crawler.capture.form_search import FormSearch
from crawler.capture.page_halt import PageHalt
from crawler.capture.page_settling import PageSettling
from crawler.capture.record.recording import RecordingContext, TrafficRecorder
from crawler.capture.request_hold import RequestHold
from crawler.capture.sight import PageSight, SightSoFar, merge
from crawler.capture.visit.context import VisitContext
from crawler.capture.visit.page_look import PageLook
from crawler.pages.challenge import recognise_challenge
from detector.frames import with_frames


def recording_context(visit: VisitContext, sight: PageSight) -> RecordingContext:
    """Describe the visit for its recording."""
    title = sight.facts.title if sight.facts else ""
    return RecordingContext(visit.tab.url, title, sight.browser, visit.profile.name)


def may_click(visit: VisitContext, sight: PageSight, halt: PageHalt) -> bool:
    """Tell whether a form may lie behind the page that is shown, and may be looked for."""
    if not visit.config.max_clicks or not sight.shows_page or sight.blank or sight.outcome:
        return False
    if halt.frozen or visit.events.stopped or visit.events.ended.done() or (sight.status or 0) >= 400:
        return False
    return sight.facts is not None and not asks_for_something(with_frames(sight.facts))


async def look_behind(
    visit: VisitContext,
    seen: SightSoFar,
    look: PageLook,
    halt: PageHalt,
    hold: RequestHold,
    recorder: TrafficRecorder,
) -> None:
    """Search for a form; where one is found, ``seen`` shows it afterwards, else it stays what it was before the clicks.

    Raises:
        EvidenceError: a picture could not be stored.
    """
    config, clock = visit.config, asyncio.get_running_loop().time
    search = FormSearch(
        visit.tab,
        hold,
        visit.devtools,
        visit.events,
        settle=PageSettling(visit.events, visit.devtools, halt, config, seen.note).wait,
        read=look.read,
        note=seen.note,
    )

    async def before_first_click() -> None:
        seen.sight = replace(seen.sight, settled=True)
        recording = await recorder.finish(recording_context(visit, seen.sight))
        seen.sight = replace(seen.sight, recording=recording)

    later = seen.sight.begun_again()
    try:
        until = clock() + config.navigation_seconds
        if await search.run(config.max_clicks, until, config.settle_seconds, before_first_click):
            later = await look.look(SightSoFar(later), halt)
    finally:
        seen.sight = replace(merge(seen.sight, later), clicks=tuple(search.clicks))
    seen.sight = replace(seen.sight, network=visit.events.requests.entries())
    if later.shows_page and seen.sight.facts is not None:
        seen.sight = replace(seen.sight, challenge=recognise_challenge(seen.sight.facts, seen.sight.network))
    if later.shows_page or not search.clicks:
        recording = await recorder.finish(recording_context(visit, seen.sight))
        seen.sight = replace(seen.sight, recording=recording)
