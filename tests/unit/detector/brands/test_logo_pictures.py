"""Logo files: what is drawn, and what is refused before anything is drawn."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from detector.brands import render_logo, svg_problem
from detector.brands.svg_cost import svg_cost_problem
from detector.errors import BrandFileError
from detector.model import Logo

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'


def svg(body: str = '<rect width="20" height="20" fill="#f00"/>', head: str = HEAD) -> str:
    return f"{head}{body}</svg>"


def written(folder: Path, text: str) -> Logo:
    path = folder / "logo.svg"
    path.write_text(text, encoding="utf-8")
    return Logo(path=str(path))


def test_svg_is_drawn_with_its_proportions(tmp_path: Path) -> None:
    image = render_logo(written(tmp_path, svg()), size=100)
    assert image.size == (100, 50)
    assert image.mode == "RGBA"
    assert image.getpixel((20, 25)) == (255, 0, 0, 255)
    assert image.getpixel((80, 25)) == (0, 0, 0, 0)


def test_tall_svg_is_bounded_by_its_height(tmp_path: Path) -> None:
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="40mm">'
    assert render_logo(written(tmp_path, svg(head=head)), size=100).size == (50, 100)


def test_size_that_contradicts_the_view_box_asks_for_no_more_pixels(tmp_path: Path) -> None:
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="1" height="9000000">'
    assert render_logo(written(tmp_path, svg(head=head)), size=100).size == (100, 50)


def test_png_is_shrunk_and_never_enlarged(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGB", (300, 100), "blue").save(path)
    assert render_logo(Logo(path=str(path)), size=150).size == (150, 50)
    assert render_logo(Logo(path=str(path)), size=900).size == (300, 100)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (svg("<script>alert(1)</script>"), "<script>"),
        (svg("<SCRIPT href='#a'/>"), "<SCRIPT>"),
        (svg('<rect onload="x()"/>'), "onload"),
        (svg('<image href="http://evil.example/x.png"/>'), "http://evil.example"),
        (svg('<image xlink:href="file:///etc/passwd"/>'), "file:///etc/passwd"),
        (svg('<rect fill="url(http://evil.example/#a)"/>'), "http://evil.example"),
        (svg("<style>@import 'x.css';</style>"), "@import"),
        (svg("<foreignObject/>"), "<foreignObject>"),
        (svg('<a href="javascript:alert(1)"/>'), "javascript"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + svg(), "<!DOCTYPE>"),
        ('<?xml-stylesheet href="#a"?>' + svg(), "<?xml-stylesheet?>"),
        ("<html></html>", "no <svg>"),
    ],
)
def test_svg_that_is_more_than_a_picture_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in (svg_problem(text) or "")
    with pytest.raises(BrandFileError, match="the SVG contains"):
        render_logo(written(tmp_path, text))


def test_links_inside_the_picture_are_fine() -> None:
    gradient = (
        '<linearGradient id="a"/><use href="#b"/><rect fill="url(#a)"/><image href="data:image/png;base64,AA=="/>'
    )
    assert svg_problem('<?xml version="1.0"?>' + svg(gradient)) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (svg(head='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9000 1">'), "without a usable size"),
        (svg(head='<svg xmlns="http://www.w3.org/2000/svg">'), "without a usable size"),
        (svg("<g>"), "not a readable SVG"),
        (svg(""), "an empty picture"),
    ],
)
def test_svg_that_cannot_be_drawn_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BrandFileError, match=problem):
        render_logo(written(tmp_path, text))


def test_png_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"GIF89a nothing of the kind")
    with pytest.raises(BrandFileError, match="not a readable PNG"):
        render_logo(Logo(path=str(path)))


def test_png_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("1", (5000, 5000)).save(path)
    with pytest.raises(BrandFileError, match="5000 x 5000 pixels"):
        render_logo(Logo(path=str(path)))


def test_large_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrandFileError, match="bytes"):
        render_logo(written(tmp_path, svg(" " * 2_000_001)))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrandFileError, match="cannot be read"):
        render_logo(Logo(path=str(tmp_path / "gone.svg")))


def nested(kind: str, levels: int, times: int) -> str:
    """Each level refers so many times to the one before."""
    parts = ['<g id="a0"><rect width="1" height="1"/></g>', '<mask id="m0"><rect width="9" height="9"/></mask>']
    for n in range(1, levels):
        inner = f'<use href="#a{n - 1}"/>' if kind == "use" else f'<rect width="9" height="9" mask="url(#m{n - 1})"/>'
        parts.append(
            f'<g id="a{n}">{inner * times}</g>' if kind == "use" else f'<mask id="m{n}">{inner * times}</mask>'
        )
    last = (
        f'<use href="#a{levels - 1}"/>' if kind == "use" else f'<rect width="9" height="9" mask="url(#m{levels - 1})"/>'
    )
    return svg("".join(parts) + last)


def white_png(side: int) -> str:
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (nested("use", 6, 10), "references that multiply"),
        (nested("mask", 40, 2), "references that multiply"),
        (svg("<g>" * 100_000 + "</g>" * 100_000), "nested more than 60 deep"),
        (svg("<rect/>" * 30_000), "more than 20000 elements"),
        (svg('<filter id="f"><feTurbulence numOctaves="99999999"/></filter>'), "the filter <feTurbulence>"),
        (
            svg('<filter id="f">' + "<feGaussianBlur/>" * 300 + '</filter><rect filter="url(#f)"/>'),
            "references that multiply",
        ),
        (svg("<style>.a{mask:url(#m)}</style>"), "a style sheet that names masks"),
        (svg(f'<image href="{white_png(5000)}"/>'), "a picture of more than 4000000 pixels"),
    ],
    ids=["billion laughs", "masks", "deep", "many", "turbulence", "blurs", "style sheet", "embedded bomb"],
)
def test_svg_bombs_are_refused_before_they_are_drawn(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BrandFileError, match=problem):
        render_logo(written(tmp_path, text))


def test_references_in_a_circle_and_ordinary_ones_are_fine() -> None:
    assert svg_cost_problem(svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>')) is None
    assert svg_cost_problem(nested("use", 3, 10)) is None
    assert svg_cost_problem(svg('<filter id="f"><feGaussianBlur stdDeviation="2"/></filter>')) is None
    assert svg_cost_problem(svg(f'<image href="{white_png(500)}"/>')) is None
