"""Score a brand's name in a host or a path by the rules of :mod:`detector.names.score_rules`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detector.names.name_hit import NameHit
from detector.names.path_rules import PATH_RULES
from detector.names.score_rules import (
    BELOW_RULES,
    BELOW_TYPO_ADJUSTMENT,
    ENDING_ADJUSTMENTS,
    LABEL_RULES,
    NAME_ADJUSTMENTS,
    SELECT,
    Kind,
    NameAdjustment,
    NamePlace,
    NameRule,
)
from detector.sentences import counted

MOST = 0.99
"""Highest score: no name alone is a proof."""


@dataclass(frozen=True, slots=True)
class ScoredName:
    """The score of a name, with its kind and a sentence that explains it."""

    score: float
    """0 (a chance resemblance) to :data:`MOST`; below 0 where several things speak against it."""
    kind: Kind
    sentence: str


def score_name(place: NamePlace) -> ScoredName:
    """Score a name in the label that somebody registered, or chose at a hoster."""
    rule = _first(LABEL_RULES[place.hit.how], place)
    score = _adjusted(_base(rule, place), NAME_ADJUSTMENTS, place)
    return ScoredName(_with_ending(score, place), rule.kind, f"{_sentence(rule, place)}.")


def score_below(place: NamePlace) -> ScoredName:
    """Score a name in a label below another's domain."""
    hit = place.hit
    written = hit.how == "exact" and hit.clean and (place.is_weak or not hit.lures)
    rule = _first(BELOW_RULES if written else LABEL_RULES[hit.how], place)
    score = _adjusted(_base(rule, place), (BELOW_TYPO_ADJUSTMENT,), place)
    domain = place.parts.registrable
    where = f", below {domain}, which is not the brand's domain" if domain else ", below another's domain"
    return ScoredName(_with_ending(score, place) if score > 0 else 0.0, rule.kind, f"{_sentence(rule, place)}{where}.")


def score_path(place: NamePlace, host: str) -> ScoredName:
    """Score a name in a word of the path; nobody registers a path, so a chance resemblance counts for nothing there."""
    rule = _first(PATH_RULES, place)
    return ScoredName(
        round(_base(rule, place), 3), rule.kind, f"The path on {host} {rule.sentence.format(label=place.label)}."
    )


def _first(rules: Sequence[NameRule], place: NamePlace) -> NameRule:
    return next(rule for rule in rules if rule.applies(place))


def _base(rule: NameRule, place: NamePlace) -> float:
    return _adjusted(rule.base(place.hit.strength), rule.adjustments, place)


def _adjusted(score: float, adjustments: Iterable[NameAdjustment], place: NamePlace) -> float:
    return score + sum(adjustment.points * adjustment.times(place) for adjustment in adjustments)


def _with_ending(score: float, place: NamePlace) -> float:
    """Add points for the host's ending and further lures; an everyday word that is not selected already gets none."""
    if not place.is_weak or score >= SELECT:
        score = _adjusted(score, ENDING_ADJUSTMENTS, place)
    return round(min(score, MOST), 3)


def _sentence(rule: NameRule, place: NamePlace) -> str:
    """The rule's sentence about this name, without its final dot."""
    hit, parts = place.hit, place.parts
    text = rule.sentence.format(
        label=place.label,
        token=hit.token,
        piece=hit.piece,
        touching=hit.touching,
        noise=hit.noise,
        swaps=_swaps(hit),
        errors=counted(hit.distance, "typing error"),
        ending=f"{'the hoster' if parts.hosted else 'the ending'} .{parts.suffix}",
    )
    words = sorted(hit.lures or place.lures) if rule.names_lures else []
    return f"{text} beside {', '.join(words)}" if words else text


def _swaps(hit: NameHit) -> str:
    return ", ".join(f"`{seen}` for {meant}" for seen, meant in hit.swaps) or f"`{hit.piece}`"
