"""Other spellings of a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.names.spellings import other_spellings


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("münchen", {"muenchen", "munchen"}),
        ("muenchen", {"münchen"}),
        ("großbank", {"grossbank"}),
        ("sør", {"soer", "sor"}),
        ("ærø", {"aeroe", "aero"}),
        ("crédit", {"credit"}),
        ("señor", {"senor"}),
        ("łódź", {"lodz"}),
        ("морозко", {"morozko"}),
        ("хлебный", {"khlebnyi", "hlebnyy"}),
        ("αθήνα", {"athina"}),
        ("paypal", set()),
        ("銀行", set()),
    ],
)
def test_umlauts_accents_and_alphabets_have_other_spellings(name: str, spelled: set[str]) -> None:
    assert spelled <= set(other_spellings(name))
    if not spelled:
        assert not list(other_spellings(name))


@given(st.text(max_size=30))
def test_no_spelling_is_the_name_or_comes_twice(name: str) -> None:
    found = list(other_spellings(name))
    assert name not in found
    assert len(found) == len(set(found))
