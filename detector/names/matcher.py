"""Find the brands that a host name or URL names, and how: exactly, by look-alike letters, with typing errors, beside lures.

Works on all brands at once: every position of a label is looked up in one index of the brands' names.  The kinds follow the
literature: combosquatting (Kintis et al., CCS 2017), typosquatting (Szurdi et al., USENIX Security 2014), homographs (UTS #39).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from detector.hosters import account_of
from detector.hosts import HostParts, inner_url, is_address, split_host, split_url, unicode_label
from detector.model import Brand
from detector.names.lures import lures_of
from detector.names.name_hit import NameHit
from detector.names.name_index import NameIndex
from detector.names.score import score_below, score_name, score_path
from detector.names.score_rules import SELECT, Kind, NamePlace, path_bonus
from detector.names.sieve import NameSieve
from detector.names.user_info import user_info, words_of

_PATH_WORDS = re.compile(r"[a-z0-9\u0080-\U0010ffff]+(?:[.-][a-z0-9\u0080-\U0010ffff]+)*")
_MAX_HOST, _MAX_PATH, _MAX_WORDS = 253, 512, 40
_HALF_PROVED = 0.3
"""Score of a host from which its path counts as well."""
_SUSPECT = 0.1
"""Score of a host from which its path counts, for a name without errors: an everyday word may be above a sign-in page."""
_AS_WRITTEN = ("exact_token", "subdomain")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DOMAIN_LABELS = frozenset(
    ("com", "co", "net", "org", "id", "me", "jp", "uk", "de", "fr", "eu", "us", "ca", "au", "br", "in")
)
"""Labels that show a domain inside a host name (``apple-com``, ``line.pay.me``)."""
_NO_PARTS = HostParts("", "", "")

__all__ = ["SELECT", "Kind", "NameMatch", "NameMatcher"]


@dataclass(frozen=True, slots=True)
class NameMatch:
    """One brand that a host name or URL names."""

    brand: str
    kind: Kind
    score: float
    """0 (a chance resemblance) to 1 (no accident)."""
    sentence: str
    where: Literal["name", "subdomain", "path", "user"] = "name"
    """``name`` is the label that somebody registered, or chose at a hoster; ``user`` a user name before the host."""


@dataclass(frozen=True, slots=True)
class _Path:
    """Words and lures of a path and query, whatever the host is."""

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
        """Add the path's lures to a match of the host: a name that proves half, and a lure in the path, prove enough together."""
        if not self.lures or match.score < _SUSPECT:
            return match
        sentence = f"{match.sentence} The path contains {', '.join(self.lures[:3])}."
        score = match.score + self.bonus
        if match.score < _HALF_PROVED:
            if match.kind not in _AS_WRITTEN:
                return match
            score = max(score, SELECT)
        return replace(match, score=round(min(0.99, score), 3), sentence=sentence)


