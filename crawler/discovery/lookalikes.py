"""Domain names that somebody might register to pass for a brand: dnstwist's permutations, and combosquats with lure words.

Sorted by danger, so that a limit keeps the most dangerous.  Nothing here uses the network.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, zip_longest
from typing import Any

import idna
from rapidfuzz.distance import OSA

from crawler.discovery.confusables import LATIN, confusable_labels, script_of
from detector.brands import BrandLibrary
from detector.hosts import split_host, split_url, unicode_host, unicode_label
from detector.model import Brand
from detector.names.lures import COMBOSQUAT_WORDS, LOCAL_WORDS, is_everyday, languages_of

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

NO_IDN = frozenset(
    ["ad", "arpa", "cn", "cz", "edu", "gov", "int", "jp", "mil", "nl", "sk", "tv", "tw", "uk", "us", "zone"]
)
"""Top-level domains that register no names in other alphabets, or none that look like Latin ones."""

FOREMOST = 8
"""English lure words that are tried before those of the customers' languages: every phisher knows them."""

MAX_LOCAL = 16
"""Largest number of lure words of other languages; for a brand of many languages, the first ones of each."""

RESTRICTED = frozenset(
    ("ac", "arpa", "bank", "edu", "gob", "gouv", "gov", "govt", "int", "mil", "nhs", "police", "sch")
)

_FAMILIES = {
    "homoglyph": (0.95, "has look-alike characters"),
    "cyrillic": (0.85, "is written in Cyrillic letters"),
    "transposition": (0.72, "has two neighbouring letters swapped"),
    "omission": (0.7, "leaves a letter out"),
    "repetition": (0.7, "doubles a letter"),
    "various": (0.65, "puts the ending into the name"),
    "hyphenation": (0.62, "adds a hyphen"),
    "plural": (0.58, "adds a plural s"),
    "insertion": (0.55, "has a neighbouring key too many"),
    "replacement": (0.55, "has a neighbouring key in place of a letter"),
    "vowel-swap": (0.5, "has another vowel"),
    "addition": (0.48, "adds a character at the end"),
    "bitsquatting": (0.4, "differs by one flipped bit"),
    "subdomain": (0.2, "is cut by a dot"),
}
_ASCII_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PAIRS = (("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"), ("lc", "k"), ("lb", "b"), ("lh", "h"), ("dl", "d"))
_SHORT, _TINY = 5, 3
WHOLE_SCRIPT = 0.85
"""Danger of a label whose letters are all of another script: browsers show many of these in that script, not as ``xn--``."""
_COMBO, _TLD = "combosquat", "tld-swap"


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A domain name that may or may not be registered."""

    domain: str
    """The name in ASCII (``xn--`` where needed)."""
    family: str
    """Kind of permutation: dnstwist's name for it, ``tld-swap``, or ``combosquat``."""
    danger: float
    """Likelihood that it is used against the brand, 0 to 1, relative to the others."""
    sentence: str


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


def registrable(domain: str) -> bool:
    """Return True if a registry could sell the name: valid IDNA 2008 labels of one script, under an ending that allows them.

    ICANN's IDN guidelines (version 4.0, section 13) refuse labels that mix scripts.
    """
    if "xn--" not in domain:
        return bool(_ASCII_NAME.fullmatch(domain))
    try:
        decoded = idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return False
    if decoded.rpartition(".")[2] in NO_IDN:
        return False
    return all(len(_scripts(label)) <= 1 for label in decoded.split("."))


def _scripts(label: str) -> set[str]:
    return {script_of(char) for char in label if char.isalpha()}


def _names_of(brand: Brand, domain: str) -> Iterator[Lookalike]:
    parts = split_host(domain)
    # endings reserved for governments and schools are imitated under open ones
    suffix = "com" if RESTRICTED.intersection(parts.suffix.split(".")) else parts.suffix
    yield from _swapped_endings(parts.label, domain)
    yield from _combinations(brand, parts.label, suffix)
    if len(parts.label) > _TINY:
        yield from _fuzzed(parts.label, suffix, domain)


def _swapped_endings(label: str, domain: str) -> Iterator[Lookalike]:
    for rank, ending in enumerate(ENDINGS):
        name = f"{label}.{ending}"
        if name != domain:
            yield Lookalike(
                name, _TLD, round(0.78 - 0.01 * rank, 4), f"`{name}` is {domain} under another ending (tld-swap)."
            )


