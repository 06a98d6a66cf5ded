"""Segments of a title, and copyright lines."""

from __future__ import annotations

import pytest

from detector.model import Capture, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.speaker.own_lines import copyright_lines, title_segments


@pytest.mark.parametrize(
    ("title", "segments"),
    [
        ("Sign in | Example", ["Sign in", "Example"]),
        ("Example: sign in", ["Example", "sign in"]),
        ("Log in - Kettle-Works", ["Log in", "Kettle-Works"]),
        ("  ", []),
        ("A" * 400, ["A" * 300]),
    ],
)
def test_segments(title: str, segments: list[str]) -> None:
    assert title_segments(title) == segments


def test_copyright_lines_name_somebody() -> None:
    text = "Hello\n© 2026\nKettle Works\nAll rights reserved\n\n(c) 2025 Someone Else Ltd\nEnd"
    facts = PageFacts(text=text)
    view = CaptureView(Capture("https://x.example/", Outcome.OK, facts=facts), lambda: None)
    assert copyright_lines(view) == ["© 2026 Kettle Works", "(c) 2025 Someone Else Ltd"]
