"""Hostile text made readable and harmless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.present.legible import excerpt, label, one_line, percent, safe_url, sentence, size, utc, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202egnp.exe", "a[U+202E]gnp.exe"),
        ("nul\x00 bel\x07 del\x7f c1\x9b", "nul[U+0000] bel[U+0007] del[U+007F] c1[U+009B]"),
        ("pay\u200bpal\ufeff", "pay[U+200B]pal[U+FEFF]"),
        ("tag\U000e0041", "tag[U+E0041]"),
        ("half\ud800", "half�"),
        ("שלום العربية 👩\u200d💻 tab\t line\n", "שלום العربية 👩\u200d💻 tab\t line\n"),
    ],
)
def test_what_is_invisible_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(alphabet=st.characters(), max_size=400), st.integers(1, 80))
def test_bounded_lines_can_be_stored(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert line.encode("utf-8").decode() == line


def test_a_title_of_a_million_characters_is_cut() -> None:
    assert one_line("A" * 1_000_000, 300) == "A" * 299 + "…"


def test_excerpt_keeps_single_line_breaks() -> None:
    assert excerpt("a  b\r\n\r\n \n c\t d", 100) == "a b\n c d"


def test_a_url_is_defanged_and_bounded() -> None:
    assert safe_url("https://a.example/\u202e" + "x" * 5000, 60) == "hxxps://a[.]example/[U+202E]" + "x" * 31 + "…"


def test_sentences_do_not_carry_live_addresses() -> None:
    said = "The path on Evil.example:8443 names it; https://evil.example/a leads to www.evil.example and bank.example."
    assert sentence(said, 200, ("evil.example", "")) == (
        "The path on Evil[.]example:8443 names it; hxxps://evil[.]example/a leads to www.evil[.]example and bank.example."
    )


def test_times_are_utc() -> None:
    eastern = datetime(2026, 3, 9, 8, 5, 31, tzinfo=timezone(timedelta(hours=-5)))
    assert utc(eastern) == "2026-03-09 13:05:31 UTC"
    assert utc(datetime(2026, 3, 9, 13, 5, 31)) == utc(datetime(2026, 3, 9, 13, 5, 31, tzinfo=UTC))
    assert utc(None) == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "not known"),
        (0.0, "0 %"),
        (0.001, "< 1 %"),
        (0.866, "87 %"),
        (0.9949, "99 %"),
        (0.997, "> 99 %"),
        (1.0, "> 99 %"),
    ],
)
def test_percent_never_claims_certainty(value: float | None, shown: str) -> None:
    assert percent(value) == shown


def test_sizes_and_labels() -> None:
    assert [size(n) for n in (None, 812, 14_200, 3_100_000)] == ["", "812 B", "14.2 kB", "3.1 MB"]
    assert label("takedown_requested") == "Takedown requested"
