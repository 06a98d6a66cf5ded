"""Who is worth a look: pure decisions about candidates.  No network, no database, no clock.

The name is scored against all brands at once (:mod:`detector.names.matcher`); what else a URL shows raises the score a little.
A low score does not drop what a source of confirmed phishing reports: most clones live on names that say nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from crawler.discovery.urls import BadUrl, normalise
from detector.brands import BrandLibrary
from detector.errors import ConfigError
from detector.hosts import host_of, inner_url, is_address, is_user_content, split_host, split_url
from detector.model import Candidate
from detector.names.lures import RISKY_ENDINGS, lures_of
from detector.names.matcher import SELECT, NameMatch, NameMatcher
from detector.names.sieve import NameSieve

__all__ = [
    "SELECT",
    "BadUrl",
    "NameScore",
    "Triage",
    "TriageDecision",
    "TriageOutcome",
    "check_weights",
    "expected_harm",
    "normalise",
    "shannon_entropy",
]

BRAND_FROM = 0.25
"""Scores from which a candidate is suspected of a brand because of its name."""


class TriageOutcome(StrEnum):
    """What became of a candidate."""

    SELECTED = "selected"
    BAD_URL = "bad_url"
    OWNED = "owned"
    SEEN = "seen"
    UNREMARKABLE = "unremarkable"


@dataclass(frozen=True, slots=True)
class NameScore:
    """What a host name or URL says by itself."""

    brand: str | None
    """The brand it most likely plays on; None where it names none."""
    score: float
    """0 (nothing) to 1 (nobody names a site so by accident)."""
    reasons: tuple[str, ...] = ()
    where: str = ""
    """``name``, ``subdomain`` or ``path``; empty without a brand."""
    matches: tuple[NameMatch, ...] = ()

    @property
    def selected(self) -> bool:
        """The name alone deserves a look."""
        return self.brand is not None and self.score >= SELECT


@dataclass(frozen=True, slots=True)
class TriageDecision:
    """What became of a candidate, and why.  ``candidate`` has its URL normalised, brands, priority and reasons filled in."""

    outcome: TriageOutcome
    reason: str
    candidate: Candidate
    score: float = 0.0

    @property
    def selected(self) -> bool:
        return self.outcome is TriageOutcome.SELECTED


def expected_harm(likely: float, weight: float) -> float:
    """Priority, 0 to 1, of what is a clone with probability ``likely`` and then does ``weight`` times the usual harm.

    The chance that at least one of ``weight`` usual ones is a clone: about ``weight`` times ``likely`` where that is small, in the
    same order as ``likely`` for each weight, and never above 1.
    """
    return float(1.0 - (1.0 - min(1.0, max(0.0, likely))) ** weight)


def check_weights(library: BrandLibrary, weights: Mapping[str, float]) -> None:
    """Refuse weights of brands that are not there.

    Raises:
        ConfigError: one is no brand's.
    """
    unknown = [brand for brand in weights if library.get(brand) is None]
    if unknown:
        raise ConfigError(
            f"discover.brand_weights: no brand is called {unknown[0]!r}; `clonewatch brands list` has them all"
        )


class Triage:
    """Decides with a fixed set of brands.  Immutable, safe for several threads."""

    def __init__(self, library: BrandLibrary, weights: Mapping[str, float] | None = None) -> None:
        """``weights``: how much harm an impersonation of a brand does; 1 for those that are not there.

        Raises:
            ConfigError: one is no brand's.
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
        """Normalise, drop what is owned, seen or unremarkable, score the rest.

        ``minimum``: score below which a candidate without brands is dropped (sources that report every name there is);
        ``ceiling``: the priority is not raised above it, whatever the name says (parked domains);
        ``hops``: how many redirectors of brands are seen through.
        """
        try:
            url = normalise(candidate.url)
        except BadUrl as error:
            return TriageDecision(TriageOutcome.BAD_URL, str(error), candidate)
        candidate = replace(candidate, url=url)
        host = host_of(url)
        owner = self._library.owner_of(host)
        if owner is not None and not is_user_content(host):
            inner = inner_url(url.split("/", 3)[-1]) if hops else None
            if inner is not None:  # google.com/url?q=https://...: the page to see is the one it leads to
                onward = replace(
                    candidate, url=inner, reasons=(*candidate.reasons, f"{host} passes on to this address.")
                )
                return self.judge(onward, seen=seen, minimum=minimum, ceiling=ceiling, hops=hops - 1)
            return TriageDecision(TriageOutcome.OWNED, f"{host} belongs to {owner.name}", candidate)
        if seen(url):
            return TriageDecision(TriageOutcome.SEEN, "seen before", candidate)
        name = self.score_name(url)
        if name.score < minimum and not candidate.brands:
            reason = f"the name says nothing (score {name.score:.2f}, wanted {minimum:.2f})"
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
        return TriageDecision(TriageOutcome.SELECTED, "worth a look", chosen, name.score)

    def _weight(self, brands: Sequence[str]) -> float:
        """The heaviest of the brands that it may be; the usual weight where nobody knows."""
        return max((self._weights.get(brand, 1.0) for brand in brands), default=1.0)

    def sift(self, names: Sequence[str]) -> Iterator[tuple[int, NameScore]]:
        """(position, score) of every name or URL that is selected, in order; the others are hardly looked at.

        Says what :meth:`score_name` says of each, many times faster where few are selected.
        """
        for position in self._sieve.keep(names):
            score = self.score_name(names[position])
            if score.selected:
                yield position, score

    @cached_property
    def _sieve(self) -> NameSieve:
        return self._matcher.sieve()

    def score_name(self, host_or_url: str) -> NameScore:
        """Score what the host and path say, with a sentence for everything that counted."""
        matches = tuple(self._matcher.match(host_or_url))
        host = split_url(host_or_url)[0].lower()
        score = matches[0].score if matches else 0.0
        reasons = [match.sentence for match in matches[:3] if match.score >= BRAND_FROM]
        for gain, reason in _circumstances(host, named=bool(matches)):
            score += gain
            reasons.append(reason)
        best = matches[0] if matches else None
        return NameScore(
            brand=best.brand if best else None,
            score=round(min(1.0, score), 3),
            reasons=tuple(reasons),
            where=best.where if best else "",
            matches=matches,
        )


def _circumstances(host: str, *, named: bool) -> Iterator[tuple[float, str]]:
    """What raises a score beside a brand's name.  Endings and lures count in the match already where there is one."""
    if is_address(host):
        yield 0.1, "The site has an address and no name."
        return
    parts = split_host(host)
    labels = [*parts.subdomain.split("."), parts.label]
    if not named:
        lures = sorted(frozenset().union(*(lures_of(label) for label in labels if label)))
        if lures:
            yield min(0.2, 0.1 * len(lures)), f"The name holds {', '.join(lures[:5])}."
        if parts.hosted:
            yield 0.08, f"Anybody can get a name under {parts.suffix}."
        elif parts.suffix.rpartition(".")[2] in RISKY_ENDINGS:
            yield 0.05, f"Much abuse lives under .{parts.suffix}."
    if len(labels) > 4:
        yield 0.05, f"The host has {len(labels)} labels before its ending."
    longest = max(labels, key=len)
    if len(longest) >= 12 and any(char.isdigit() for char in longest) and shannon_entropy(longest) >= 3.6:
        yield 0.03, f"`{longest[:40]}` looks random."


def shannon_entropy(text: str) -> float:
    """Bits a character of ``text`` (Shannon 1948); 0 for the empty string."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
