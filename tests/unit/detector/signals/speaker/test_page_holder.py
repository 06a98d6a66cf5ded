"""The name that two places of a page agree on."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.speaker.page_holder import PageHolder, holder_of, names_the_brand
from detector.signals.text import shared_index


def holder(title: str, text: str, url: str = "https://x.example/") -> PageHolder | None:
    return holder_of(
        CaptureView(Capture(url, Outcome.OK, final_url=url, facts=PageFacts(title=title, text=text)), lambda: None)
    )


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        ("Import - Kettle Works", "© 2026 Kettle Works Ltd", "kettle works"),
        ("Import - Kettle Works Books", "© 2026 Kettle Works Ltd", "kettle works"),
        ("Import - Kettle", "© 2026 Kettle Works Ltd", "kettle"),
    ],
)
def test_the_shorter_of_two_names_is_agreed_on(title: str, text: str, shown: str) -> None:
    found = holder(title, text)
    assert found is not None
    assert found.shown == shown


def test_different_names_are_no_holder() -> None:
    assert holder("Import - Kettle Works", "© 2026 Glimmer") is None


def test_whether_it_is_the_brand(shipped_library: BrandLibrary) -> None:
    found = holder("Netfliix | Log in", "© 2026 Netfliix")
    other = holder("Log in | Kettle Works", "© 2026 Kettle Works")
    assert found is not None
    assert other is not None
    index = shared_index(shipped_library)
    assert names_the_brand(found, shipped_library["netflix"], shipped_library, index)
    assert not names_the_brand(other, shipped_library["netflix"], shipped_library, index)
