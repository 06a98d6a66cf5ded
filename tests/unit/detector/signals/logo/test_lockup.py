"""The mark of a lock-up is cut out, the first letter of a name never is; a page that shows the mark alone names the brand."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from detector.brands import BrandLibrary
from detector.model import Logo
from detector.signals.logo import LogoSignal
from detector.signals.logo.lockup import LEAST, mark_of
from detector.signals.logo.logo_drawing import draw, lay_on
from detector.signals.logo.shape import shape_of, vector_of
from tests.unit.detector.signals.logo.test_logo_signal import drawn, measures, page, view

Rgba = NDArray[np.uint8]
WITH_MARK = ["spotify", "discord", "slack", "tiktok", "metamask", "reddit"]
INK, RED = (30, 30, 30, 255), (200, 30, 30, 255)


def wordmarks(library: BrandLibrary, brand: str) -> list[Logo]:
    found = [logo for logo in library[brand].logos if logo.kind == "wordmark"]
    assert found, brand
    return found


def picture(logo: Logo) -> Rgba:
    drawing = draw(logo)
    assert drawing is not None
    return drawing


@pytest.mark.parametrize("brand", WITH_MARK)
def test_the_mark_of_a_lock_up_is_the_brands_mark(shipped_library: BrandLibrary, brand: str) -> None:
    cut = [mark for logo in wordmarks(shipped_library, brand) if (mark := mark_of(picture(logo))) is not None]
    marks = [logo for logo in shipped_library[brand].logos if logo.kind == "mark"]
    known = [shape for logo in marks if (shape := shape_of(lay_on(picture(logo), (255, 255, 255)))) is not None]
    assert cut
    assert known
    for mark in cut:
        shape = shape_of(lay_on(mark, (255, 255, 255)))
        assert shape is not None
        assert max(float(vector_of(shape, 0) @ vector_of(other, 0)) for other in known) > 0.75


@pytest.mark.parametrize(
    "brand", ["uber", "venmo", "intuit", "coinbase", "netflix", "ebay", "google", "amazon", "visa"]
)
def test_letters_of_a_name_are_no_marks(shipped_library: BrandLibrary, brand: str) -> None:
    assert [logo.path for logo in wordmarks(shipped_library, brand) if mark_of(picture(logo)) is not None] == []


def _cut(canvas: Rgba) -> Rgba:
    seen = canvas[:, :, 3] > 16
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _lock_up(mark: tuple[int, int], name: tuple[int, int]) -> Rgba:
    canvas = np.zeros((400, 900, 4), np.uint8)
    cv2.circle(canvas, mark, 60, RED, -1)
    cv2.putText(canvas, "Bankhaus", name, cv2.FONT_HERSHEY_SIMPLEX, 2.4, INK, 8)
    return _cut(canvas)


@pytest.mark.parametrize(
    "drawing",
    [_lock_up((70, 170), (170, 200)), _lock_up((700, 170), (170, 200)), _lock_up((350, 70), (170, 200))],
    ids=["before", "behind", "above"],
)
def test_a_mark_stands_before_behind_or_above_its_name(drawing: Rgba) -> None:
    mark = mark_of(drawing)
    assert mark is not None
    assert mark.shape == (121, 121, 4)
    assert (mark[60, 60] == RED).all()


def test_a_name_alone_a_mark_alone_and_a_small_mark_are_no_lock_ups() -> None:
    canvas = np.zeros((200, 900, 4), np.uint8)
    cv2.putText(canvas, "Bankhaus am Markt", (10, 120), cv2.FONT_HERSHEY_SIMPLEX, 2.4, INK, 8)
    assert mark_of(_cut(canvas)) is None
    lock_up = _lock_up((70, 170), (170, 200))
    assert mark_of(_cut(lock_up[:, :121])) is None
    small = cv2.resize(lock_up, None, fx=(LEAST - 4) / 121, fy=(LEAST - 4) / 121, interpolation=cv2.INTER_AREA)
    assert mark_of(np.asarray(small, np.uint8)) is None


@given(
    arrays(
        np.uint8,
        some.tuples(some.integers(1, 90), some.integers(1, 200), some.just(4)),
        elements=some.sampled_from([0, 90, 255]),
    )
)
@settings(max_examples=200, deadline=None)
def test_any_drawing_has_a_mark_within_it_or_none(drawing: Rgba) -> None:
    mark = mark_of(drawing)
    if mark is not None:
        assert min(mark.shape[:2]) >= LEAST
        assert mark.shape[0] <= drawing.shape[0]
        assert mark.shape[1] < drawing.shape[1] or mark.shape[0] < drawing.shape[0]


@pytest.mark.parametrize("brand", [brand for brand in WITH_MARK if brand != "reddit"])  # its lock-up is of 2017
def test_a_brand_added_by_its_lock_up_is_known_by_its_mark(shipped_library: BrandLibrary, brand: str) -> None:
    only = replace(shipped_library[brand], logos=tuple(wordmarks(shipped_library, brand)))
    others = [shipped_library[other] for other in ("netflix", "ebay", "paypal")]
    image = page()
    mark = drawn(shipped_library, brand, "mark", 72)
    image.paste(mark, (500, 100), mark)
    found = measures(LogoSignal(BrandLibrary([only, *others])), view(image))
    assert found
    assert max(found, key=lambda name: found[name]) == brand
    assert found[brand] > 0.4