class NameMatcher:
    """Match names against a fixed set of brands.  Immutable after construction, thread-safe."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self._index = NameIndex(brands)

    def sieve(self) -> NameSieve:
        """Build a filter that picks, of many names, those worth matching; takes a second, and memory."""
        return NameSieve(self._index)

    def match(self, host_or_url: str) -> list[NameMatch]:
        """Find every brand that the host or path names: the best score first, one match for each brand.

        Names below a brand's own domains match nothing, unless anybody can publish there (``x.blogspot.com``): then they do not
        match the owner.  The host of an address inside the address (``?url=https://...``) is matched too.  Takes any string and
        never raises; a string that is not a URL gives an empty list.
        """
        host, rest = split_url(host_or_url[:4096])
        if not host or len(host) > _MAX_HOST:
            return []
        rest = rest[:_MAX_PATH]
        owners = self._index.owners(host)
        user = user_info(host_or_url)
        found = list(self._inner_address(rest, host)) if rest else []
        found += self._user(user, host) if user else ()
        if not owners or account_of(host_or_url) is not None:
            path = _Path.of(rest, nameless=is_address(host))
            found += [] if is_address(host) else map(path.beside, self._host(host, len(rest) > 1))
            found += self._path(path, host)
        best: dict[str, NameMatch] = {}
        for match in found:
            known = best.get(match.brand)
            if match.score > 0 and match.brand not in owners and (known is None or match.score > known.score):
                best[match.brand] = match
        return sorted(best.values(), key=lambda match: (-match.score, match.brand))

    def _host(self, host: str, goes_on: bool) -> Iterator[NameMatch]:
        parts = split_host(host)
        labels = [unicode_label(label) for label in parts.subdomain.split(".") if label]
        name = unicode_label(parts.label)
        lures = frozenset().union(*(lures_of(label) for label in (*labels, name)))
        for hit in self._index.scan(name):
            yield from self._named(hit, name, parts, lures, goes_on or parts.subdomain not in {"", "www"})
        for label in labels:
            if label not in {"www", "mail", "m"}:
                for hit in self._index.scan(label):
                    yield from self._below(hit, label, parts, lures)
        yield from self._over_dots([*labels, name], parts)
        embedded = self._index.domain_inside([*labels, name])
        if embedded is not None:
            domain, brands = embedded
            sentence = f"`{host}` puts {domain}, a domain of the brand, in front of {parts.registrable}, which is not."
            for brand in brands:
                yield NameMatch(brand, "subdomain", 0.95, sentence, "subdomain")

    def _named(
        self, hit: NameHit, name: str, parts: HostParts, lures: frozenset[str], deep: bool
    ) -> Iterator[NameMatch]:
        beside_domain = not _DOMAIN_LABELS.isdisjoint(name.split("-"))
        scored = score_name(NamePlace(hit, name, parts, lures, beside_domain, deep))
        for brand in hit.brands:
            yield NameMatch(brand, scored.kind, scored.score, scored.sentence, "name")

    def _below(self, hit: NameHit, label: str, parts: HostParts, lures: frozenset[str]) -> Iterator[NameMatch]:
        beside_domain = not _DOMAIN_LABELS.isdisjoint(parts.subdomain.split("."))
        scored = score_below(NamePlace(hit, label, parts, lures, beside_domain))
        for brand in hit.brands:
            yield NameMatch(brand, scored.kind, scored.score, scored.sentence, "subdomain")

    def _over_dots(self, labels: list[str], parts: HostParts) -> Iterator[NameMatch]:
        for hit in self._index.across(labels, parts.suffix):
            lured = f" beside {', '.join(sorted(hit.lures))}" if hit.lures else ""
            sentence = f"`{'.'.join((*labels, parts.suffix))}` spells {hit.token} over its dots{lured}."
            for brand in hit.brands:
                yield NameMatch(brand, "subdomain", 0.9 if hit.lures else 0.75, sentence, "subdomain")

    def _user(self, text: str, host: str) -> Iterator[NameMatch]:
        """Match a user name: nobody signs in by an address today, and what stands there is meant to be read as the host."""
        for word in words_of(text)[:_MAX_WORDS]:
            for brand in self._index.owners(word):
                sentence = f"The address shows {word}, a domain of the brand, as a user name; it leads to {host}."
                yield NameMatch(brand, "user", 0.99, sentence, "user")
            for label in word.split("."):
                for hit in self._index.scan(unicode_label(label)):
                    if hit.clean or hit.rare:
                        sentence = f"The address shows {hit.piece} as a user name; it leads to {host}."
                        score = 0.97 if hit.strength and hit.how != "typo" else 0.9
                        for brand in hit.brands:
                            yield NameMatch(brand, "user", score, sentence, "user")

    def _inner_address(self, rest: str, host: str) -> Iterator[NameMatch]:
        """Match the host of an address inside the address: the target of a redirector is where the victim ends up."""
        inner = inner_url(rest)
        target = split_url(inner)[0] if inner else ""
        if target and len(target) <= _MAX_HOST and not is_address(target) and not self._index.owners(target):
            for match in self._host(target, goes_on=True):
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
