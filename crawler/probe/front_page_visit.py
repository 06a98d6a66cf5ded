"""One probe: fetch a front page and its icon over plain HTTP, as a second visitor too where the first is shown nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.capture.profiles import Profile
from crawler.net.fetcher import Download
from crawler.net.guard import Failure, FailureError, FailureKind, Guard, GuardedHttpClient, TimeBudget
from crawler.net.guard.request_head import referrer
from crawler.pages.pictures import inline_picture
from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, FrontPageKind, JudgeLostError, unjudged
from crawler.probe.page_addresses import icon_address, joined
from crawler.probe.visitor_headers import head_of

MOST_HOPS = 6
MOST_ICON = 200_000
CLIENT, LIMIT, FAILURE, ADDRESS = (f"clonewatch_{name}" for name in ("client", "limit", "failure", "address"))
"""Keys of a request's ``meta``.  The visitor sets the HTTP client that sends it and the most bytes of the body that are read; the
download handler adds the failure, or the IP address that answered."""
_UNPACKED = "it decompresses to more bytes than are read"
_MOVED = (301, 302, 303, 307, 308)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|script|form|div)\b", re.IGNORECASE)
Judged = Callable[[FrontPageAnswer], Awaitable[FrontPageFinding]]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Result of a probe."""

    finding: FrontPageFinding
    start: str = ""
    """Address that answered: http where nothing answers on https."""
    cloaked: bool = False
    """True where the visitors were shown different things."""
    address: str | None = None
    """IP address of the server that the page came from."""


@dataclass(frozen=True, slots=True)
class _FetchFailed:
    """The reason why no page could be fetched."""

    failure: Failure
    after_redirect: bool
    """True where a first answer redirected to an address that did not answer."""


