"""Examine one address: capture, judge, capture again with other profiles, choose the decisive view, keep its evidence.

``scan`` and ``run`` share it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import structlog

from crawler.capture.capturer import Capturer, RecordedCapture
from crawler.examine.cloaking import cloaking_sentence, differ
from crawler.examine.examination_result import ExaminationResult
from crawler.examine.hosting import HostingLookup
from crawler.examine.inspection import CaptureInspector, JudgedCapture
from crawler.examine.registration import RegistrationLookup
from crawler.examine.second_look import SecondLookPolicy, second_profiles, strength
from detector.config import CaptureConfig
from detector.evidence import Evidence
from detector.hosts import host_of
from detector.model import Capture, StoredFile

AGE_MATTERS_FROM = 0.1
"""Probability from which a registry is asked for the age of the name; below, no age would make it a case."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProfileView:
    """The capture by one profile, with its verdict."""

    look: RecordedCapture
    judged: JudgedCapture

    @property
    def capture(self) -> Capture:
        return self.judged.capture


class Examiner:
    """Examines addresses, several at the same time; holds at most ``2 + second_looks`` recordings per address in memory."""

    def __init__(
        self,
        capturer: Capturer,
        inspector: CaptureInspector,
        evidence: Evidence,
        config: CaptureConfig,
        registrations: RegistrationLookup,
        hosting: HostingLookup,
    ) -> None:
        self._capturer = capturer
        self._hosting = hosting
        self._registrations = registrations
        self._inspector = inspector
        self._evidence = evidence
        self._config = config
        self._doubt = SecondLookPolicy(inspector.judge.library)

    async def examine(self, url: str, brands: tuple[str, ...] = ()) -> ExaminationResult:
        """Examine one address; ``brands``: ids of the brands that it is suspected of imitating.

        Raises:
            EvidenceError: something could not be stored.
            BrowserMissing: the browser no longer starts.
        """
        views = [await self._view(url, self._config.profile)]
        reason = (
            self._doubt.reason(views[0].capture, views[0].judged.verdict, brands) if self._config.second_looks else ""
        )
        if reason:
            await self._look_again(views, reason, brands)
        best = max(views, key=lambda view: strength(view.capture, view.judged.verdict))
        best = await self._with_hosting(views, await self._with_age(views, best))
        capture, extra = await self._compared(views, best)
        if self._keeps(best):
            capture = await self._with_evidence(views, best, capture)
        return ExaminationResult(
            capture,
            best.judged.verdict,
            sum(view.capture.seconds for view in views) + extra,
            sum(view.judged.seconds for view in views),
            self._path(capture.screenshot),
            self._path(capture.full_page),
            other_paths=tuple(self._path(other.screenshot) for other in capture.others),
        )

    async def _view(self, url: str, profile: str) -> ProfileView:
        look = await self._capturer.record(url, profile=profile)
        return ProfileView(look, await self._inspector.inspect(look.capture, look.before))

    async def _look_again(self, views: list[ProfileView], reason: str, brands: tuple[str, ...]) -> None:
        """Capture with further profiles until one view is suspicious, or ``second_looks`` were made."""
        first = views[0].capture
        log.info("looking again", url=first.url, reason=reason)
        suspected = self._doubt.suspected(first.url, brands)
        known = (brand for brand_id in suspected if (brand := self._inspector.judge.library.get(brand_id)))
        others = second_profiles(first.url, tuple(known), self._config.second_looks)
        for profile in (other for other in others if other != first.profile):
            views.append(await self._view(first.url, profile))
            if views[-1].judged.verdict.is_suspect:
                return

    async def _with_age(self, views: list[ProfileView], best: ProfileView) -> ProfileView:
        """Return the decisive view, judged again with the age of its name where that is known and may matter."""
        capture, verdict = best.capture, best.judged.verdict
        if not verdict.is_suspect and (verdict.probability or 0.0) < AGE_MATTERS_FROM:
            return best
        known = await self._registrations.of(host_of(capture.final_url or capture.url))
        if known is None:
            return best
        judged = await self._inspector.judge_again(best.judged, replace(capture, registration=known))
        return _replaced(views, best, replace(best, judged=judged))

    async def _with_hosting(self, views: list[ProfileView], best: ProfileView) -> ProfileView:
        """Return the decisive view, with who hosts its address if it is suspicious."""
        if not best.judged.verdict.is_suspect:
            return best
        known = await self._hosting.of(best.capture.address)
        if known is None:
            return best
        judged = replace(best.judged, capture=replace(best.capture, hosting=known))
        return _replaced(views, best, replace(best, judged=judged))

    # --- comparison of views -----------------------------------------------------------------------------

    async def _compared(self, views: list[ProfileView], best: ProfileView) -> tuple[Capture, float]:
        """Return the decisive capture with the other views, a sentence if it is cloaked, and the seconds of further captures."""
        seen = [view.capture for view in views]
        main = best.capture
        if len(seen) == 1:
            return main, 0.0
        for other in seen:
            if other is main or not await self._differ(main, other):
                continue
            first, second = (seen[0], main) if main is not seen[0] else (main, other)
            stays, seconds = await self._stays_so(first, second)
            if stays:
                others = tuple(replace(capture, others=()) for capture in seen if capture is not main)
                return replace(main, cloaked=cloaking_sentence(first, second), others=others), seconds
            said = "another visit by the same profile was shown another page: the page changes from visit to visit"
            return _noted(main, said), seconds
        profiles = ", ".join(capture.profile for capture in seen if capture is not main)
        return _noted(main, f"captured again as {profiles}: the page was the same"), 0.0

    async def _stays_so(self, first: Capture, second: Capture) -> tuple[bool, float]:
        """Return True if each profile is shown its own page again: a page that changes from visit to visit is not cloaked."""
        seconds = 0.0
        for known, other in ((first, second), (second, first)):
            again = await self._capturer.capture(known.url, profile=known.profile)
            seconds += again.seconds
            if not await self._differ(again, other):
                return False, seconds
        return True, seconds

    async def _differ(self, first: Capture, second: Capture) -> bool:
        return await asyncio.to_thread(differ, first, second, self._inspector.read)

    # --- evidence -----------------------------------------------------------------------------------------------

    def _keeps(self, best: ProfileView) -> bool:
        if self._config.evidence == "suspect":
            return best.judged.verdict.is_suspect
        return self._config.evidence == "all"

    async def _with_evidence(self, views: list[ProfileView], best: ProfileView, capture: Capture) -> Capture:
        kept: dict[str, Capture] = {}
        for view in views:
            if view is best or capture.others:
                stored = await asyncio.to_thread(view.look.keep, self._evidence)
                kept[view.capture.profile] = stored
        others = tuple(_with_bundle(other, kept) for other in capture.others)
        return replace(_with_bundle(capture, kept), others=others)

    def _path(self, stored: StoredFile | None) -> str | None:
        return self._evidence.path(stored) if stored else None


def _with_bundle(capture: Capture, kept: dict[str, Capture]) -> Capture:
    known = kept.get(capture.profile)
    return replace(capture, bundle=known.bundle, dns=known.dns or capture.dns) if known else capture


def _noted(capture: Capture, sentence: str) -> Capture:
    return replace(capture, note="; ".join(part for part in (capture.note, sentence) if part))


def _replaced(views: list[ProfileView], old: ProfileView, new: ProfileView) -> ProfileView:
    """Put a view in the place of another, and return it."""
    views[:] = [new if view is old else view for view in views]
    return new
