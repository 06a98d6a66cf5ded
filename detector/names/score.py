"""How much a brand's name in a host or a path proves: one table a place, read from the labelled names (docs/discovery.md).

A score of 0.5 and more means that the name alone deserves a look.  Where a bare name is as often the brand's own, or a fan's, as a
phisher's, it stays just below, and what stands beside it (a lure, an ending that abuse prefers, a hoster) decides.
"""

from __future__ import annotations

import re
from typing import Literal

from detector.hosts import HostParts
from detector.names.lures import RISKY_ENDINGS
from detector.names.name_index import NameHit, NameStrength

Kind = Literal["exact_token", "homoglyph", "typo", "combosquat", "subdomain", "path"]

STRONG, MEDIUM, WEAK = NameStrength.STRONG, NameStrength.MEDIUM, NameStrength.WEAK
SELECT = 0.5
"""Scores from which a name alone deserves a look; measured in docs/discovery.md."""

_EXACT_WHOLE = {STRONG: 0.45, MEDIUM: 0.4, WEAK: 0.15}
_EXACT_LURE = {STRONG: 0.85, MEDIUM: 0.75, WEAK: 0.55}
_EXACT_FILLER = {STRONG: 0.45, MEDIUM: 0.35, WEAK: 0.15}
_EXACT_WORDS = {STRONG: 0.5, MEDIUM: 0.25, WEAK: 0.1}
_BELOW_WHOLE = {STRONG: 0.55, MEDIUM: 0.5, WEAK: 0.3}
_BELOW_BESIDE = {STRONG: 0.5, MEDIUM: 0.5, WEAK: 0.2}
_PATH_WHOLE = {STRONG: 0.5, MEDIUM: 0.5, WEAK: 0.25}
_PATH_BESIDE = {STRONG: 0.5, MEDIUM: 0.5, WEAK: 0.2}
_UNCLEAN_FROM = 6
"""Letters from which a name counts although other letters touch it."""
_SERIAL = 4
"""Digits beside a name that no person would choose."""
_SLUG = 4
"""Words from which a hyphenated path reads like the title of an article."""
_SOFTWARE = frozenset(("wordpress", "google", "github", "gitlab", "bitbucket", "twitter"))
"""Names of folders that web software creates and of hosts that firms run: alone they prove nothing below a foreign domain."""
_SCRIPT = re.compile(r"\.(?:php|html?|aspx?|jsp|cgi)\b|/(?:wp-(?:content|admin|includes)|cgi-bin)/")


def score_name(hit: NameHit, lures: frozenset[str], parts: HostParts, *, dressed: bool) -> tuple[float, Kind]:
    """Score and kind of a hit in the registered label; ``lures`` are those of all labels.

    ``dressed``: parts of a domain stand beside it (``amazon-co-jp``): an address within the address.
    """
    score, kind = _score_label(hit, bool(lures))
    if hit.how == "exact" and hit.clean:
        if hit.strength is WEAK and _numbered(hit) and _risky_word(parts):
            score = max(
                score, SELECT
            )  # line8121.top: an everyday word, a number and a cheap ending come from a machine
        if hit.strength is not WEAK and not hit.whole and (dressed or hit.digits >= _SERIAL):
            score += 0.1
    return _ending_bonus(score, parts, len(lures), hit), kind


def score_below(hit: NameHit, lures: frozenset[str], parts: HostParts, *, dressed: bool) -> tuple[float, Kind]:
    """The same for a label below a foreign domain.

    ``dressed``: labels of a domain stand beside it (``apple.com.``, ``line.pay.me.``).
    """
    score, kind = _score_label(hit, bool(lures))
    if hit.how == "exact" and hit.clean and (hit.strength is WEAK or not hit.lures):
        table = _BELOW_WHOLE if hit.whole else _BELOW_BESIDE
        score = 0.3 if hit.token in _SOFTWARE else table[hit.strength]
        risky = hit.whole and (parts.hosted or parts.suffix.rpartition(".")[2] in RISKY_ENDINGS)
        score += 0.3 if hit.lures else 0.2 if lures or dressed or (risky and hit.strength is WEAK) else 0.0
        kind = "subdomain"
    if hit.how == "typo" and hit.distance == 1 and len(hit.token) >= _UNCLEAN_FROM:
        score += 0.1 * (hit.whole or dressed)  # nobody calls a host "amazom" who has a name to choose
    return (_ending_bonus(score, parts, len(lures), hit) if score > 0 else 0.0), kind


