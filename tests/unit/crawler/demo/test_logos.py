"""Logos are found by kind, theme and era, in the form that a page asks for."""

from pathlib import Path

import pytest

from crawler.demo.logos import LogoMissingError, logo_bytes, logo_for
from crawler.demo.sites import load_sites


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("ostrelin/mark", "mark.svg"),
        ("ostrelin/mark/any/historical", "mark-2009.svg"),
        ("ostrelin/wordmark/light", "wordmark.svg"),
        ("ostrelin/wordmark/dark", "wordmark-dark.svg"),
        ("kumoriva/tile/dark", "tile.svg"),
        ("kumoriva/mark/any/historical", "mark.svg"),
    ],
)
def test_the_best_fitting_logo_is_picked(spec: str, name: str) -> None:
    assert Path(logo_for(spec).path).name == name


def test_a_page_may_ask_for_a_drawing_as_png() -> None:
    body, media_type = logo_bytes("ostrelin/wordmark/light", ".png")
    assert media_type == "image/png"
    assert body.startswith(b"\x89PNG")


def test_a_drawing_is_served_as_it_is() -> None:
    body, media_type = logo_bytes("kumoriva/mark", ".svg")
    assert media_type == "image/svg+xml"
    assert body == Path(logo_for("kumoriva/mark").path).read_bytes()


def test_a_brand_that_is_not_there_is_named() -> None:
    with pytest.raises(LogoMissingError, match="no-such-brand"):
        logo_for("no-such-brand/mark")


@pytest.mark.parametrize("spec", sorted({spec for site in load_sites() for spec in site.assets.values()}))
def test_every_logo_that_a_page_shows_exists(spec: str) -> None:
    assert Path(logo_for(spec).path).is_file()
