"""A name in a label: what is around it decides whether it counts."""

from __future__ import annotations

import pytest

from detector.names.brand_tokens import NameStrength
from detector.names.name_hit import IndexedName, NameHit, made_up_beside, make_hit
from detector.names.typing_errors import edges_of


def hit(label: str, token: str, strength: NameStrength = NameStrength.STRONG) -> NameHit | None:
    """The hit of ``token``, which ``label`` contains as it is written."""
    text = label.replace("-", "")
    start = text.index(token)
    return make_hit(IndexedName(token, strength, {"brand"}), text, edges_of(label), start, start + len(token), "exact")


def test_the_name_alone() -> None:
    found = hit("paypal", "paypal")
    assert found is not None
    assert (found.whole, found.clean, found.first, found.others) == (True, True, False, False)


def test_lures_digits_and_unknown_words_beside_it() -> None:
    found = hit("paypal24-login-zebraq", "paypal")
    assert found is not None
    assert (found.lures, found.digits, found.others, found.whole) == (frozenset({"login"}), 2, True, False)


@pytest.mark.parametrize(
    ("label", "token", "strength"),
    [
        ("connecting", "ing", NameStrength.WEAK),
        ("onlinefree", "line", NameStrength.WEAK),
        ("a-b", "ab", NameStrength.WEAK),
    ],
)
def test_a_weak_name_within_words_or_across_a_hyphen_is_none(label: str, token: str, strength: NameStrength) -> None:
    assert hit(label, token, strength) is None


def test_letters_that_form_no_word_beside_a_name() -> None:
    label = "linefdagfdgdf"
    assert made_up_beside(label, edges_of(label), 0, 4) == "fdagfdgdf"
    assert made_up_beside("lineonline", edges_of("lineonline"), 0, 4) == ""
    assert made_up_beside("ingfdagfdgdf", edges_of("ingfdagfdgdf"), 0, 3) == "", "too short to be looked for there"
