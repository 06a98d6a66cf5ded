"""Render logo files to pixels, within limits: an SVG is a document that can ask for more than a picture."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path

import resvg_py
from PIL import Image

from detector.brands.svg_cost import svg_cost_problem
from detector.errors import BrandFileError
from detector.model import Logo
from detector.pictures.shown_picture import as_shown

MAX_BYTES = 2_000_000
MAX_PIXELS = 16_000_000
MAX_RATIO = 40
"""Largest ratio of the longer side to the shorter; a picture beyond it is a line."""

_REFUSED = (
    (
        re.compile(r"<\s*(?:\w+:)?(script|foreignObject|iframe|animate\w*|set|handler|listener)\b", re.IGNORECASE),
        "<{}>",
    ),
    (re.compile(r"\s(on[a-z]+)\s*=", re.IGNORECASE), "the event handler {}"),
    (re.compile(r"<!(ENTITY|DOCTYPE)", re.IGNORECASE), "<!{}>"),
    (re.compile(r"<\?(?!xml\s)([\w-]+)", re.IGNORECASE), "<?{}?>"),
    (re.compile(r"@(import)\b", re.IGNORECASE), "@{}"),
    (
        re.compile(r"""\bhref\s*=\s*["']\s*(?!#|data:image/(?:png|jpeg);)([^"']{0,60})""", re.IGNORECASE),
        "a link to {!r}",
    ),
    (re.compile(r"""url\(\s*["']?\s*(?!#|["'\s])([^"')]{0,60})""", re.IGNORECASE), "a link to {!r}"),
    (re.compile(r"(javascript):", re.IGNORECASE), "a {} address"),
)

_LETTERS = re.compile(r"<\s*(?:\w+:)?text\b", re.IGNORECASE)


def svg_problem(text: str) -> str | None:
    """Describe what an SVG contains that is not a picture (scripts, external references); None for a clean one."""
    if "<svg" not in text:
        return "no <svg> element"
    for pattern, words in _REFUSED:
        found = pattern.search(text)
        if found:
            return words.format(found.group(1))
    return None


def render_logo(logo: Logo, size: int = 256) -> Image.Image:
    """Render a logo as an RGBA picture whose longest side is ``size`` pixels (PNG is never enlarged).

    Raises:
        BrandFileError: the file cannot be read, is too large, or is not a picture.
    """
    path = Path(logo.path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BrandFileError(path, None, f"cannot be read ({error.strerror})", "a readable picture") from error
    return render_picture(path, data, size)


def render_picture(path: Path, data: bytes, size: int = 256) -> Image.Image:
    """Render a picture from its bytes: an SVG by the suffix of ``path``, else a PNG.

    Raises:
        BrandFileError: they are too many, or not a picture; names ``path``.
    """
    if len(data) > MAX_BYTES:
        raise BrandFileError(path, None, f"{len(data)} bytes", f"a picture of at most {MAX_BYTES} bytes")
    image = _from_svg(path, data, size) if path.suffix.lower() == ".svg" else _from_png(path, data)
    width, height = image.size
    if max(width, height) > MAX_RATIO * min(width, height):
        raise BrandFileError(path, None, f"{width} x {height} pixels", f"sides of a ratio of at most {MAX_RATIO}")
    if image.getchannel("A").getbbox() is None:
        raise BrandFileError(path, None, "an empty picture", "something to see")
    image.thumbnail((size, size))
    return image


def _from_png(path: Path, data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise BrandFileError(
                        path, None, f"{opened.width} x {opened.height} pixels", f"at most {MAX_PIXELS} pixels"
                    )
                return as_shown(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BrandFileError(path, None, f"not a readable PNG ({error})", "a PNG picture") from error


def _from_svg(path: Path, data: bytes, size: int) -> Image.Image:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BrandFileError(path, None, "not UTF-8", "an SVG picture in UTF-8") from error
    problem = svg_problem(text) or svg_cost_problem(text)
    if problem:
        raise BrandFileError(
            path, None, f"the SVG contains {problem}", "a plain picture: no scripts, no external references"
        )
    width, height, text = _sized_by_view_box(path, text)
    try:
        png = bytes(
            resvg_py.svg_to_bytes(
                svg_string=text,
                width=size if width >= height else None,
                height=None if width >= height else size,
                # each call would read the system's fonts, hundreds on a desktop
                skip_system_fonts=_LETTERS.search(text) is None,
            )
        )
    except (ValueError, RuntimeError) as error:
        raise BrandFileError(path, None, f"not a readable SVG ({error})", "an SVG picture") from error
    return _from_png(path, png)


def _sized_by_view_box(path: Path, text: str) -> tuple[float, float, str]:
    """Return width and height of the root in any unit, and the text with a root that has them as its viewBox only.

    A root whose viewBox and width contradict each other could ask for any number of pixels.
    """
    start = text.index("<svg")
    end = text.find(">", start) + 1
    root = text[start:end]
    attributes = dict(re.findall(r"""\s(viewBox|width|height)\s*=\s*["']\s*([^"']*)["']""", root))
    numbers = re.findall(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", attributes.get("viewBox", ""))
    if len(numbers) != 4:
        sides = [re.match(r"[\d.]+", attributes.get(side, "")) for side in ("width", "height")]
        numbers = ["0", "0", *(side.group() for side in sides if side)]
    try:
        left, top, width, height = (float(number) for number in numbers)
    except ValueError:
        left = top = width = height = 0.0
    if width <= 0 or height <= 0 or max(width, height) > MAX_RATIO * min(width, height):
        raise BrandFileError(path, None, "an <svg> without a usable size", f"a viewBox of a ratio up to {MAX_RATIO}:1")
    root = re.sub(r"""\s(viewBox|width|height)\s*=\s*("[^"]*"|'[^']*')""", "", root)
    root = root.replace("<svg", f'<svg viewBox="{left} {top} {width} {height}"', 1)
    return width, height, text[:start] + root + text[end:]
