"""Which brands a host name or URL speaks of, and how: exact name, look-alike letters, typing errors, lures beside it.

Works on all brands at once: every position of a label is looked up in one index of the brands' names.  The kinds follow the
literature: combosquatting (Kintis et al., CCS 2017), typosquatting (Szurdi et al., USENIX Security 2014), homographs (UTS #39).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from detector.hosts import HostParts, is_address, is_user_content, split_host, split_url
from detector.lures import RISKY_ENDINGS, lures_of
from detector.model import Brand
from detector.nameindex import Hit, NameIndex, Strength
from detector.skeleton import to_unicode

Kind = Literal["exact_token", "homoglyph", "typo", "combosquat", "subdomain", "path"]

STRONG, MEDIUM, WEAK = Strength.STRONG, Strength.MEDIUM, Strength.WEAK
SELECT = 0.5
"""Scores from which a name alone deserves a look; measured in docs/discovery.md."""

_PATH_WORDS = re.compile(r"[a-z0-9\u0080-\U0010ffff]+(?:[.-][a-z0-9\u0080-\U0010ffff]+)*")
_MAX_HOST, _MAX_PATH = 253, 512
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SCRIPT = re.compile(r"\.(?:php|html?|aspx?|jsp|cgi)\b|/(?:wp-(?:content|admin|includes)|cgi-bin)/")


@dataclass(frozen=True, slots=True)
class NameMatch:
    """One brand that a name speaks of."""

    brand: str
    kind: Kind
    score: float
    """0 (a chance resemblance) to 1 (nobody names a site so by accident)."""
    sentence: str
    where: Literal["name", "subdomain", "path"] = "name"
    """``name``: the label that somebody registered, or chose at a hoster."""


class NameMatcher:
    """Matches names against a fixed set of brands.  Immutable after construction, safe for several threads."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self._index = NameIndex(brands)

    def match(self, host_or_url: str) -> list[NameMatch]:
        """Every brand that the host, or the path behind it, speaks of; best score first, one match a brand.

        Names below a brand's own domains give nothing, unless anybody can publish there (``x.blogspot.com``): then they
        give nothing for the owner.  Takes any string and never raises; what is no URL gives an empty list.
        """
        host, rest = split_url(host_or_url[:4096])
        host = host.lower()
        if not host or len(host) > _MAX_HOST:
            return []
        owners = self._index.owners(host)
        if owners and not is_user_content(host):
            return []
        best: dict[str, NameMatch] = {}
        found = [] if is_address(host) else list(self._host(host))
        found += self._path(rest[:_MAX_PATH], host)
        for match in found:
            known = best.get(match.brand)
            if match.score > 0 and match.brand not in owners and (known is None or match.score > known.score):
                best[match.brand] = match
        return sorted(best.values(), key=lambda match: (-match.score, match.brand))

    def _host(self, host: str) -> Iterator[NameMatch]:
        parts = split_host(host)
        labels = [to_unicode(label) for label in parts.subdomain.split(".") if label]
        name = to_unicode(parts.label)
        lures = frozenset().union(*(lures_of(label) for label in (*labels, name)))
        for hit in self._index.scan(name):
            yield from self._named(hit, name, parts, lures)
        for label in labels:
            if label not in {"www", "mail", "m"}:
                for hit in self._index.scan(label):
                    yield from self._below(hit, label, host, parts, lures)
        embedded = self._index.domain_inside([*labels, name])
        if embedded is not None:
            domain, brands = embedded
            sentence = (
                f"`{host}` puts {domain}, a domain of the brand, in front of a foreign one ({parts.registrable})."
            )
            for brand in brands:
                yield NameMatch(brand, "subdomain", 0.95, sentence, "subdomain")

    def _named(self, hit: Hit, name: str, parts: HostParts, lures: frozenset[str]) -> Iterator[NameMatch]:
        score, kind = _score_name(hit, bool(lures))
        score = _ending_bonus(score, parts, len(lures), hit)
        sentence = _sentence(hit, name, parts, lures)
        for brand in hit.brands:
            yield NameMatch(brand, kind, score, sentence, "name")

    def _below(self, hit: Hit, label: str, host: str, parts: HostParts, lures: frozenset[str]) -> Iterator[NameMatch]:
        score, kind = _score_name(replace(hit, whole=False), bool(lures))
        if hit.how == "exact" and not hit.lures:
            score = _EXACT_BELOW[hit.strength] if hit.clean else score * 0.5
            score += (0.4 if hit.strength is WEAK else 0.2) if lures else 0.0
            kind = "subdomain"
        score = _ending_bonus(score * 0.95, parts, len(lures), replace(hit, whole=False)) if score > 0 else 0.0
        sentence = f"{_sentence(hit, label, parts, lures)[:-1]}, below the foreign domain {parts.registrable or host}."
        for brand in hit.brands:
            yield NameMatch(brand, kind, score, sentence, "subdomain")

    def _path(self, path: str, host: str) -> Iterator[NameMatch]:
        if len(path) < 3:
            return
        words = list(
            dict.fromkeys(_PATH_WORDS.findall(path.lower()) + _PATH_WORDS.findall(_CAMEL.sub("-", path).lower()))
        )
        bonus = 0.1 * any(lures_of(word) for word in words) + 0.05 * bool(_SCRIPT.search(path.lower()))
        for word in words[:40]:
            embedded = self._index.domain_inside([*word.split("."), ""]) if "." in word else None
            if embedded is not None:
                sentence = f"The path on {host} holds {embedded[0]}, a domain of the brand."
                for brand in embedded[1]:
                    yield NameMatch(brand, "path", 0.6, sentence, "path")
            for part in word.split("."):
                for hit in self._index.scan(part):
                    score = _score_path(hit, bonus)
                    for brand in hit.brands if score > 0 else ():
                        yield NameMatch(brand, "path", score, f"The path on {host} names the brand: `{word}`.", "path")


