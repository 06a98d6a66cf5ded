"""Judge front pages by their content, against all brands at once; runs in a child process and never uses the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from crawler.pages.challenge import MAX_CHALLENGE_LINKS, MAX_CHALLENGE_TEXT, recognise_challenge
from crawler.pages.parked import parked_sentence
from crawler.pages.pictures import icon_as_png
from crawler.probe.html.html_facts import HtmlPage, read_html
from crawler.probe.icon_signal import IconSignal
from crawler.probe.judge_messages import SEND, FrontPageAnswer, FrontPageFinding, FrontPageKind, unjudged
from crawler.probe.kit_index import KitIndex
from crawler.probe.picture_sheet import draws_with_shadows, inline_pictures, sheet_of
from detector.brands import BrandLibrary
from detector.hosts import host_of, registrable_domain
from detector.judge import Judge
from detector.limits import hiding, limits_sentence
from detector.model import Brand, Capture, Decision, PageFacts, Verdict
from detector.signals import load_signals
from detector.signals.capture_view import CaptureView
from detector.signals.logo.logo_signal import shown_at
from detector.signals.lure import strongest_lure
from detector.signals.scareware import scare_of

ASKS = 0.7
"""Measure of the signal ``lure`` from which a page asks for data."""
SCARES = 0.6
"""Measure of the signal ``scareware`` from which a page is captured, whatever brand it imitates."""
KIT = 0.9
HIDDEN = 0.5
PAINTED = "Without a browser: the page has a form, and paints a picture with hundreds of CSS shadows instead of showing a file."
SCREENSHOT, LOGO = "screenshot", "logo"
NEED_PICTURES = frozenset({SCREENSHOT, LOGO, "lettering"})
LOGO_FILE = ("logo", "brand", "header", "icon", "emblem")
MOST_WANTED = 2
PLAIN = 0.5
"""Measure from which a logo counts as present."""


class FrontPageJudge:
    """Judge of fetched front pages; not for several threads at the same time."""

    def __init__(self, library: BrandLibrary, kits: KitIndex) -> None:
        signals = [signal for signal in load_signals(library) if signal.name != SCREENSHOT]
        self._library = library
        self._kits = kits
        self._thorough = Judge(library, signals=signals)
        cheap = [signal for signal in signals if signal.name not in NEED_PICTURES]
        self._quick = Judge(
            library, signals=[IconSignal(library) if signal.name == "favicon" else signal for signal in cheap]
        )

    def judge(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """Judge one answer: what it shows, and the score for a capture with a browser."""
        if answer.status >= 400:
            return FrontPageFinding(FrontPageKind.NOTHING, f"HTTP status {answer.status}")
        owner = self._owner(answer)
        if owner is not None:
            return FrontPageFinding(
                FrontPageKind.BRAND, f"it redirects to {host_of(answer.url)}, which belongs to {owner.name}"
            )
        page = read_html(answer.body, answer.url, answer.content_type, cut=bool(answer.cut))
        if page.onward:
            return FrontPageFinding(FrontPageKind.NOTHING, "it forwards to another address", onward=page.onward)
        cut = answer.cut or page.cut
        finding = self._judged(answer, page)
        return unjudged(cut) if cut and not (finding.sent or finding.wanted) else finding

    def _judged(self, answer: FrontPageAnswer, page: HtmlPage) -> FrontPageFinding:
        facts = page.facts
        hidden = hiding(facts)
        small = not hidden and len(facts.text) <= MAX_CHALLENGE_TEXT and len(facts.links) <= MAX_CHALLENGE_LINKS
        wall = recognise_challenge(facts, ()) if small else None
        if wall is not None and wall.blocking:
            return FrontPageFinding(FrontPageKind.WALL, f"a challenge ({wall.vendor})")
        lure = strongest_lure(facts)[0]
        parked = parked_sentence(facts, (), final_url=answer.url, address=answer.address, lure=lure)
        if parked and not hidden:
            return FrontPageFinding(FrontPageKind.NOTHING, parked)
        kit = self._kits.match(facts)
        if kit is not None:
            return FrontPageFinding(FrontPageKind.PAGE, brand=kit.brand, score=KIT, reasons=(kit.sentence,))
        verdict = self._verdict(answer, facts, self._quick, lambda: None)
        if (verdict.probability or 0.0) < SEND and lure >= ASKS:
            wanted = () if answer.complete else _wanted(facts)
            if wanted:
                return FrontPageFinding(FrontPageKind.PAGE, wanted=wanted)
            pictures = (*answer.pictures, *inline_pictures(answer.body))
            if pictures or answer.icon:
                verdict = self._seen(answer, facts, pictures, verdict)
            if (verdict.probability or 0.0) < SEND and draws_with_shadows(answer.body):
                return FrontPageFinding(FrontPageKind.PAGE, score=HIDDEN, reasons=(PAINTED,))
        return self._conclude(answer, page, verdict)

    def _conclude(self, answer: FrontPageAnswer, page: HtmlPage, verdict: Verdict) -> FrontPageFinding:
        facts = page.facts
        score, brand = verdict.probability or 0.0, verdict.brand
        reasons = (f"Without a browser: {verdict.sentence}",) if score >= SEND else ()
        frightening, sentence, _ = scare_of(_capture(answer, facts), facts, self._library)
        if frightening >= SCARES and frightening > score:
            score, reasons = frightening, (*reasons, f"Without a browser: {sentence}")
        if hiding(facts) and score < SEND:
            return FrontPageFinding(
                FrontPageKind.PAGE, score=HIDDEN, reasons=(f"Without a browser: {limits_sentence(facts)}",)
            )
        if page.hollow and score < SEND:
            return FrontPageFinding(FrontPageKind.NOTHING, "it shows nothing without its scripts")
        return FrontPageFinding(
            FrontPageKind.PAGE,
            brand=brand if score >= SEND else None,
            score=round(score, 4),
            reasons=reasons,
        )

    def _seen(self, answer: FrontPageAnswer, facts: PageFacts, pictures: tuple[bytes, ...], quick: Verdict) -> Verdict:
        """Judge again with the page's pictures laid out on one sheet, which takes the place of a screenshot."""
        sheet = sheet_of(pictures)
        if sheet is None:
            return self._verdict(answer, facts, self._thorough, lambda: None) if answer.icon else quick
        shown = replace(facts, images=(*sheet.images, *facts.images))
        verdict = self._verdict(answer, shown, self._thorough, lambda: sheet.picture)
        if self._is_wall(verdict):
            return quick
        return replace(verdict, sentence=_without_positions(verdict))

    def _is_wall(self, verdict: Verdict) -> bool:
        """Return True if the pictures are logos of several brands: sign-in buttons, payment marks, partners."""
        logos = {
            finding.brand for finding in verdict.findings if finding.signal == LOGO and (finding.measure or 0) >= PLAIN
        }
        return any(brand not in self._library.family(verdict.brand or "") for brand in logos)

    def _verdict(
        self, answer: FrontPageAnswer, facts: PageFacts, judge: Judge, read: Callable[[], bytes | None]
    ) -> Verdict:
        icon = icon_as_png(answer.icon) if answer.icon else None
        verdict = judge.judge_view(CaptureView(_capture(answer, facts), read, read_icon=lambda: icon))
        if verdict.decision in (Decision.OWNED, Decision.UNSEEN):
            return Verdict(verdict.decision, None, 0.0, (), verdict.sentence)
        return verdict

    def _owner(self, answer: FrontPageAnswer) -> Brand | None:
        host = host_of(answer.url)
        if registrable_domain(host) == registrable_domain(host_of(answer.asked)):
            return None
        return self._library.owner_of_page(answer.url)


def _without_positions(verdict: Verdict) -> str:
    """Return the verdict's sentence without places of logos: a position on the sheet is not a position on the page."""
    sentence = verdict.sentence
    for finding in verdict.findings:
        if finding.signal == LOGO and finding.region is not None:
            sentence = sentence.replace(shown_at(finding.region), "is one of its pictures")
    return sentence


def _capture(answer: FrontPageAnswer, facts: PageFacts) -> Capture:
    return Capture(url=answer.asked, outcome="ok", final_url=answer.url, status=answer.status, facts=facts)


def _wanted(facts: PageFacts) -> tuple[str, ...]:
    """Return addresses of the pictures that are most likely a logo: by name first, then by position."""
    listed: Mapping[str, None] = dict.fromkeys(
        image.src for image in facts.images[:20] if image.src.startswith(("http://", "https://"))
    )
    named = sorted(listed, key=lambda address: not any(word in address.lower() for word in LOGO_FILE))
    return tuple(named[:MOST_WANTED])
