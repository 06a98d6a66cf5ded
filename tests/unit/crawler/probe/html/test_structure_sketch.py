"""Sketches of the structure of documents."""

from __future__ import annotations

from lxml import html

from crawler.probe.html.structure_sketch import RUN, is_first_row, lacks_body, name_hash, sketch
from detector.model import SKETCH

TAGS = [(f"x-{number % 17}", number % 5 + number % 3) for number in range(2000)]


def test_a_sketch_is_the_smallest_hashes_in_order() -> None:
    found = sketch(TAGS)
    assert 0 < len(found) <= SKETCH
    assert list(found) == sorted(set(found))
    assert all(0 <= value < 2**32 for value in found)


def test_depth_counts_only_in_relation_to_the_elements_beside() -> None:
    assert sketch([(name, depth + 7) for name, depth in TAGS]) == sketch(TAGS)
    assert sketch([(name, 1) for name, _ in TAGS]) != sketch(TAGS)


def test_a_document_of_a_few_elements_has_no_sketch() -> None:
    assert sketch(TAGS[: RUN - 1]) == ()
    assert len(sketch(TAGS[:RUN])) == 1


def test_names_are_hashed_by_fnv_1a() -> None:
    """Values of the reference implementation (Fowler, Noll and Vo) for 32 bits."""
    assert (name_hash(""), name_hash("a"), name_hash("foobar")) == (0x811C9DC5, 0xE40C292C, 0xBF9CF968)


def test_rows_that_a_browser_puts_into_a_body() -> None:
    first, second, inside = html.fragment_fromstring(
        "<table><tr><td>1</td></tr><tr><td>2</td></tr><tbody><tr><td>3</td></tr></tbody></table>"
    ).iter("tr")
    assert [lacks_body(row) for row in (first, second, inside)] == [True, True, False]
    assert [is_first_row(row) for row in (first, second, inside)] == [True, False, True]
