"""Evasions: changes to a sign-in page by which programs no longer recognise its brand, and people still do."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image

from benchmarks.evasion.marks import Mark, data_address, img, lettered, noised
from benchmarks.evasion.pages import Sheet, sheet_for

Change = Callable[[Sheet, Mark, Mark], Sheet]
"""(ordinary page, its brand, another brand) -> page."""

HOMOGLYPHS = str.maketrans("aeopcyxiAEOPCXTHKMB", "аеорсухіАЕОРСХТНКМВ")
GENERIC = "Use your account to go on. If you have not used it on this device before, we will ask you to confirm."


def ordinary(mark: Mark, layout: str) -> Sheet:
    """The page that evasions start from."""
    return sheet_for(mark.name, img(mark.address, mark.canvas, mark.name), layout)


def wordless(sheet: Sheet) -> Sheet:
    """Remove the brand's name from the whole document."""
    return replace(
        sheet, title="Sign in", heading="Sign in", lead=GENERIC, footer="© 2026 · All rights reserved.", name=""
    )


def _shifted(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    logo = img(mark.address, mark.canvas, "", "position:absolute;right:70px;top:430px")
    return replace(wordless(sheet), logo="<span style='display:block;height:30px'></span>", after=logo)


def _recoloured(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    return replace(
        wordless(sheet),
        logo=img(mark.address, mark.canvas, "", "filter:hue-rotate(140deg) saturate(1.5) brightness(.9)"),
    )


def _noised(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    return replace(wordless(sheet), logo=img(data_address(noised(mark.picture, 22, len(mark.id))), mark.size))


def _tiles(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    width, height = mark.picture.size
    columns, rows = 4, 2
    parts = []
    for y in range(rows):
        for x in range(columns):
            box = (x * width // columns, y * height // rows, (x + 1) * width // columns, (y + 1) * height // rows)
            tile = mark.picture.crop(box)
            parts.append(img(data_address(tile), (tile.width / 2, tile.height / 2), "", "display:block;float:left"))  # type: ignore[arg-type]
        parts.append('<br style="clear:both">')
    return replace(
        wordless(sheet), logo=f'<div style="display:inline-block;line-height:0;font-size:0">{"".join(parts)}</div>'
    )


def _canvas(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    width, height = mark.size
    script = (
        f'<canvas id="c" width="{width}" height="{height}"></canvas><script>const i=new Image();i.onload=()=>'
        f'document.getElementById("c").getContext("2d").drawImage(i,0,0,{width},{height});i.src="{data_address(mark.picture)}"</script>'
    )
    return replace(wordless(sheet), logo=script)


def _inline_svg(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    width, height = mark.canvas
    svg = mark.svg[mark.svg.index("<svg") :]
    sized = f'<svg style="width:{width}px;height:{height}px" ' + svg[4:]
    return replace(wordless(sheet), logo=sized)


def _css(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    """Draw the logo by shadows of one element, two pixels each."""
    width, height = mark.size
    small = np.asarray(mark.picture.resize((max(1, width // 2), max(1, height // 2)), Image.Resampling.BOX))
    shadows = [
        f"{2 * x + 2}px {2 * y}px 0 0 rgb({r} {g} {b} / {a / 255:.2f})"
        for y, line in enumerate(small.tolist())
        for x, (r, g, b, a) in enumerate(line)
        if a > 40
    ]
    dot = f'<i style="position:absolute;left:-2px;top:0;width:2px;height:2px;box-shadow:{",".join(shadows)}"></i>'
    box = f'<div style="position:relative;display:inline-block;width:{width}px;height:{height}px">{dot}</div>'
    return replace(wordless(sheet), logo=box)


def _emoji(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    """The name in letters of Unicode's mathematical alphabet, no logo."""
    fancy = "".join(
        chr(0x1D5D4 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x1D5EE + ord(c) - 97) if "a" <= c <= "z" else c
        for c in mark.name
    )
    logo = f'<b style="font-size:32px">{html.escape(fancy)}</b>'
    return replace(wordless(sheet), logo=logo, heading=f"Sign in to {html.escape(fancy)}")


def _words_in_images(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    def drawn(text: str, size: int) -> str:
        picture = lettered(text, size)
        return img(data_address(picture), (picture.width // 2, picture.height // 2))

    return replace(
        wordless(sheet),
        logo=drawn(mark.name, 30),
        heading=drawn(f"Sign in to {mark.name}", 22),
        footer=drawn(f"© 2026 {mark.name}. All rights reserved.", 12),
    )


def _homoglyphs(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    changed = sheet_for(mark.name.translate(HOMOGLYPHS), "", sheet.layout)
    return replace(changed, logo=f'<b style="font-size:28px">{html.escape(mark.name.translate(HOMOGLYPHS))}</b>')


def _zoomed(factor: float) -> Change:
    def change(sheet: Sheet, mark: Mark, other: Mark) -> Sheet:
        return replace(wordless(sheet), style=f"html{{zoom:{factor}}}")

    return change


def _mirrored(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    return replace(wordless(sheet), attributes='dir="rtl"', style="main{flex-direction:row-reverse}")


def _dark(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    rules = "body,main,header,footer{background:#17181b!important;color:#ddd}input{background:#2a2c31;color:#fff}"
    pale = 'style="filter:invert(1) hue-rotate(180deg)"' if _is_dark(mark) else ""
    return replace(wordless(sheet), style=rules, logo=f"<span {pale}>{img(mark.address, mark.canvas)}</span>")


def _is_dark(mark: Mark) -> bool:
    pixels = np.asarray(mark.picture).astype(np.float32)
    visible = pixels[..., 3] > 128
    return bool(visible.any()) and float(pixels[visible][:, :3].mean()) < 90


def _noise_layers(sheet: Sheet, mark: Mark, other: Mark) -> Sheet:
    """Text that nobody sees, and a faint pattern over everything."""
    rng = np.random.default_rng(len(mark.id))
    words = " ".join("".join(chr(97 + int(c)) for c in rng.integers(0, 26, 7)) for _ in range(400))
    grain = np.zeros((64, 64, 4), np.uint8)
    grain[..., :3] = rng.integers(0, 256, (64, 64, 3))
    grain[..., 3] = 14
    layer = (
        f'<div style="position:fixed;inset:0;pointer-events:none;background:url({data_address(Image.fromarray(grain))})"></div>'
        f'<div style="position:absolute;left:-9999px;top:0;width:500px">{words} {other.name}</div>'
        f'<div style="opacity:0;position:absolute;top:0;left:0;font-size:1px">{words[:900]}</div>'
    )
    return replace(wordless(sheet), after=layer)


def _decoy(sheet: Sheet, mark: Mark, other: Mark) -> Sheet:
    """Another brand's logo as a sign-in button and again at the foot."""
    small = (max(1, round(other.canvas[0] * 20 / other.size[1])), max(1, round(other.canvas[1] * 20 / other.size[1])))
    button = f'<p style="text-align:center;border:1px solid #ccc;padding:8px">{img(other.address, small)}</p>'
    return replace(
        sheet, below_form=button, footer=f"{sheet.footer} {img(other.address, small, other.name)} {other.name}"
    )


def _logo_only(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    return replace(wordless(sheet), logo=img(mark.address, mark.canvas))


def _untitled(sheet: Sheet, mark: Mark, _: Mark) -> Sheet:
    return replace(sheet, title="", footer="")


CHANGES: dict[str, Change] = {
    "none": lambda sheet, mark, other: sheet,
    "no title": _untitled,
    "logo only": _logo_only,
    "logo shifted": _shifted,
    "logo recoloured": _recoloured,
    "logo noised": _noised,
    "logo in tiles": _tiles,
    "logo on canvas": _canvas,
    "logo as inline SVG": _inline_svg,
    "logo of CSS": _css,
    "emoji-like text": _emoji,
    "words in images only": _words_in_images,
    "homoglyph text": _homoglyphs,
    "zoom 80 %": _zoomed(0.8),
    "zoom 125 %": _zoomed(1.25),
    "right to left": _mirrored,
    "dark mode": _dark,
    "noise layers": _noise_layers,
    "decoy logo": _decoy,
}
"""All but "none", "no title" and "decoy logo" have taken the brand's name out of the document too, or made it unreadable."""
ONE_PICTURE = "page as one picture"
"""Made of the screenshot of "none"; see ``render``."""
