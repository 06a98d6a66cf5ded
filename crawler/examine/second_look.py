"""When a candidate is looked at again as somebody else, and which view of it counts."""

from __future__ import annotations

from collections.abc import Sequence

from phonenumbers import NumberParseException, parse, region_code_for_number

from crawler.capture.profiles import DEFAULT_PLACE, shipped_profiles
from crawler.examine.cloaking import asks
from detector.brands import BrandLibrary
from detector.hosts import host_of, is_user_content, split_host
from detector.model import Brand, Capture, Decision, Outcome, Verdict
from detector.names.matcher import SELECT, NameMatcher

MIN_TEXT, MIN_IMAGES = 200, 3
"""Characters of text, and pictures, below which a page without fields has hardly any content."""
SECOND_VISITORS = (
    ("phone", "search"),
    ("desktop", "mail"),
    ("iphone", "sms"),
    ("phone", "social"),
    ("desktop", "search"),
)
"""Devices and where they come from: what phishing is sent by, and what cloaking asks for most."""
_PLACE_OF = {"uk": "gb"}
_STRENGTH = (Decision.UNSEEN, Decision.OWNED, Decision.CLEAR, Decision.REVIEW, Decision.FLAGGED)
_NO_USE = frozenset(
    (
        Outcome.BAD_URL, Outcome.CRASHED, Outcome.DNS_ERROR, Outcome.FAILED, Outcome.OVERSIZE, Outcome.REFUSED, Outcome.TLS_ERROR,
    )
)  # fmt: skip
"""Outcomes that no other profile changes."""


class SecondLookPolicy:
    """Judges whether one view of an address is enough."""

    def __init__(self, library: BrandLibrary) -> None:
        self._library = library
        self._names = NameMatcher(library)

    def reason(self, capture: Capture, verdict: Verdict, brands: tuple[str, ...] = ()) -> str:
        """Why to look again, as a clause; empty where one view is enough.

        ``brands`` are those that the candidate is suspected of.  A server that does not answer gets no second look: most are
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
            return "the first view was led on to the brand's own site"
        if _is_hollow(capture):
            return "the first view shows hardly anything"
        if self.suspected(capture.url, brands):
            return "the name is suspicious, and the first view harmless"
        return ""

    def suspected(self, url: str, brands: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Brands that an address is suspected of, by the candidate's list or else by its name."""
        return brands or tuple(match.brand for match in self._names.match(url) if match.score >= SELECT)

    @staticmethod
    def _has_shown_itself(capture: Capture, verdict: Verdict) -> bool:
        """A name alone can send a parked page to review: that is no view of a clone."""
        if verdict.decision is Decision.REVIEW:
            return capture.outcome == Outcome.OK and asks(capture)
        return verdict.decision is Decision.FLAGGED

    def _is_owned(self, url: str) -> bool:
        host = host_of(url)
        return bool(host) and self._library.owner_of(host) is not None and not is_user_content(host)


def second_profiles(url: str, brands: Sequence[Brand], most: int) -> tuple[str, ...]:
    """Names of the profiles that look again, in this order: a phone first, from where the brands' customers are."""
    place = customers_place(url, brands)
    where = f"-{place}" if place != DEFAULT_PLACE else ""
    return tuple(f"{device}{where}@{origin}" for device, origin in SECOND_VISITORS[:most])


def customers_place(url: str, brands: Sequence[Brand]) -> str:
    """Where the customers of a suspected brand are, as profiles name places.

    By the country of the address, of the brands' main domains, or of their official numbers; the default place where nothing
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
    """Sort key: the view that shows most comes last."""
    return _STRENGTH.index(verdict.decision), verdict.probability or 0.0, capture.outcome == Outcome.OK


def _is_hollow(capture: Capture) -> bool:
    facts = capture.facts
    if facts is None:
        return True
    return len(facts.text.strip()) < MIN_TEXT and len(facts.images) < MIN_IMAGES and not facts.inputs