def _combinations(brand: Brand, label: str, suffix: str) -> Iterator[Lookalike]:
    own = (word.lower() for word in brand.keywords if word.isalnum())
    spoken = zip_longest(*(LOCAL_WORDS[language] for language in languages_of(brand.domains)))
    local = islice((word for words in spoken for word in words if word), MAX_LOCAL)
    words = list(dict.fromkeys((*own, *COMBOSQUAT_WORDS[:FOREMOST], *local, *COMBOSQUAT_WORDS[FOREMOST:])))
    endings = list(dict.fromkeys((*ENDINGS[:3], suffix, *ENDINGS[3:])))
    for place, word in enumerate(words):
        if word.isascii() and word not in label:
            for shape, text in enumerate((f"{label}-{word}", f"{word}-{label}", f"{label}{word}", f"{word}{label}")):
                for rank, ending in enumerate(endings):
                    danger = 0.97 - 0.008 * min(place, 30) - 0.02 * shape - 0.03 * rank
                    sentence = f"`{text}.{ending}` puts {word!r} beside {label} (combosquat)."
                    yield Lookalike(f"{text}.{ending}", _COMBO, round(max(danger, 0.05), 4), sentence)


def _fuzzed(label: str, suffix: str, domain: str) -> Iterator[Lookalike]:
    fuzzer = _fuzzer_class()(domain, dictionary=[], tld_dictionary=[])
    # dnstwist guesses where the suffix begins; the public suffix list knows
    fuzzer.subdomain, fuzzer.domain, fuzzer.tld = "", unicode_label(label), suffix
    families = list(_FAMILIES) if len(label) >= _SHORT else ["homoglyph", "cyrillic", "various", "hyphenation"]
    # dnstwist lists the Latin letters of some registries only; the others sell more than it tries
    listed = suffix in fuzzer.glyphs_idn_by_tld or suffix.rpartition(".")[2] in fuzzer.glyphs_idn_by_tld
    fuzzer.generate([family for family in families if family != "cyrillic" or not listed])
    for permutation in fuzzer.domains:
        yield _judged(permutation["fuzzer"], permutation["domain"], domain, label)
    if not listed:
        yield from _confusable(label, suffix, domain)


def _confusable(label: str, suffix: str, domain: str) -> Iterator[Lookalike]:
    for shown, script in confusable_labels(label):
        try:
            name = f"{idna.encode(shown).decode('ascii')}.{suffix}"
        except (idna.IDNAError, UnicodeError):
            continue
        if script == LATIN:
            yield _judged("homoglyph", name, domain, label)
        else:
            sentence = f"`{shown}.{suffix}` is written in {script.capitalize()} letters, next to {domain} (homoglyph)."
            yield Lookalike(name, "homoglyph", WHOLE_SCRIPT, sentence)


def _judged(family: str, name: str, domain: str, label: str) -> Lookalike:
    danger, what = _FAMILIES[family]
    if family == "homoglyph":
        shown = unicode_label(name.partition(".")[0])
        changes = _changes(shown, label)
        if not shown.isascii():
            danger -= 0.1
        danger -= (0.25 if shown.isascii() else 0.5) * (changes - 1)
        what = f"differs from {domain} by {_number(changes)} look-alike character{'s' if changes > 1 else ''}"
        return Lookalike(name, family, max(0.1, round(danger, 4)), f"`{unicode_host(name)}` {what} (homoglyph).")
    return Lookalike(name, family, danger, f"`{unicode_host(name)}` {what}, next to {domain} ({family}).")


def _changes(shown: str, label: str) -> int:
    """Return the number of exchanged characters; ``rn`` for m counts as one."""
    if len(shown) == len(label):
        return max(1, sum(one != other for one, other in zip(shown, label, strict=True)))
    changes = max(1, OSA.distance(shown, label))
    if changes > 1:
        merged = shown
        for pair, one in _PAIRS:
            if pair in shown and pair not in label:
                merged = merged.replace(pair, one)
        changes = min(changes, OSA.distance(merged, label) + (merged != shown))
    return changes


def _number(count: int) -> str:
    return {1: "one", 2: "two"}.get(count, str(count))


@cache
def _fuzzer_class() -> Callable[..., Any]:
    """Import dnstwist's fuzzer, and restore the default socket timeout, which the import changes for the whole process."""
    limit = socket.getdefaulttimeout()
    try:
        import dnstwist  # noqa: PLC0415
    finally:
        socket.setdefaulttimeout(limit)
    return dnstwist.Fuzzer  # type: ignore[no-any-return]
