"""Decide when a candidate is captured again with another profile, and which of its views counts."""

from __future__ import annotations

from collections.abc import Sequence

from phonenumbers import NumberParseException, parse, region_code_for_number

from crawler.capture.profiles import DEFAULT_PLACE, shipped_profiles
from crawler.examine.cloaking import asks
from detector.brands import BrandLibrary
from detector.hosts import host_of, split_host
from detector.model import Brand, Capture, Decision, Outcome, Verdict
from detector.names.matcher import SELECT, NameMatcher

MIN_TEXT, MIN_IMAGES = 200, 3
"""Characters of text, and number of pictures, below which a page without fields has hardly any content."""
SECOND_VISITORS = (
    ("phone", "search"),
    ("desktop", "mail"),
    ("iphone", "sms"),
    ("phone", "social"),
    ("desktop", "search"),
)
"""Devices and referrers: the channels that phishing is sent by, and what cloaked sites ask for most."""
_PLACE_OF = {"uk": "gb"}
_STRENGTH = (Decision.UNSEEN, Decision.OWNED, Decision.CLEAR, Decision.REVIEW, Decision.FLAGGED)
_NO_USE = frozenset(
    (
        Outcome.BAD_URL, Outcome.CRASHED, Outcome.DNS_ERROR, Outcome.FAILED, Outcome.OVERSIZE, Outcome.REFUSED, Outcome.TLS_ERROR,
    )
)  # fmt: skip
"""Outcomes that are the same for every profile."""


class SecondLookPolicy:
    """Decides whether one view of an address is enough."""

    def __init__(self, library: BrandLibrary) -> None:
        self._library = library
        self._names = NameMatcher(library)

    def reason(self, capture: Capture, verdict: Verdict, brands: tuple[str, ...] = ()) -> str:
        """Return a clause that says why to capture again; empty where one view is enough.

        ``brands``: ids that the candidate is suspected of imitating.  A server that does not answer gets no second look: most are
        dead, and waiting for them again costs more than it finds.
        """
        if self._has_shown_itself(capture, verdict) or capture.outcome in _NO_USE or self._is_owned(capture.url):
            return ""
        if capture.outcome == Outcome.TIMEOUT and capture.status is None:
            return ""
        if capture.outcome == Outcome.BLOCKED_BY_GUARD and not capture.redirects:
            return ""
        if capture.outcome != Outcome.OK:
            return f"the first view ended as {capture.outcome}"
        if verdict.decision is Decision.OWNED:
            return "the first view was redirected to the brand's own site"
        if _is_hollow(capture):
            return "the first view shows hardly anything"
        if self.suspected(capture.url, brands):
            return "the name is suspicious, and the first view harmless"
        return ""

    def suspected(self, url: str, brands: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the brands that an address is suspected of imitating, by the candidate's list or else by its name."""
        return brands or tuple(match.brand for match in self._names.match(url) if match.score >= SELECT)

    @staticmethod
    def _has_shown_itself(capture: Capture, verdict: Verdict) -> bool:
        """Return True for a view of a suspicious page: a parked page may be in review by its name alone, and is not one."""
        if verdict.decision is Decision.REVIEW:
            return capture.outcome == Outcome.OK and asks(capture)
        return verdict.decision is Decision.FLAGGED

    def _is_owned(self, url: str) -> bool:
        return self._library.owner_of_page(url) is not None


def second_profiles(url: str, brands: Sequence[Brand], most: int) -> tuple[str, ...]:
    """Return the profiles to capture with, in this order: a phone first, in the country of the brands' customers."""
    place = customers_place(url, brands)
    where = f"-{place}" if place != DEFAULT_PLACE else ""
    return tuple(f"{device}{where}@{origin}" for device, origin in SECOND_VISITORS[:most])


def customers_place(url: str, brands: Sequence[Brand]) -> str:
    """Return the country of a suspected brand's customers, as a place of profiles.

    It follows from the address, the brands' main domains, or their official numbers; the default place where nothing
    speaks for another.
    """
    hosts = (host_of(url), *(brand.domains[0] for brand in brands if brand.domains))
    countries = [split_host(host).suffix.rpartition(".")[2] for host in hosts]
    countries += [_country(number) for brand in brands for number in brand.phones[:1]]
    places = shipped_profiles().data.places
    known = (_PLACE_OF.get(country, country) for country in countries)
    return next((place for place in known if place in places), DEFAULT_PLACE)


def _country(number: str) -> str:
    try:
        return (region_code_for_number(parse(number)) or "").lower()
    except NumberParseException:
        return ""


def strength(capture: Capture, verdict: Verdict) -> tuple[int, float, bool]:
    """Return a sort key by which the view that shows most comes last."""
    return _STRENGTH.index(verdict.decision), verdict.probability or 0.0, capture.outcome == Outcome.OK


def _is_hollow(capture: Capture) -> bool:
    facts = capture.facts
    if facts is None:
        return True
    return len(facts.text.strip()) < MIN_TEXT and len(facts.images) < MIN_IMAGES and not facts.inputs
