"""Find web addresses in HTML and SVG: targets of links, forms, frames and refreshes, what scripts open, and the text."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.addresses.text_search import find_addresses
from crawler.sources.mail.script_redirects import script_markup, script_targets

MAX_TEXT = 2_000_000
_DEPTH, _MOST_INNER = 3, 20
_LINKS = {
    "a": ("href", "xlink:href", "ping"), "area": ("href",), "form": ("action",), "iframe": ("src", "srcdoc"), "frame": ("src",),
    "embed": ("src",), "object": ("data",), "base": ("href",), "button": ("formaction",), "input": ("formaction",),
    "set": ("to",), "animate": ("to", "from", "values"), "use": ("href", "xlink:href"), "portal": ("src",),
}  # fmt: skip
"""Attributes that lead somewhere; pictures and style sheets do not."""
_META_REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\"]+)", re.I)
_INNER = re.compile(
    r"\s*data:(?P<kind>text/html|image/svg\+xml|application/xhtml\+xml)[^,]*?(?P<coded>;base64)?,(?P<data>.*)",
    re.I | re.S,
)
_SCRIPT = re.compile(r"\s*(?:javascript|vbscript):", re.I)
_WEB = re.compile(r"https?:|//[^/\s]|h[tx]{2}ps?\b", re.I)


def in_html(
    html: str, depth: int = 0, left_out: Callable[[str, str], object] = lambda written, reason: None
) -> Iterator[str]:
    """Yield the addresses in a document, as browsers spell them: first those of its elements, then of scripts, then of its text.

    ``depth``: documents around this one; ``data:`` addresses, ``srcdoc`` and what scripts write are documents within one.
    ``left_out``: see :func:`~crawler.addresses.text_search.find_addresses`.
    """
    reader = _Elements()
    with contextlib.suppress(AssertionError):  # html.parser fails on "<![<![": everything before it was read
        reader.feed(html[:MAX_TEXT])
    inner = list(reader.documents)
    for target in reader.targets:
        yield from _read(_absolute(target, reader.base))
    for script in reader.scripts:
        for target in script_targets(script):
            yield from _read(target)
        inner += script_markup(script)
    if depth < _DEPTH:
        for document in inner[:_MOST_INNER]:
            wrapped = document if "<" in document else f"<script>{document}</script>"
            yield from in_html(wrapped, depth + 1, left_out)
    yield from find_addresses(" ".join(reader.text), left_out)


def _absolute(target: str, base: str) -> str:
    if target.startswith("//"):
        return f"https:{target}"
    try:
        return urljoin(base, target) if base and not _WEB.match(target) else target
    except ValueError:
        return target


def _read(target: str) -> Iterator[str]:
    if _WEB.match(target):
        with contextlib.suppress(BadUrl):
            yield read_address(target)


class _Elements(HTMLParser):
    """Collects targets, scripts and text; ``convert_charrefs`` decodes entities in both."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.base = ""
        self.targets: list[str] = []
        self.documents: list[str] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if not value:
                continue
            if name.startswith("on"):
                self.scripts.append(value)
            elif tag == "meta" and name == "content":
                refresh = _META_REFRESH.search(value)
                self._take(refresh[1] if refresh else value)
            elif name == "srcdoc":
                self.documents.append(value)
            elif name in _LINKS.get(tag.rpartition(":")[2], ()):
                self._take(value)
                if tag == "base" and not self.base and _WEB.match(value.strip()):
                    self.base = value.strip()
        if tag.rpartition(":")[2] in {"script", "style"}:
            self._silent = tag.rpartition(":")[2]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._silent = ""

    def handle_endtag(self, tag: str) -> None:
        if tag.rpartition(":")[2] == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if self._silent == "script":
            self.scripts.append(data)
        elif not self._silent:
            self.text.append(data)

    def unknown_decl(self, data: str) -> None:
        """Take the content of a CDATA section: SVG files keep scripts and text in them."""
        self.handle_data(data.removeprefix("CDATA["))

    def _take(self, value: str) -> None:
        inner = _INNER.match(value)
        if inner is not None:
            self.documents.append(_decoded(inner["data"], coded=inner["coded"] is not None))
        elif _SCRIPT.match(value):
            self.scripts.append(unquote(value.partition(":")[2]))
        else:
            self.targets.append(value.strip())


def _decoded(data: str, *, coded: bool) -> str:
    plain = unquote(data)[:MAX_TEXT]
    if not coded:
        return plain
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
