"""Look-alike letters from Unicode's confusables."""

from __future__ import annotations

import idna
import pytest

from crawler.discovery.confusables import confusable_labels, script_of
from crawler.discovery.lookalikes import lookalikes
from detector.brands import BrandLibrary
from detector.model import Brand


def brand(domain: str) -> Brand:
    return Brand(id="x", name=domain.partition(".")[0].title(), domains=(domain,))


@pytest.mark.parametrize("label", ["paypal", "cocoa", "office365", "x", "a-b"])
def test_every_label_is_of_one_script_and_can_be_registered(label: str) -> None:
    for shown, script in confusable_labels(label):
        assert shown != label
        assert len(shown) == len(label)
        assert idna.decode(idna.encode(shown)) == shown
        if script != "LATIN":
            assert {script_of(char) for char in shown if char.isalpha()} == {script}


def test_one_latin_letter_or_all_of_another_script() -> None:
    found = list(confusable_labels("soap"))
    assert ("so\u0251p", "LATIN") in found
    assert ("ѕоар", "CYRILLIC") in found
    assert not any(script == "GREEK" for _, script in found), "Greek has no letter like s"
    assert ("ορι", "GREEK") in list(confusable_labels("opi"))
    assert not any(script == "CYRILLIC" for _, script in confusable_labels("wolf")), (
        "Cyrillic has no letter like l and f"
    )


def test_names_of_other_scripts_are_tried_where_the_ending_takes_them() -> None:
    names = lookalikes(brand("paypa.com"), BrandLibrary(()), 5000)
    whole = [name for name in names if "written in" in name.sentence]
    assert "xn--80aa0cbo.com" in {name.domain for name in whole}, "раура"
    german = [
        name.sentence for name in lookalikes(brand("paypa.de"), BrandLibrary(()), 5000) if name.domain.endswith(".de")
    ]
    assert german
    assert not any("written in" in sentence for sentence in german), "DENIC sells Latin letters only"
