"""Navigate to the address of a visit, and conclude the visit where no page comes."""

from __future__ import annotations

from crawler.browser.cdp.session import DevToolsError, DevToolsTimeoutError
from crawler.capture.outcomes import outcome_of_error, outcome_of_failure
from crawler.capture.sight import SightSoFar
from crawler.capture.visit.context import VisitContext
from detector.model import Outcome, http_outcome


async def go(visit: VisitContext, seen: SightSoFar) -> bool:
    """Navigate to the address; False when no page came, and the visit is over (mostly with a conclusion)."""
    events = visit.events
    try:
        failure = await _navigate(visit, seen.sight.url)
    except DevToolsTimeoutError:
        seen.note(f"the server did not answer within {round(visit.config.navigation_seconds, 1):g} s")
        return events.painted
    if events.ended.done():
        return False
    if not failure:
        return events.main_failure() is None
    # a page that navigates away before it is shown takes the place of the address that was asked for
    if "ERR_ABORTED" in failure and not events.downloads and _was_left_by_script(visit):
        return True
    conclude_error(visit, seen, failure)
    return False


async def _navigate(visit: VisitContext, url: str) -> str:
    """Navigate; return the browser's reason when that failed, or an empty string once a document has come."""
    parameters = {"url": url}
    referrer = visit.profile.referrer_for(url)
    if referrer:
        parameters |= {"referrer": referrer, "referrerPolicy": "unsafeUrl"}
    try:
        answer = await visit.devtools.send("Page.navigate", parameters, seconds=visit.config.navigation_seconds)
    except DevToolsTimeoutError:
        raise
    except DevToolsError as error:
        return str(error)
    return "Download is starting" if answer.get("isDownload") else str(answer.get("errorText") or "")


def _was_left_by_script(visit: VisitContext) -> bool:
    """Tell whether an address was left for another one without a redirect of its server."""
    return any(not step.redirected for step in visit.events.steps[:-1])


def conclude_error(visit: VisitContext, seen: SightSoFar, message: str) -> None:
    """Conclude the visit from the browser's error ``message`` and from what the proxy and the server answered."""
    events = visit.events
    step = events.steps[-1] if events.steps else None
    failure = events.guard.failure_of(step.request.url) if step else visit.proxy.ledger.stopped
    response = step.response if step else None
    if failure is not None and "Download is starting" not in message:
        seen.conclude(*outcome_of_failure(failure))
    elif response is not None and response.status >= 400:
        seen.conclude(http_outcome(response.status), f"the server answered {response.status} without a page")
    elif response is not None and response.status in (204, 205) and "ERR_ABORTED" in message:
        seen.conclude(Outcome.BLANK, f"the server answered {response.status}: no page at all")
    else:
        seen.conclude(*outcome_of_error(message))