_EXACT_WHOLE = {STRONG: 0.45, MEDIUM: 0.4, WEAK: 0.15}
_EXACT_LURE = {STRONG: 0.85, MEDIUM: 0.75, WEAK: 0.55}
_EXACT_FILLER = {STRONG: 0.45, MEDIUM: 0.35, WEAK: 0.15}
_EXACT_WORDS = {STRONG: 0.5, MEDIUM: 0.25, WEAK: 0.1}
_EXACT_BELOW = {STRONG: 0.45, MEDIUM: 0.3, WEAK: 0.1}
_EXACT_PATH = {STRONG: 0.4, MEDIUM: 0.25, WEAK: 0.05}
_UNCLEAN_FROM = 6
"""Letters from which a name counts although other letters touch it."""
_SOFTWARE_PATHS = frozenset(("wordpress", "google", "github", "twitter"))
"""Folders that web software itself creates."""


def _score_name(hit: Hit, lure_anywhere: bool) -> tuple[float, Kind]:
    """Score and kind of a hit in the registered label, before its ending is looked at."""
    if hit.how == "exact":
        if not hit.clean:
            return (0.42 if len(hit.token) >= _UNCLEAN_FROM else 0.2), "exact_token"
        if hit.lures:
            return _EXACT_LURE[hit.strength] - (0.15 if hit.others else 0.0), "combosquat"
        table = _EXACT_WHOLE if hit.whole else _EXACT_WORDS if hit.others else _EXACT_FILLER
        return table[hit.strength] + (0.1 if lure_anywhere else 0.0), "exact_token"
    if hit.how == "homoglyph":
        if not hit.clean:
            return (0.42 if len(hit.token) > _UNCLEAN_FROM else 0.0), "homoglyph"
        score = 0.95 if hit.lures else 0.9 if hit.whole else 0.6 if hit.others else 0.7
        return (score if hit.strength is STRONG or not hit.piece.isascii() else score - 0.25), "homoglyph"
    return _score_typo(hit, lure_anywhere), "typo"


def _score_typo(hit: Hit, lure_anywhere: bool) -> float:
    """Long names and errors that fingers make (a letter too many or too few, two swapped) count more than another letter.

    Typosquatters leave the first letter alone (Szurdi et al.); another word differs there as often as anywhere.
    """
    score = 0.35 if len(hit.token) < 6 else 0.45 if len(hit.token) < 8 else 0.55
    if len(hit.piece) != len(hit.token) or sorted(hit.piece) == sorted(hit.token):
        score += 0.1
    score -= 0.25 * (hit.distance - 1) + 0.2 * (hit.piece[0] != hit.token[0]) + 0.1 * hit.others
    return score + (0.2 if hit.lures else 0.1 * lure_anywhere)


def _score_path(hit: Hit, bonus: float) -> float:
    if hit.token in _SOFTWARE_PATHS:
        return 0.1
    if hit.how == "typo" or not hit.clean:
        return 0.3 if hit.how != "typo" and len(hit.token) > _UNCLEAN_FROM else 0.0
    score = _EXACT_PATH[hit.strength] if hit.how == "exact" else 0.35
    score += 0.1 * (hit.whole and hit.strength is not WEAK) + (bonus or 0.1 * bool(hit.lures))
    return round(score, 3)


def _ending_bonus(score: float, parts: HostParts, lures: int, hit: Hit) -> float:
    """Add what the ending says.  The bare name under a country's ending is mostly the brand itself in that country."""
    if hit.strength is not WEAK or score >= SELECT:
        ending = parts.suffix.rpartition(".")[2]
        if parts.hosted or (ending in RISKY_ENDINGS and not (hit.whole and len(ending) == 2)):
            score += 0.08
        score += 0.03 * min(3, max(0, lures - 1))
    return round(min(score, 0.99), 3)


def _sentence(hit: Hit, label: str, parts: HostParts, lures: frozenset[str]) -> str:
    ending = f"{'the hoster' if parts.hosted else 'the ending'} .{parts.suffix}"
    if hit.how == "homoglyph":
        swaps = ", ".join(f"`{seen}` for {meant}" for seen, meant in hit.swaps) or f"`{hit.piece}`"
        text = f"`{label}` looks like {hit.token}: {swaps}"
    elif hit.how == "typo":
        text = f"`{hit.piece}` in `{label}` is {hit.distance} typing error{'s' if hit.distance > 1 else ''} away from {hit.token}"
    elif hit.whole:
        text = f"`{label}` is the brand's own name under {ending}"
        lures = frozenset()
    elif not hit.clean:
        return f"`{label}` contains {hit.token} among other letters."
    else:
        text = f"`{label}` holds the name {hit.token}"
    words = sorted(hit.lures or lures)
    return f"{text} beside {', '.join(words)}." if words else f"{text}."
