"""Which brands a host name or URL speaks of, and how: exact name, look-alike letters, typing errors, lures beside it.

Works on all brands at once: every position of a label is looked up in one index of the brands' names.  The kinds follow the
literature: combosquatting (Kintis et al., CCS 2017), typosquatting (Szurdi et al., USENIX Security 2014), homographs (UTS #39).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from detector.hosts import HostParts, inner_url, is_address, is_user_content, split_host, split_url, unicode_label
from detector.model import Brand
from detector.names.lures import lures_of
from detector.names.name_index import NameHit, NameIndex
from detector.names.score import score_below, score_name, score_path
from detector.names.score_rules import SELECT, Kind, NamePlace, path_bonus
from detector.names.sieve import NameSieve

_PATH_WORDS = re.compile(r"[a-z0-9\u0080-\U0010ffff]+(?:[.-][a-z0-9\u0080-\U0010ffff]+)*")
_MAX_HOST, _MAX_PATH, _MAX_WORDS = 253, 512, 40
_HALF = 0.3
"""Scores of a host from which what the path holds counts too."""
_SOME = 0.1
"""The same of a name that stands there as it is written: an everyday word above a sign-in page deserves a look."""
_AS_WRITTEN = ("exact_token", "subdomain")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DOMAIN_LABELS = frozenset(
    ("com", "co", "net", "org", "id", "me", "jp", "uk", "de", "fr", "eu", "us", "ca", "au", "br", "in")
)
"""Labels of an address inside an address."""
_NO_PARTS = HostParts("", "", "")

__all__ = ["SELECT", "Kind", "NameMatch", "NameMatcher"]


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


@dataclass(frozen=True, slots=True)
class _Path:
    """What a path and query say, whoever's name the host is."""

    words: tuple[str, ...] = ()
    lures: tuple[str, ...] = ()
    bonus: float = 0.0

    @classmethod
    def of(cls, path: str, *, nameless: bool) -> _Path:
        if len(path) < 3:
            return cls()
        found = _PATH_WORDS.findall(path.lower()) + _PATH_WORDS.findall(_CAMEL.sub("-", path).lower())
        words = tuple(dict.fromkeys(found))
        lures = tuple(sorted(frozenset().union(*(lures_of(part) for word in words for part in word.split(".")))))
        return cls(words, lures, path_bonus(path, lured=bool(lures), nameless=nameless))

    def beside(self, match: NameMatch) -> NameMatch:
        """A match of the host, with what the path adds: where the name is half a proof, a lure in the path is the other half."""
        if not self.lures or match.score < _SOME:
            return match
        sentence = f"{match.sentence} The path contains {', '.join(self.lures[:3])}."
        score = match.score + self.bonus
        if match.score < _HALF:
            if match.kind not in _AS_WRITTEN:
                return match
            score = max(score, SELECT)
        return replace(match, score=round(min(0.99, score), 3), sentence=sentence)


class NameMatcher:
    """Matches names against a fixed set of brands.  Immutable after construction, safe for several threads."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self._index = NameIndex(brands)

    def sieve(self) -> NameSieve:
        """What tells quickly which of many names are worth matching; takes a second and memory to build."""
        return NameSieve(self._index)

    def match(self, host_or_url: str) -> list[NameMatch]:
        """Every brand that the host, or the path behind it, speaks of; best score first, one match a brand.

        Names below a brand's own domains give nothing, unless anybody can publish there (``x.blogspot.com``): then they
        give nothing for the owner.  An address inside the address (``?url=https://...``) is read as where it leads.
        Takes any string and never raises; what is no URL gives an empty list.
        """
        host, rest = split_url(host_or_url[:4096])
        host = host.lower()
        if not host or len(host) > _MAX_HOST:
            return []
        rest = rest[:_MAX_PATH]
        owners = self._index.owners(host)
        found = list(self._passed_on(rest, host)) if rest else []
        if not owners or is_user_content(host):
            path = _Path.of(rest, nameless=is_address(host))
            found += [] if is_address(host) else map(path.beside, self._host(host))
            found += self._path(path, host)
        best: dict[str, NameMatch] = {}
        for match in found:
            known = best.get(match.brand)
            if match.score > 0 and match.brand not in owners and (known is None or match.score > known.score):
                best[match.brand] = match
        return sorted(best.values(), key=lambda match: (-match.score, match.brand))

    def _host(self, host: str) -> Iterator[NameMatch]:
        parts = split_host(host)
        labels = [unicode_label(label) for label in parts.subdomain.split(".") if label]
        name = unicode_label(parts.label)
        lures = frozenset().union(*(lures_of(label) for label in (*labels, name)))
        for hit in self._index.scan(name):
            yield from self._named(hit, name, parts, lures)
        for label in labels:
            if label not in {"www", "mail", "m"}:
                for hit in self._index.scan(label):
                    yield from self._below(hit, label, parts, lures)
        embedded = self._index.domain_inside([*labels, name])
        if embedded is not None:
            domain, brands = embedded
            sentence = f"`{host}` puts {domain}, a domain of the brand, in front of {parts.registrable}, which is not."
            for brand in brands:
                yield NameMatch(brand, "subdomain", 0.95, sentence, "subdomain")

    def _named(self, hit: NameHit, name: str, parts: HostParts, lures: frozenset[str]) -> Iterator[NameMatch]:
        beside_domain = not _DOMAIN_LABELS.isdisjoint(name.split("-"))
        scored = score_name(NamePlace(hit, name, parts, lures, beside_domain))
        for brand in hit.brands:
            yield NameMatch(brand, scored.kind, scored.score, scored.sentence, "name")

    def _below(self, hit: NameHit, label: str, parts: HostParts, lures: frozenset[str]) -> Iterator[NameMatch]:
        beside_domain = not _DOMAIN_LABELS.isdisjoint(parts.subdomain.split("."))
        scored = score_below(NamePlace(hit, label, parts, lures, beside_domain))
        for brand in hit.brands:
            yield NameMatch(brand, scored.kind, scored.score, scored.sentence, "subdomain")

    def _passed_on(self, rest: str, host: str) -> Iterator[NameMatch]:
        """What the host of an address within the address says: a redirector's target is where the victim ends."""
        inner = inner_url(rest)
        target = split_url(inner)[0].lower() if inner else ""
        if target and len(target) <= _MAX_HOST and not is_address(target) and not self._index.owners(target):
            for match in self._host(target):
                sentence = f"The address on {host} contains the address {target}: {match.sentence}"
                yield replace(match, sentence=sentence, where="path")

    def _path(self, path: _Path, host: str) -> Iterator[NameMatch]:
        for word in path.words[:_MAX_WORDS]:
            embedded = self._index.domain_inside([*word.split("."), ""]) if "." in word else None
            if embedded is not None:
                sentence = f"The path on {host} contains {embedded[0]}, a domain of the brand."
                for brand in embedded[1]:
                    yield NameMatch(brand, "path", 0.6, sentence, "path")
            for part in word.split("."):
                for hit in self._index.scan(part):
                    scored = score_path(NamePlace(hit, part, _NO_PARTS, path_bonus=path.bonus), host)
                    for brand in hit.brands if scored.score > 0 else ():
                        yield NameMatch(brand, scored.kind, scored.score, scored.sentence, "path")
