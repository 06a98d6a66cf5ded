"""Ballast: thousands of elements that say nothing, by which a page hides from programs that stop reading somewhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COUNT = 60_000
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

KINDS: dict[str, str] = {
    "div": "<div id=b{n}>x{n}</div>",
    "span": "<span class='c{n}'>word{n} </span>",
    "icon": "<i class='fa fa-{n}'></i>",
    "svg": "<svg width=9 height=9><path d='M0 0h9v9z'/></svg>",
    "picture": "<img alt='p{n}' width=9 height=9 src='" + PIXEL + "'>",
    "background": "<b style='display:inline-block;width:9px;height:9px;background-image:url(" + PIXEL + ")'></b>",
    "input": "<input name=f{n}>",
    "select": "<select name=s{n}><option>a</select>",
    "form": "<form action='/f{n}' method=get><input name=q></form>",
    "button": "<button type=button>Item {n}</button>",
    "label": "<label for=l{n}>Label {n}</label>",
    "link": "<a href='/page/{n}'>Page {n}</a>",
    "number": "<a href='tel:+4930{n}'>{n}</a>",
    "details": "<details><summary>s{n}</summary>d</details>",
    "option": "<datalist><option value={n}></datalist>",
    "paragraph": "<p>Some words of paragraph {n} that nobody reads.</p>",
}
"""Elements that can be shown; ``{n}`` is their number."""

SILENT: dict[str, str] = {
    "template": "<template><input name=t{n}></template>",
    "comment": "<!-- comment {n} -->",
    "icon link": "<link rel=icon href='/i{n}.png'>",
    "style sheet": "<style>.r{n}{{color:red}}</style>",
    "script": "<script type='text/x-data'>{n}</script>",
    "meta": "<meta name=m{n} content=x>",
    "hidden input": "<input type=hidden name=h{n}>",
}
"""Elements that show nothing by themselves."""

HIDING: dict[str, str] = {
    "none": "display:none",
    "visibility": "visibility:hidden",
    "opacity": "opacity:0;position:absolute;top:0;left:0;width:400px;height:20px;overflow:hidden",
    "off": "position:absolute;left:-9999px;top:0;width:600px",
    "zero": "width:0;height:0;overflow:hidden",
    "scale": "position:absolute;top:0;transform:scale(0)",
}
SHOWING: dict[str, str] = {
    "pixel": "position:absolute;left:0;bottom:0;width:400px;height:1px;overflow:hidden;font-size:1px;line-height:1px",
    "tiny": "position:absolute;left:0;top:0;width:1200px;font-size:1px;line-height:1px",
    "below": "position:absolute;left:0;top:3000px;width:1200px",
}
"""Styles of the box around the ballast: nobody sees it, or only who looks for it."""

PLACES = ("before", "around", "after")


@dataclass(frozen=True, slots=True)
class Ballast:
    """One kind of ballast."""

    kind: str
    hiding: str = ""
    """A key of ``HIDING`` or ``SHOWING``; empty for none."""
    place: str = "before"
    count: int = COUNT
    nested: bool = False
    """In trees of a hundred levels."""

    @property
    def name(self) -> str:
        return "-".join(part for part in (self.kind, self.hiding, self.place, "nested" if self.nested else "") if part)

    def around(self, body: str) -> str:
        """A page's body with the ballast."""
        if self.place == "around":
            half = self._block(0, self.count // 2), self._block(self.count // 2, self.count)
            return f"{half[0]}{body}{half[1]}"
        block = self._block(0, self.count)
        return f"{block}{body}" if self.place == "before" else f"{body}{block}"

    def _block(self, first: int, last: int) -> str:
        inner = "".join(self._elements(first, last))
        if self.hiding == "frame":
            return (
                f"<iframe style='position:absolute;left:0;top:3000px' srcdoc=\"{inner.replace(chr(34), '')}\"></iframe>"
            )
        if self.hiding == "shadow":
            return f"<div style='position:absolute;top:3000px'><template shadowrootmode=open>{inner}</template></div>"
        style = {**HIDING, **SHOWING}.get(self.hiding, "")
        return f'<div style="{style}">{inner}</div>'

    def _elements(self, first: int, last: int) -> Iterator[str]:
        piece = {**KINDS, **SILENT}[self.kind]
        if not self.nested:
            yield from (piece.format(n=number) for number in range(first, last))
            return
        for start in range(first, last, 100):
            depth = min(100, last - start)
            yield from (f"<div>{piece.format(n=number)}" for number in range(start, start + depth))
            yield "</div>" * depth


def long_text(characters: int = 1_000_000) -> str:
    """Words without meaning."""
    return ("lorem ipsum dolor sit amet consectetur " * (characters // 39 + 1))[:characters]


OTHERS: dict[str, Callable[[str], str]] = {
    "text of a million characters, hidden": lambda body: f"<div style='{HIDING['opacity']}'>{long_text()}</div>{body}",
    "text of a million characters, tiny": lambda body: f"<div style='{SHOWING['tiny']}'>{long_text()}</div>{body}",
    "text of a million characters, below": lambda body: f"<div style='{SHOWING['below']}'>{long_text()}</div>{body}",
    "attributes of a million characters": lambda body: f"<div id='{long_text()}' class='{long_text()}'></div>{body}",
    "ten thousand style rules": lambda body: "<style>" + "".join(
        f".a{n} .b{n}{{top:0}}" for n in range(10_000)
    ) + f"</style>{body}",
    "a thousand fonts": lambda body: "<style>" + "".join(
        f"@font-face{{font-family:f{n};src:url(/f{n}.woff2)}}" for n in range(1000)
    ) + f"</style>{body}",
    "two hundred frames": lambda body: "<iframe srcdoc='<input name=q>' style='position:absolute;top:3000px'></iframe>" * 200
    + body,
    "five thousand shadow trees": lambda body: "<div style='position:absolute;top:3000px'>"
    + "<b><template shadowrootmode=open><i></i></template></b>" * 5000 + f"</div>{body}",
}  # fmt: skip
"""Ballast that is no element repeated."""


def loaded(document: str, around: Callable[[str], str]) -> str:
    """A document whose body has ballast."""
    head, _, rest = document.partition("<body>")
    body, _, end = rest.rpartition("</body>")
    return f"{head}<body>{around(body)}</body>{end}"


SCAM = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Microsoft Windows security alert</title></head><body>
<div style="padding:60px;font:18px Arial"><h1>Microsoft security alert</h1><p>Your computer has been locked. A trojan and spyware
were found: do not shut down your computer.</p><p>Call support immediately: <b>+1 (888) 555-0142</b></p><p>Microsoft technical
support, toll free. Error code 0x80072.</p></div></body></html>"""
"""A tech-support scam of our own writing; the number is of the range kept for fiction."""


def picture_page(png: bytes) -> str:
    """A page that is one picture, by its size no larger than the first screen."""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title></title></head><body>'
        f'<img src="{source}" style="position:absolute;left:0;top:0" width="1280" height="800"></body></html>'
    )
