"""Regions in which a logo could be: words and letters are left out, marks before a name are not."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from detector.model import Box, ImageBox
from detector.signals.logo.regions import LARGEST_LETTER, choose, image_regions, proposed_regions


def with_text(text: str, size: int, at: tuple[int, int] = (200, 120)) -> Image.Image:
    image = Image.new("RGB", (1280, 800), "white")
    ImageDraw.Draw(image).text(at, text, fill="black", font=ImageFont.load_default(size))
    return image


def test_single_letters_of_a_large_line_are_no_marks() -> None:
    regions = proposed_regions(np.asarray(with_text("Sunflower", 40)))
    assert not [region for region in regions if region.width <= 1.3 * region.height and region.height < LARGEST_LETTER]
    assert [region for region in regions if region.width > 140]


def test_a_mark_before_a_name_is_a_place() -> None:
    image = with_text("Sunflower", 40, (280, 120))
    ImageDraw.Draw(image).ellipse((200, 118, 256, 174), fill=(200, 60, 20))
    boxes = [region.box for region in proposed_regions(np.asarray(image))]
    assert any(np.allclose(box, (200, 118, 57, 57), atol=4) for box in boxes)


def test_words_within_small_text_are_left_out() -> None:
    regions = proposed_regions(np.asarray(with_text("We will ask you to confirm your address", 15)))
    assert all(region.width > 150 for region in regions)


def test_an_image_box_shrinks_to_the_one_thing_it_shows() -> None:
    image = Image.new("RGB", (1280, 800), "white")
    ImageDraw.Draw(image).rectangle((240, 140, 300, 200), fill=(10, 90, 200))
    page = image_regions((ImageBox("", Box(200, 100, 200, 160)),), 1280, 800)
    (first, *_) = choose(page, proposed_regions(np.asarray(image)), 12)
    assert first.from_page
    assert np.allclose(first.box, (240, 140, 61, 61), atol=4)


def test_each_place_is_chosen_once_and_no_more_than_asked() -> None:
    boxes = tuple(ImageBox("", Box(20.0 + 60 * n, 20, 40, 40)) for n in range(20))
    page = image_regions((*boxes, *boxes), 1280, 800)
    assert len(page) == 40
    chosen = choose(page, [], 12)
    assert len(chosen) == len({region.box for region in chosen}) == 12
