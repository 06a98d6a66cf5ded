"""Names that a registry would sell."""

from __future__ import annotations

import pytest

from crawler.discovery.registrable_names import registrable


@pytest.mark.parametrize(
    ("domain", "possible"),
    [
        ("paypa1.com", True),
        ("xn--pypal-4ve.com", False),  # Latin with one Cyrillic letter
        ("xn--80aa0cbo65f.com", True),  # Cyrillic throughout
        ("xn--paypl-bta.com", True),  # Latin with an accent
        ("xn--paypl-bta.co.uk", False),  # .uk sells no such names
        ("-paypal.com", False),
        ("xn--\u00e9.com", False),
    ],
)
def test_registrable(domain: str, possible: bool) -> None:
    assert registrable(domain) is possible
