"""Refreshes that a capture waits for."""

from __future__ import annotations

import pytest

from crawler.capture.page_settling import refresh_delay


@pytest.mark.parametrize(
    ("content", "delay"),
    [
        ("0;url=/next", 0.0),
        ("3; URL='/next'", 3.0),
        (" 2.5 , /next", 2.5),
        ("0", None),
        ("5;", None),
        ("600;url=/next", None),
        ("soon;url=/next", None),
        (None, None),
        (7, None),
    ],
)
def test_only_a_refresh_that_leads_on_soon_is_waited_for(content: object, delay: float | None) -> None:
    assert refresh_delay(content) == delay
