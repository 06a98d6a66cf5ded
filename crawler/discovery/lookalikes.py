"""Domain names that somebody might register to pass for a brand: dnstwist's permutations, and combosquats with lure words.

Sorted by danger, so that a limit keeps the most dangerous.  Nothing here uses the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, zip_longest

from crawler.discovery.label_permutations import Lookalike, label_permutations
from crawler.discovery.registrable_names import registrable
from detector.brands import BrandLibrary
from detector.hosts import ascii_host, split_host, split_url, unicode_host, unicode_label
from detector.model import Brand
from detector.names.lures import COMBOSQUAT_WORDS, LOCAL_WORDS, is_everyday, languages_of
from detector.names.native_lures import alphabet_of, native_endings, native_words
from detector.names.spellings import other_spellings

ENDINGS = (
    "com",
    "net",
    "org",
    "info",
    "xyz",
    "top",
    "online",
    "site",
    "shop",
    "live",
    "app",
    "co",
    "club",
    "icu",
    "support",
    "help",
)
"""Endings under which combosquats and the bare name are tried, the most popular first."""

FOREMOST = 8
"""English lure words that are tried before those of the customers' languages: every phisher knows them."""

MAX_LOCAL = 16
"""Largest number of lure words of other languages; for a brand of many languages, the first ones of each."""

RESTRICTED = frozenset(
    ("ac", "arpa", "bank", "edu", "gob", "gouv", "gov", "govt", "int", "mil", "nhs", "police", "sch")
)

_TINY = 3
_COMBO, _TLD = "combosquat", "tld-swap"


def lookalikes(brand: Brand, library: BrandLibrary, limit: int) -> list[Lookalike]:
    """Return the ``limit`` most dangerous names for each of the brand's main domains, each name once, most dangerous first.

    Names that anybody in the library owns, and names that no registry would sell, are left out.
    """
    best: dict[str, Lookalike] = {}
    for domain in main_domains(brand):
        found: dict[str, Lookalike] = {}
        for name in _names_of(brand, domain):
            if name.domain not in found or name.danger > found[name.domain].danger:
                found[name.domain] = name
        ranked = sorted(found.values(), key=_order)
        offered = (name for name in ranked if library.owner_of(name.domain) is None and registrable(name.domain))
        for name in islice(offered, limit):
            known = best.get(name.domain)
            if known is None or name.danger > known.danger:
                best[name.domain] = name
    return sorted(best.values(), key=_order)


def _order(name: Lookalike) -> tuple[float, str]:
    return -name.danger, name.domain


def main_domains(brand: Brand) -> list[str]:
    """Return the domains worth imitating: the first one, and those of sign-in pages unless their label is an everyday word."""
    chosen: dict[str, str] = {}
    signin = [split_url(url)[0] for url in brand.signin_urls]
    for index, domain in enumerate(brand.domains):
        parts = split_host(domain)
        if not parts.label or _squash(parts.suffix) in {_squash(name) for name in brand.names}:
            continue  # only the brand itself registers names under its own ending
        known = any(host == domain or host.endswith("." + domain) for host in signin)
        if index == 0 or (known and not is_everyday(parts.label)):
            chosen.setdefault(parts.label, f"{parts.label}.{parts.suffix}")
    name = _squash(brand.name)
    if not chosen and name.isascii():  # the brand's domain is itself a public suffix: gov.uk
        return [f"{name}.com"]
    return list(chosen.values())


def _squash(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _names_of(brand: Brand, domain: str) -> Iterator[Lookalike]:
    parts = split_host(domain)
    label = unicode_label(parts.label)
    # endings reserved for governments and schools are imitated under open ones
    suffix = "com" if RESTRICTED.intersection(parts.suffix.split(".")) else parts.suffix
    spoken = unicode_host(domain)
    endings = [unicode_host(suffix), *native_endings(label), *ENDINGS]
    yield from _swapped_endings(label, spoken, endings)
    yield from _combinations(brand, label, endings)
    if not label.isascii():
        yield from _respelled(brand, label, spoken, endings)
    if len(label) > _TINY:
        yield from label_permutations(parts.label, suffix, spoken)


def _named(label: str, ending: str) -> str:
    """Spell a name for DNS; one that cannot be spelled is no name that a registry sells, and is left out later."""
    return f"{_spelled(label)}.{_spelled(ending)}"


_spelled = lru_cache(maxsize=1000)(ascii_host)


def _swapped_endings(label: str, domain: str, endings: Sequence[str]) -> Iterator[Lookalike]:
    for rank, ending in enumerate(dict.fromkeys(endings[1:])):
        name = f"{label}.{ending}"
        if name != domain:
            danger = max(0.05, round(0.78 - 0.01 * rank, 4))
            yield Lookalike(
                _named(label, ending), _TLD, danger, f"`{name}` is {domain} under another ending (tld-swap)."
            )


def _respelled(brand: Brand, label: str, domain: str, endings: Sequence[str]) -> Iterator[Lookalike]:
    for spelled in other_spellings(label):
        for rank, ending in enumerate(dict.fromkeys((endings[0], *ENDINGS))):
            sentence = f"`{spelled}.{ending}` is {domain}, spelled otherwise (respelling)."
            yield Lookalike(_named(spelled, ending), "respelling", max(0.05, round(0.9 - 0.02 * rank, 4)), sentence)
        if spelled.isascii():
            yield from _combinations(brand, spelled, (endings[0], *ENDINGS))


def _combinations(brand: Brand, label: str, endings: Sequence[str]) -> Iterator[Lookalike]:
    words = _words_for(brand, label, endings[0])
    tried = list(dict.fromkeys((*endings[1:4], endings[0], *endings[4:])))
    if alphabet_of(label):
        tried = list(dict.fromkeys(endings))
    for place, word in enumerate(words):
        if word not in label:
            for shape, text in enumerate((f"{label}-{word}", f"{word}-{label}", f"{label}{word}", f"{word}{label}")):
                for rank, ending in enumerate(tried):
                    danger = 0.97 - 0.008 * min(place, 30) - 0.02 * shape - 0.03 * rank
                    sentence = f"`{text}.{ending}` puts {word!r} beside {label} (combosquat)."
                    yield Lookalike(_named(text, ending), _COMBO, round(max(danger, 0.05), 4), sentence)


def _words_for(brand: Brand, label: str, suffix: str) -> list[str]:
    """Words to put beside the label: the brand's keywords, and lures, all in the label's alphabet."""
    own = [word.lower() for word in brand.keywords if word.isalnum()]
    if alphabet := alphabet_of(label):
        return list(
            dict.fromkeys((*(word for word in own if alphabet_of(word) == alphabet), *native_words(label, suffix)))
        )
    spoken = zip_longest(*(LOCAL_WORDS[language] for language in languages_of(brand.domains)))
    local = islice((word for words in spoken for word in words if word), MAX_LOCAL)
    words = dict.fromkeys((*own, *COMBOSQUAT_WORDS[:FOREMOST], *local, *COMBOSQUAT_WORDS[FOREMOST:]))
    return [word for word in words if word.isascii()]
