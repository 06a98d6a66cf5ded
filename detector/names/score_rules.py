"""The rules by which a brand's name in a host or a path is scored: a score and a sentence each, read from labelled names.

The first rule that applies gives the score, by how much the name itself proves
(:class:`~detector.names.brand_tokens.NameStrength`); every adjustment that applies is added.  Where a bare name is as often the
brand's own, or a fan's, as a phisher's, its score stays just below :data:`SELECT`, and what is beside it (a lure, an ending that
abuse prefers, a hoster) decides.  Results on the labelled names: docs/discovery.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from detector.hosts import HostParts
from detector.names.brand_tokens import NameStrength
from detector.names.lures import RESERVED_ENDINGS, RISKY_ENDINGS
from detector.names.name_hit import NameHit

Kind = Literal["exact_token", "homoglyph", "typo", "combosquat", "subdomain", "path", "user"]

SELECT = 0.5
"""Scores from which a name alone deserves a look; measured in docs/discovery.md."""
LONG_NAME = 6
"""Letters from which a name counts although other letters touch it."""
SERIAL_DIGITS = 4
"""Digits beside a name that no person would choose."""
SOFTWARE_NAMES = frozenset(("wordpress", "google", "github", "gitlab", "bitbucket", "twitter"))
"""Names of folders that web software creates and of hosts that firms run: alone they prove nothing below another's domain."""
_SCRIPT = re.compile(r"\.(?:php|html?|aspx?|jsp|cgi)\b|/(?:wp-(?:content|admin|includes)|cgi-bin)/")


@dataclass(frozen=True, slots=True)
class NamePlace:
    """A brand's name with its place in a host or path."""

    hit: NameHit
    label: str
    """The label of the host, or the word of the path, that holds it."""
    parts: HostParts
    lures: frozenset[str] = frozenset()
    """Lure words in all labels of the host."""
    beside_domain: bool = False
    """Parts of a domain are beside it (``amazon-co-jp``, ``apple.com.``): an address within the address."""
    deep: bool = False
    """The address goes on: with a path, or with a label in front that is not ``www``."""
    path_bonus: float = 0.0
    """For a word of a path: :func:`path_bonus`."""

    @property
    def ending(self) -> str:
        """The last label of the host."""
        return self.parts.suffix.rpartition(".")[2]

    @property
    def is_weak(self) -> bool:
        """An everyday word or two to three letters."""
        return self.hit.strength is NameStrength.WEAK


@dataclass(frozen=True, slots=True)
class NameAdjustment:
    """Points that are added to a score, so many times as ``times`` says."""

    points: float
    meaning: str
    times: Callable[[NamePlace], float]


@dataclass(frozen=True, slots=True)
class NameRule:
    """The score of one way in which a label or a word of a path contains a name."""

    meaning: str
    strong: float
    medium: float
    weak: float
    kind: Kind
    sentence: str
    """Sentence of the finding without its final dot; may use ``label, token, piece, touching, noise, swaps, errors, ending``."""
    applies: Callable[[NamePlace], bool]
    adjustments: tuple[NameAdjustment, ...] = ()
    names_lures: bool = True
    """The finding's sentence goes on with the lures beside the name."""

    def base(self, strength: NameStrength) -> float:
        """The score before adjustments."""
        return (self.weak, self.medium, self.strong)[strength]


def path_bonus(path: str, *, lured: bool, nameless: bool) -> float:
    """Points for what is beside the names in a path: lures, scripts and folders of kits, and a host without a name."""
    return 0.1 * lured + 0.1 * nameless + 0.05 * bool(_SCRIPT.search(path.lower()))


def _is_long(place: NamePlace) -> bool:
    return len(place.hit.token) >= LONG_NAME


def _is_numbered_word(place: NamePlace) -> bool:
    """``line8121.top``: an everyday word, a number and a cheap ending that is no country's come from a machine."""
    hit = place.hit
    alone = not (hit.whole or hit.others or hit.lures) and len(hit.token) > 3 and hit.digits > 1
    return place.is_weak and alone and len(place.ending) > 2 and place.ending in RISKY_ENDINGS


def _is_risky_ending(place: NamePlace) -> bool:
    """The bare name under a country's ending is mostly the brand itself in that country."""
    country = place.hit.whole and len(place.ending) == 2
    return place.parts.hosted or (place.ending in RISKY_ENDINGS and not country)


def _is_risky_below(place: NamePlace) -> bool:
    return place.hit.whole and place.is_weak and (place.parts.hosted or place.ending in RISKY_ENDINGS)


