"""Permutations of a domain's label: dnstwist's, and look-alike letters under the endings that sell them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import idna
from rapidfuzz.distance import OSA

from crawler.discovery.confusables import LATIN, confusable_labels
from detector.hosts import unicode_host, unicode_label

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
_PAIRS = (("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"), ("lc", "k"), ("lb", "b"), ("lh", "h"), ("dl", "d"))
_SHORT = 5
"""Letters from which a label is permuted in every way."""
WHOLE_SCRIPT = 0.85
"""Danger of a label whose letters are all of another script: browsers show many of these in that script, not as ``xn--``."""


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


def label_permutations(label: str, suffix: str, domain: str) -> Iterator[Lookalike]:
    """Iterate over permutations of a label, under the same suffix; ``domain`` is the brand's, which the sentences name."""
    fuzzer = _fuzzer_class()(domain, dictionary=[], tld_dictionary=[])
    # dnstwist guesses where the suffix begins; the public suffix list knows
    label = unicode_label(label)
    fuzzer.subdomain, fuzzer.domain, fuzzer.tld = "", label, suffix
    families = list(_FAMILIES) if len(label) >= _SHORT else ["homoglyph", "cyrillic", "various", "hyphenation"]
    # dnstwist lists the Latin letters of some registries only; the others sell more than it tries
    listed = suffix in fuzzer.glyphs_idn_by_tld or suffix.rpartition(".")[2] in fuzzer.glyphs_idn_by_tld
    fuzzer.generate([family for family in families if family != "cyrillic" or not listed])
    for permutation in fuzzer.domains:
        yield _judged(permutation["fuzzer"], permutation["domain"], domain, label)
    if not listed and label.isascii():
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
