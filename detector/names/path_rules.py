"""The rules by which a brand's name in a word of a path is scored: nobody registers a path, and a resemblance counts for less."""

from __future__ import annotations

from collections.abc import Callable

from detector.names.brand_tokens import NameStrength
from detector.names.score_rules import LONG_NAME, SOFTWARE_NAMES, NameAdjustment, NamePlace, NameRule

SLUG_WORDS = 4
"""Hyphens from which a path reads like the title of an article."""

_PATH_SENTENCE = "names the brand: `{label}`"
_BONUS = NameAdjustment(1.0, "What is beside the names in the path.", lambda p: p.path_bonus)
_PATH_ADJUSTMENTS = (
    NameAdjustment(
        0.2, "An everyday word beside a lure.", lambda p: p.is_weak and bool(p.path_bonus or p.hit.lures)
    ),
    NameAdjustment(
        1.0, "What is beside the names in the path, or a lure beside this one.",
        lambda p: p.path_bonus or 0.1 * bool(p.hit.lures),
    ),
)  # fmt: skip


def _path_rule(
    meaning: str,
    scores: tuple[float, float, float],
    applies: Callable[[NamePlace], bool],
    *adjustments: NameAdjustment,
) -> NameRule:
    return NameRule(meaning, *scores, "path", _PATH_SENTENCE, applies, adjustments, names_lures=False)


def _is_longer(place: NamePlace) -> bool:
    return len(place.hit.token) > LONG_NAME


def _is_slug(place: NamePlace) -> bool:
    hit, word = place.hit, place.label
    return word.count("-") + word.count("_") >= SLUG_WORDS and hit.others and len(hit.lures) < 2


PATH_RULES = (
    _path_rule("The name of web software.", (0.1, 0.1, 0.1), lambda p: p.hit.token in SOFTWARE_NAMES),
    _path_rule("A word is a long name with one typing error.", (0.5, 0.5, 0.5),
               lambda p: p.hit.how == "typo" and p.hit.whole and _is_longer(p) and p.hit.distance == 1),
    _path_rule("Any other resemblance: nobody registers a path.", (0.0, 0.0, 0.0), lambda p: p.hit.how == "typo"),
    _path_rule("Other letters touch a long name, or one of four letters.", (0.5, 0.5, 0.5),
               lambda p: not p.hit.clean and (p.hit.strength is NameStrength.MEDIUM
                                              or (p.hit.strength is NameStrength.STRONG and _is_longer(p))), _BONUS),
    _path_rule("Other letters touch the name, and a lure is near.", (0.45, 0.45, 0.45),
               lambda p: not p.hit.clean and bool(p.hit.touching or p.hit.lures), _BONUS),
    _path_rule("Other letters touch the name.", (0.0, 0.0, 0.0), lambda p: not p.hit.clean),
    _path_rule("The path reads like the title of an article.", (0.3, 0.3, 0.3), _is_slug),
    _path_rule("A look-alike.", (0.5, 0.5, 0.5), lambda p: p.hit.how == "homoglyph", *_PATH_ADJUSTMENTS),
    _path_rule("The word is the name.", (0.5, 0.5, 0.25), lambda p: p.hit.whole, *_PATH_ADJUSTMENTS),
    _path_rule("Words are beside the name.", (0.5, 0.5, 0.2), lambda p: True, *_PATH_ADJUSTMENTS),
)  # fmt: skip
"""For a word of a path."""