def _is_finger_slip(place: NamePlace) -> bool:
    hit = place.hit
    return len(hit.piece) != len(hit.token) or sorted(hit.piece) == sorted(hit.token)


LURE_IN_HOST = NameAdjustment(0.1, "A lure is somewhere in the host.", lambda p: bool(p.lures))
BRANDS_COUNTRY = NameAdjustment(
    -0.05,
    "The bare name under a country's ending, with nothing else, is mostly the brand itself in that country.",
    lambda p: len(p.ending) == 2 and not (p.deep or p.hit.respelled),
)
LURE_BESIDE_CHANCE = NameAdjustment(0.08, "The same for a name among other letters.", lambda p: bool(p.lures))
ASCII_LOOK = NameAdjustment(
    -0.25,
    "A short or everyday name, written with ASCII letters: it may be another word.",
    lambda p: p.hit.strength is not NameStrength.STRONG and p.hit.piece.isascii(),
)
TYPO_ADJUSTMENTS = (
    NameAdjustment(0.1, "Fingers do this: a letter too many or too few, or two swapped.", _is_finger_slip),
    NameAdjustment(
        -1.0,
        "Each further error; another first letter, which typosquatters leave alone (Szurdi et al.); unknown words beside it.",
        lambda p: 0.35 * (p.hit.distance - 1) + 0.2 * (p.hit.piece[0] != p.hit.token[0]) + 0.05 * p.hit.others,
    ),
    NameAdjustment(0.2, "A lure is beside it.", lambda p: bool(p.hit.lures)),
    NameAdjustment(0.1, "A lure is elsewhere in the host.", lambda p: bool(p.lures) and not p.hit.lures),
)

_AMONG = "`{label}` contains {token} among other letters"
_NOISE = "`{label}` holds {token} beside letters that form no word: {noise}"
_HOLDS = "`{label}` holds the name {token}"
_OWN_NAME = "`{label}` is the brand's own name under {ending}"
_LOOKS = "`{label}` looks like {token}: {swaps}"
_MISTYPED = "`{piece}` in `{label}` is {errors} away from {token}"

EXACT_RULES = (
    NameRule("A long lure touches the name, among other letters.", 0.6, 0.6, 0.5, "combosquat",
             "`{label}` joins {token} and {touching} among other letters", lambda p: bool(p.hit.touching),
             names_lures=False),
    NameRule("Made-up letters touch the name.", 0.5, 0.5, 0.5, "exact_token", _NOISE,
             lambda p: not p.hit.clean and bool(p.hit.noise), names_lures=False),
    NameRule("Other letters touch a name that is rare among ordinary names.", 0.5, 0.5, 0.5, "exact_token", _AMONG,
             lambda p: not p.hit.clean and p.hit.rare, (LURE_BESIDE_CHANCE,), names_lures=False),
    NameRule("Other letters touch a long name.", 0.42, 0.42, 0.42, "exact_token", _AMONG,
             lambda p: not p.hit.clean and _is_long(p), (LURE_BESIDE_CHANCE,), names_lures=False),
    NameRule("Other letters touch a short name.", 0.2, 0.2, 0.2, "exact_token", _AMONG,
             lambda p: not p.hit.clean, names_lures=False),
    NameRule("A lure and unknown words are beside the name.", 0.7, 0.6, 0.5, "combosquat", _HOLDS,
             lambda p: bool(p.hit.lures) and p.hit.others),
    NameRule("A lure is beside the name.", 0.85, 0.75, 0.55, "combosquat", _HOLDS, lambda p: bool(p.hit.lures)),
    NameRule("Made-up letters are beside the name.", 0.5, 0.5, 0.5, "exact_token", _NOISE,
             lambda p: bool(p.hit.noise), (LURE_IN_HOST,), names_lures=False),
    NameRule("The label begins with the name, and unknown words follow.", 0.5, 0.5, 0.5, "exact_token", _HOLDS,
             lambda p: p.hit.first and p.hit.others and len(p.hit.token) > 3, (LURE_IN_HOST,)),
    NameRule("The label is the name.", 0.5, 0.4, 0.15, "exact_token", _OWN_NAME,
             lambda p: p.hit.whole, (LURE_IN_HOST, BRANDS_COUNTRY), names_lures=False),
    NameRule("An everyday word with a number, under an ending that abuse prefers.", 0.5, 0.5, 0.5, "exact_token", _HOLDS,
             _is_numbered_word),
    NameRule("Unknown words are before the name.", 0.5, 0.25, 0.1, "exact_token", _HOLDS,
             lambda p: p.hit.others, (LURE_IN_HOST,)),
    NameRule("Digits or words without a meaning for the brand are beside the name.", 0.5, 0.35, 0.15, "exact_token",
             _HOLDS, lambda p: True, (LURE_IN_HOST,)),
)  # fmt: skip
HOMOGLYPH_RULES = (
    NameRule("Other letters touch a long look-alike.", 0.42, 0.42, 0.42, "homoglyph", _LOOKS,
             lambda p: not p.hit.clean and _is_long(p)),
    NameRule("Other letters touch a short look-alike.", 0.0, 0.0, 0.0, "homoglyph", _LOOKS, lambda p: not p.hit.clean),
    NameRule("A look-alike beside a lure.", 0.95, 0.95, 0.95, "homoglyph", _LOOKS, lambda p: bool(p.hit.lures),
             (ASCII_LOOK,)),
    NameRule("The label is a look-alike.", 0.9, 0.9, 0.9, "homoglyph", _LOOKS, lambda p: p.hit.whole, (ASCII_LOOK,)),
    NameRule("A look-alike beside unknown words.", 0.6, 0.6, 0.6, "homoglyph", _LOOKS, lambda p: p.hit.others,
             (ASCII_LOOK,)),
    NameRule("A look-alike beside digits or words without a meaning for the brand.", 0.7, 0.7, 0.7, "homoglyph", _LOOKS,
             lambda p: True, (ASCII_LOOK,)),
)  # fmt: skip
TYPO_RULES = (
    NameRule("A mistyped name of up to five letters.", 0.28, 0.28, 0.28, "typo", _MISTYPED,
             lambda p: len(p.hit.token) < 6, TYPO_ADJUSTMENTS),
    NameRule("A mistyped name of six or seven letters.", 0.45, 0.45, 0.45, "typo", _MISTYPED,
             lambda p: len(p.hit.token) < 8, TYPO_ADJUSTMENTS),
    NameRule("A mistyped name of eight letters and more.", 0.55, 0.55, 0.55, "typo", _MISTYPED, lambda p: True,
             TYPO_ADJUSTMENTS),
)  # fmt: skip
LABEL_RULES = {"exact": EXACT_RULES, "homoglyph": HOMOGLYPH_RULES, "typo": TYPO_RULES}