def path_bonus(path: str, *, lured: bool, nameless: bool) -> float:
    """What stands beside the names in a path: lures, the scripts and folders that kits are unpacked into, a host without a name."""
    return 0.1 * lured + 0.1 * nameless + 0.05 * bool(_SCRIPT.search(path.lower()))


def score_path(hit: NameHit, word: str, bonus: float) -> float:
    """Score of a hit in a word of a path; nobody registers a path, so a chance resemblance counts for nothing there."""
    if hit.token in _SOFTWARE:
        return 0.1
    long = len(hit.token) > _UNCLEAN_FROM
    if hit.how == "typo":
        return 0.5 if hit.whole and long and hit.distance == 1 else 0.0
    if not hit.clean:
        return (
            0.5 + bonus
            if (long and hit.strength is STRONG) or hit.strength is MEDIUM
            else 0.45 + bonus
            if hit.touching or hit.lures
            else 0.0
        )
    if word.count("-") + word.count("_") >= _SLUG and hit.others and len(hit.lures) < 2:
        return 0.3
    table = _PATH_WHOLE if hit.whole else _PATH_BESIDE
    score = table[hit.strength] if hit.how == "exact" else SELECT
    return score + 0.2 * (hit.strength is WEAK and bool(bonus or hit.lures)) + (bonus or 0.1 * bool(hit.lures))


def _score_label(hit: NameHit, lure_anywhere: bool) -> tuple[float, Kind]:
    """Score and kind of a hit in a label, before its place and ending are looked at."""
    if hit.how == "exact":
        if hit.touching:
            return (0.5 if hit.strength is WEAK else 0.6), "combosquat"
        if not hit.clean:
            if hit.noise:
                return SELECT, "exact_token"
            return (0.42 + 0.08 * lure_anywhere if len(hit.token) >= _UNCLEAN_FROM else 0.2), "exact_token"
        if hit.lures:
            foreign = 0.05 if hit.strength is WEAK else 0.15
            return _EXACT_LURE[hit.strength] - foreign * hit.others, "combosquat"
        if hit.noise or (hit.first and hit.others and len(hit.token) > 3):
            return SELECT + 0.1 * lure_anywhere, "exact_token"
        table = _EXACT_WHOLE if hit.whole else _EXACT_WORDS if hit.others else _EXACT_FILLER
        return table[hit.strength] + (0.1 if lure_anywhere else 0.0), "exact_token"
    if hit.how == "homoglyph":
        if not hit.clean:
            return (0.42 if len(hit.token) >= _UNCLEAN_FROM else 0.0), "homoglyph"
        score = 0.95 if hit.lures else 0.9 if hit.whole else 0.6 if hit.others else 0.7
        return (score if hit.strength is STRONG or not hit.piece.isascii() else score - 0.25), "homoglyph"
    return _score_typo(hit, lure_anywhere), "typo"


def _score_typo(hit: NameHit, lure_anywhere: bool) -> float:
    """Long names and errors that fingers make (a letter too many or too few, two swapped) count more than another letter.

    Typosquatters leave the first letter alone (Szurdi et al.); another word differs there as often as anywhere.
    """
    score = 0.28 if len(hit.token) < 6 else 0.45 if len(hit.token) < 8 else 0.55
    if len(hit.piece) != len(hit.token) or sorted(hit.piece) == sorted(hit.token):
        score += 0.1
    score -= 0.35 * (hit.distance - 1) + 0.2 * (hit.piece[0] != hit.token[0]) + 0.05 * hit.others
    return score + (0.2 if hit.lures else 0.1 * lure_anywhere)


def _numbered(hit: NameHit) -> bool:
    return hit.clean and not (hit.whole or hit.others or hit.lures) and len(hit.token) > 3 and hit.digits > 1


def _risky_word(parts: HostParts) -> bool:
    """An ending that abuse prefers and that is no country's: there the name may belong to anybody at home."""
    ending = parts.suffix.rpartition(".")[2]
    return len(ending) > 2 and ending in RISKY_ENDINGS


def _ending_bonus(score: float, parts: HostParts, lures: int, hit: NameHit) -> float:
    """Add what the ending says.  The bare name under a country's ending is mostly the brand itself in that country."""
    if hit.strength is not WEAK or score >= SELECT:
        ending = parts.suffix.rpartition(".")[2]
        if parts.hosted or (ending in RISKY_ENDINGS and not (hit.whole and len(ending) == 2)):
            score += 0.08
        score += 0.03 * min(3, max(0, lures - 1))
    return round(min(score, 0.99), 3)
