"""Decisions on which candidates are worth a capture, and with which priority.  Pure: no network, no database, no clock.

The name is scored against all brands at once (:mod:`detector.names.matcher`); what else a URL shows raises the score a little.
A low score does not drop what a source of confirmed phishing reports: most clones use inconspicuous names.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from urllib.parse import quote

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.addresses.wrapped_links import unwrapped
from detector.brands import BrandLibrary
from detector.errors import ConfigError
from detector.hosts import host_of, inner_url, is_address, split_host, split_url, unicode_label
from detector.model import Candidate
from detector.names.lures import RISKY_ENDINGS, lures_of
from detector.names.matcher import SELECT, NameMatch, NameMatcher
from detector.names.sieve import NameSieve
from detector.names.user_info import user_info

__all__ = [
    "SELECT",
    "NameScore",
    "Triage",
    "TriageDecision",
    "TriageOutcome",
    "check_weights",
    "expected_harm",
    "shannon_entropy",
]

BRAND_FROM = 0.25
"""Score from which a candidate is suspected of imitating a brand because of its name."""


class TriageOutcome(StrEnum):
    """Outcome of triage for one candidate."""

    SELECTED = "selected"
    BAD_URL = "bad_url"
    OWNED = "owned"
    SEEN = "seen"
    UNREMARKABLE = "unremarkable"


@dataclass(frozen=True, slots=True)
class NameScore:
    """Score of a host name or URL by its spelling alone."""

    brand: str | None
    """Id of the brand that it most likely imitates; None where it names none."""
    score: float
    """0 (inconspicuous) to 1 (no accident)."""
    reasons: tuple[str, ...] = ()
    where: str = ""
    """Part of the URL that names the brand: ``name``, ``subdomain`` or ``path``; empty without a brand."""
    matches: tuple[NameMatch, ...] = ()

    @property
    def selected(self) -> bool:
        """True where the name alone makes it worth a capture."""
        return self.brand is not None and self.score >= SELECT


@dataclass(frozen=True, slots=True)
class TriageDecision:
    """Outcome for a candidate, with the reason.  ``candidate`` has its URL normalised, and brands, priority and reasons set."""

    outcome: TriageOutcome
    reason: str
    candidate: Candidate
    score: float = 0.0

    @property
    def selected(self) -> bool:
        return self.outcome is TriageOutcome.SELECTED


def expected_harm(likely: float, weight: float) -> float:
    """Return the priority, 0 to 1, of a page that is a clone with probability ``likely`` and does ``weight`` times the usual harm.

    That is the probability that one of ``weight`` usual pages is a clone: about ``weight * likely`` where that is small, in the
    same order as ``likely`` for each weight, and never above 1.
    """
    return float(1.0 - (1.0 - min(1.0, max(0.0, likely))) ** weight)


def check_weights(library: BrandLibrary, weights: Mapping[str, float]) -> None:
    """Refuse weights of brands that do not exist.

    Raises:
        ConfigError: a weight is for a brand that does not exist.
    """
    unknown = [brand for brand in weights if library.get(brand) is None]
    if unknown:
        raise ConfigError(
            f"discover.brand_weights: there is no brand {unknown[0]!r}; `clonewatch brands list` shows all of them"
        )


class Triage:
    """Triage with a fixed set of brands.  Immutable, safe for several threads."""

    def __init__(self, library: BrandLibrary, weights: Mapping[str, float] | None = None) -> None:
        """``weights``: harm of an impersonation by brand; 1 for brands that are not listed.

        Raises:
            ConfigError: a weight is for a brand that does not exist.
        """
        self._weights = dict(weights or {})
        check_weights(library, self._weights)
        self._library = library
        self._matcher = NameMatcher(library)

    def judge(
        self,
        candidate: Candidate,
        *,
        seen: Callable[[str], bool] = lambda url: False,
        minimum: float = 0.0,
        ceiling: float = 1.0,
        hops: int = 3,
    ) -> TriageDecision:
        """Normalise a candidate, decide whether it is worth a capture, and set its brands, priority and reasons.

        ``minimum``: score below which a candidate without brands is dropped (for sources that report every name);
        ``ceiling``: highest priority that the name alone can give (for parked domains);
        ``hops``: number of brands' redirectors that are resolved.
        """
        try:
            url = read_address(candidate.url)
        except BadUrl as error:
            return TriageDecision(TriageOutcome.BAD_URL, str(error), candidate)
        inner = unwrapped(url)
        if inner:
            outer, url = url, inner[-1]
            reason = f"{host_of(outer)} redirects to this address."
            candidate = replace(candidate, reasons=(*candidate.reasons, reason))
        user = "" if inner else user_info(candidate.url)  # it selects no page, and is the strongest of lures
        candidate = replace(candidate, url=url)
        host = host_of(url)
        owner = self._library.owner_of_page(url)
        if owner is not None:
            onward_url = inner_url(url.split("/", 3)[-1]) if hops else None
            if onward_url is not None:  # google.com/url?q=https://...: the page to capture is the one it leads to
                onward = replace(
                    candidate, url=onward_url, reasons=(*candidate.reasons, f"{host} redirects to this address.")
                )
                return self.judge(onward, seen=seen, minimum=minimum, ceiling=ceiling, hops=hops - 1)
            return TriageDecision(TriageOutcome.OWNED, f"{host} belongs to {owner.name}", candidate)
        if seen(url):
            return TriageDecision(TriageOutcome.SEEN, "seen before", candidate)
        named = f"://{quote(user, safe='')}@" if user and not user_info(url) else "://"
        name = self.score_name(url.replace("://", named, 1))
        if name.score < minimum and not candidate.brands:
            reason = f"the name is inconspicuous (score {name.score:.2f}, below {minimum:.2f})"
            return TriageDecision(TriageOutcome.UNREMARKABLE, reason, candidate, name.score)
        suspects = (match.brand for match in name.matches if match.score >= BRAND_FROM)
        brands = tuple(dict.fromkeys((*candidate.brands, *suspects)))
        likely = max(candidate.priority, name.score)
        chosen = replace(
            candidate,
            brands=brands,
            priority=round(min(ceiling, expected_harm(likely, self._weight(brands))), 3),
            reasons=tuple(dict.fromkeys((*candidate.reasons, *name.reasons))),
        )
        return TriageDecision(TriageOutcome.SELECTED, "worth a capture", chosen, name.score)

    def _weight(self, brands: Sequence[str]) -> float:
        """Return the largest weight of the suspected brands; the usual weight where none is suspected."""
        return max((self._weights.get(brand, 1.0) for brand in brands), default=1.0)

    def sift(self, names: Sequence[str]) -> Iterator[tuple[int, NameScore]]:
        """Yield (position, score) of every selected name or URL, in order.

        The scores are those of :meth:`score_name`; it is many times faster where few are selected.
        """
        for position in self._sieve.keep(names):
            score = self.score_name(names[position])
            if score.selected:
                yield position, score

    @cached_property
    def _sieve(self) -> NameSieve:
        return self._matcher.sieve()

    def score_name(self, host_or_url: str) -> NameScore:
        """Score host and path, with a sentence for everything that counted."""
        matches = tuple(self._matcher.match(host_or_url))
        host = split_url(host_or_url)[0]
        score = matches[0].score if matches else 0.0
        reasons = [match.sentence for match in matches[:3] if match.score >= BRAND_FROM]
        for gain, reason in _circumstances(host, named=bool(matches)):
            score += gain
            reasons.append(reason)
        best = matches[0] if matches else None
        return NameScore(
            brand=best.brand if best else None,
            score=round(min(1.0, score), 3),
            reasons=tuple(dict.fromkeys(reasons)),
            where=best.where if best else "",
            matches=matches,
        )


def _circumstances(host: str, *, named: bool) -> Iterator[tuple[float, str]]:
    """Yield what raises a score besides a brand's name.  Where a brand matched, endings and lures count in the match already."""
    if is_address(host):
        yield 0.1, "The host is an IP address instead of a name."
        return
    parts = split_host(host)
    labels = [unicode_label(label) for label in (*parts.subdomain.split("."), parts.label)]
    if not named:
        lures = sorted(frozenset().union(*(lures_of(label) for label in labels if label)))
        if lures:
            yield min(0.2, 0.1 * len(lures)), f"The name contains {', '.join(lures[:5])}."
        if parts.hosted:
            yield 0.08, f"Anybody can register a name under {parts.suffix}."
        elif parts.suffix.rpartition(".")[2] in RISKY_ENDINGS:
            yield 0.05, f"The ending .{parts.suffix} is often abused."
    if len(labels) > 4:
        yield 0.05, f"The host has {len(labels)} labels before its ending."
    longest = max(labels, key=len)
    if len(longest) >= 12 and any(char.isdigit() for char in longest) and shannon_entropy(longest) >= 3.6:
        yield 0.03, f"`{longest[:40]}` looks random."


def shannon_entropy(text: str) -> float:
    """Return the entropy of ``text`` in bits per character (Shannon 1948); 0 for the empty string."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