NAME_ADJUSTMENTS = (
    NameAdjustment(
        -0.2,
        "The ending is sold to governments and schools only: Santander and Amazonas are also places.",
        lambda p: not RESERVED_ENDINGS.isdisjoint(p.parts.suffix.split(".")),
    ),
    NameAdjustment(
        0.1,
        "Parts of a domain, or a serial number, are beside a name that is no everyday word.",
        lambda p: (
            p.hit.how == "exact"
            and p.hit.clean
            and not p.is_weak
            and not p.hit.whole
            and (p.beside_domain or p.hit.digits >= SERIAL_DIGITS)
        ),
    ),
)

_BELOW_ADJUSTMENTS = (
    NameAdjustment(0.3, "A lure is beside it.", lambda p: bool(p.hit.lures)),
    NameAdjustment(
        0.2,
        "No lure is beside it, but one elsewhere in the host, or labels of a domain do, or the ending is risky.",
        lambda p: not p.hit.lures and bool(p.lures or p.beside_domain or _is_risky_below(p)),
    ),
)
BELOW_RULES = (
    NameRule("The name of web software.", 0.3, 0.3, 0.3, "subdomain", _HOLDS,
             lambda p: p.hit.token in SOFTWARE_NAMES, _BELOW_ADJUSTMENTS),
    NameRule("The label is the name.", 0.55, 0.5, 0.3, "subdomain", "`{label}` is the brand's own name",
             lambda p: p.hit.whole, _BELOW_ADJUSTMENTS, names_lures=False),
    NameRule("Words or digits are beside the name.", 0.5, 0.5, 0.2, "subdomain", _HOLDS, lambda p: True,
             _BELOW_ADJUSTMENTS),
)  # fmt: skip
"""For a name as it is written in a label below another's domain, if it is an everyday word or has no lure beside it."""
BELOW_TYPO_ADJUSTMENT = NameAdjustment(
    0.1,
    "A long name with one error as a whole label, or beside labels of a domain: nobody calls a host `amazom` by choice.",
    lambda p: p.hit.how == "typo" and p.hit.distance == 1 and _is_long(p) and (p.hit.whole or p.beside_domain),
)

ENDING_ADJUSTMENTS = (
    NameAdjustment(0.08, "The ending is a hoster's, or one that abuse prefers.", _is_risky_ending),
    NameAdjustment(
        0.03, "Each lure in the host after the first, three at most.", lambda p: min(3, max(0, len(p.lures) - 1))
    ),
)