class FrontPageVisitor:
    """Probes names; one instance per run."""

    def __init__(
        self,
        guard: Guard,
        download: Download,
        judged: Judged,
        profiles: tuple[Profile, ...],
        *,
        most_bytes: int,
        most_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``profiles``: the first visitor, and those to try where it is shown nothing.

        ``most_seconds``: time for all requests of one probe together, by ``clock``.
        """
        self._guard, self._download, self._judged = guard, download, judged
        self._profiles = profiles
        self._most_bytes = most_bytes
        self._most_seconds, self._clock = most_seconds, clock

    async def probe(self, url: str) -> ProbeResult:
        """Fetch and judge a front page.  Never raises, whatever the server does.

        A site that answers, but uses up the time, is left to a browser; one that never answers was shown as nothing.
        """
        budget = TimeBudget(self._most_seconds, self._clock)
        ever_answered = False
        seen = ProbeResult(FrontPageFinding(FrontPageKind.NOTHING, "it was not probed"))
        for number, profile in enumerate(self._profiles):
            before = seen
            async with self._guard.http_client(place=profile.place_name, budget=budget) as client:
                seen, answered = await self._as(profile, url, client)
            ever_answered |= answered
            if number:
                seen = _of_both(before, seen)
            if seen.finding.sent or seen.finding.shown is FrontPageKind.PAGE or not answered:
                break
        if budget.exhausted and ever_answered and not seen.finding.sent:
            why = f"its answers took longer than {self._most_seconds:g} s together"
            return replace(seen, finding=unjudged(why))
        return seen

    async def _as(self, profile: Profile, url: str, client: GuardedHttpClient) -> tuple[ProbeResult, bool]:
        """Return what one visitor is shown, and True if there was an answer at all."""
        start, redirected = url, False
        for _ in range(MOST_HOPS):
            found = await self._page(url, profile, client, start)
            if isinstance(found, _FetchFailed) and url == start and _may_be_plain(url, found):
                start = url = "http://" + url.removeprefix("https://")
                found = await self._page(url, profile, client, start)
            if isinstance(found, _FetchFailed):
                return ProbeResult(
                    FrontPageFinding(FrontPageKind.NOTHING, found.failure.sentence), start
                ), redirected or found.after_redirect
            finding = await self._judge(found)
            if finding.wanted and not finding.sent:
                pictures = [await self._file(address, profile, client, found.url) for address in finding.wanted]
                fetched = tuple(picture for picture in pictures if picture)
                finding = await self._judge(replace(found, pictures=fetched, complete=True))
            if not finding.onward:
                return ProbeResult(finding, start, address=found.address), True
            redirected, url = True, finding.onward
        return ProbeResult(FrontPageFinding(FrontPageKind.NOTHING, "it forwards without end"), start), True

    async def _judge(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """Judge an answer; a page that no judge survives is left to the browser."""
        try:
            return await self._judged(answer)
        except JudgeLostError as error:
            return unjudged(str(error))

    async def _page(
        self, url: str, profile: Profile, client: GuardedHttpClient, start: str
    ) -> FrontPageAnswer | _FetchFailed:
        """Follow the redirects of ``url``; return the page at their end with its icon, or the failure."""
        for hop in range(MOST_HOPS):
            if joined(url, url) is None:  # a queue and a page may hold anything
                return _FetchFailed(
                    Failure(FailureKind.GUARD, f"{url[:100]!r} is not a web address"), after_redirect=hop > 0
                )
            response = await self._get(url, head_of(profile, url), client, self._most_bytes)
            if isinstance(response, Failure):
                return _FetchFailed(response, after_redirect=hop > 0)
            place = _moved_to(response)
            if not place:
                return await self._answer(response, url, profile, client, start)
            onward = joined(url, place)
            if onward is None:
                return _FetchFailed(
                    Failure(FailureKind.GUARD, f"it redirects to {place[:100]!r}, which is not a web address"),
                    after_redirect=True,
                )
            url = onward
        return _FetchFailed(Failure(FailureKind.FAILED, "it redirects without end"), after_redirect=True)

    async def _answer(
        self, response: Response, url: str, profile: Profile, client: GuardedHttpClient, start: str
    ) -> FrontPageAnswer:
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        body = bytes(response.body)
        icon = None
        if response.status < 400 and _HTML.search(body[:20_000]):
            named = icon_address(body, url)
            icon = inline_picture(named) if named.startswith("data:") else await self._file(named, profile, client, url)
        cut = self._cut(response) if "html" in kind.lower() or _HTML.search(body[:20_000]) else ""
        return FrontPageAnswer(
            start, url, response.status, kind, body, icon, address=response.meta.get(ADDRESS), cut=cut
        )

    def _cut(self, response: Response) -> str:
        """Return the limit at which a document was cut, as a clause; empty where it is complete."""
        if _UNPACKED in response.flags:
            return _UNPACKED
        return f"only its first {self._most_bytes} bytes were fetched" if "cut" in response.flags else ""

    async def _file(self, address: str, profile: Profile, client: GuardedHttpClient, page: str) -> bytes | None:
        """Fetch a picture of the page; None where that fails."""
        headers = {"User-Agent": head_of(profile, page)["User-Agent"], "Accept": "image/*"}
        with suppress(FailureError):
            headers["Referer"] = referrer(page)
        for _ in range(3):
            response = await self._get(address, headers, client, MOST_ICON)
            if isinstance(response, Failure):
                return None
            place = _moved_to(response)
            if not place:
                return bytes(response.body) if response.status == 200 and response.body else None
            onward = joined(address, place)
            if onward is None:
                return None
            address = onward
        return None

    async def _get(
        self, url: str, headers: dict[str, str], client: GuardedHttpClient, limit: int
    ) -> Response | Failure:
        meta = {CLIENT: client, LIMIT: limit}
        try:
            return await self._download(Request(url, headers=headers, meta=meta, dont_filter=True))
        except IgnoreRequest:  # a decompression bomb: nothing else that raises this is enabled in Scrapy
            flags = [_UNPACKED]
            return Response(url, headers={"Content-Type": "text/html"}, flags=flags, request=Request(url, meta=meta))
        except Exception as error:  # the downloader may raise anything for what a hostile server sends
            failure = meta.get(FAILURE)
            said = f"no answer ({type(error).__name__}: {str(error)[:120]})"
            return failure if isinstance(failure, Failure) else Failure(FailureKind.FAILED, said)


def _moved_to(response: Response) -> str:
    """Return the target of a redirect; empty for any other answer."""
    if response.status not in _MOVED:
        return ""
    return (response.headers.get("Location") or b"").decode("latin-1").strip()


def _may_be_plain(url: str, failed: _FetchFailed) -> bool:
    """Return True if a site that does not answer on https may answer on http."""
    return (
        url.startswith("https://")
        and not failed.after_redirect
        and failed.failure.kind not in (FailureKind.DNS, FailureKind.GUARD)
    )


def _of_both(first: ProbeResult, second: ProbeResult) -> ProbeResult:
    """Merge the results of two visitors where only the second was shown a page: the site cloaks."""
    if second.finding.shown is not FrontPageKind.PAGE:
        return first
    how = f"One visitor was shown nothing ({first.finding.remark}), another a page."
    finding = replace(
        second.finding, reasons=(*second.finding.reasons, how) if second.finding.sent else second.finding.reasons
    )
    return ProbeResult(finding, second.start, cloaked=True, address=second.address)
