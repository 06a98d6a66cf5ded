"""A clone as text alone, in every place and every writing in which a person reads it and a program may not."""

from __future__ import annotations

import html
from urllib.parse import quote

FORM = (
    "<form method=post action=/p><label>Email <input type=email name=e></label><br>"
    "<label>Password <input type=password name=p></label><br><button>Log In</button></form>"
)
BODY = (
    f"<h1>PayPal</h1><h2>Log in to your PayPal account</h2>{FORM}<p>Having trouble logging in?</p>"
    "<p>© 1999-2026 PayPal, Inc. All rights reserved.</p>"
)
CLONE = f"<!doctype html><title>Log in to your PayPal account</title><body>{BODY}"
ELSEWHERE = "http://elsewhere.invalid/"
"""Stands for the address of another server, which serves the clone."""
_FULL = "<style>*{margin:0}iframe,object,embed{border:0;width:100vw;height:100vh}</style>"
_GARDEN = f"<p>{'Roses and tulips in the garden. ' * 10}</p>"


def _titled(body: str) -> str:
    return f"<!doctype html><title>Welcome</title>{body}"


def _closed(inner: str) -> str:
    return f"<div><template shadowrootmode=closed>{inner}</template></div>"


def _script(code: str) -> str:
    return f"<script>{code}</script>"


def _js(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("</script", "<\\/script") + "'"


def _srcdoc(inner: str, more: str = "") -> str:
    return f'<iframe {more} srcdoc="{html.escape(inner)}"></iframe>'


PLACES = {
    "in a frame": f"{_FULL}<iframe src={ELSEWHERE}></iframe>",
    "in a frame in a frame": _FULL + _srcdoc(f"{_FULL}<iframe src={ELSEWHERE}></iframe>"),
    "in a frameset": f"<frameset><frame src={ELSEWHERE}></frameset>",
    "in an object": f"{_FULL}<object data={ELSEWHERE} type=text/html></object>",
    "in an embed": f"{_FULL}<embed src={ELSEWHERE} type=text/html>",
    "in a sandbox": _FULL + _srcdoc(CLONE, "sandbox=allow-forms"),
    "in a data: frame": f'{_FULL}<iframe src="data:text/html;charset=utf-8,{quote(CLONE)}"></iframe>',
    "in a frame beside other text": f"{_GARDEN}<iframe style=border:0;width:100%;height:500px src={ELSEWHERE}></iframe>",
    "in a small frame": f"{_GARDEN}<iframe style=border:0;width:300px;height:300px src={ELSEWHERE}></iframe>",
    "in a frame below": f"{_GARDEN}<div style=height:900px></div><iframe width=900 height=500 src={ELSEWHERE}></iframe>",
    "in a closed tree": _closed(BODY),
    "in an open tree": f"<div><template shadowrootmode=open>{BODY}</template></div>",
    "in a closed tree of a script": "<div id=h></div>"
    + _script(f"h.attachShadow({{mode:'closed'}}).innerHTML={_js(BODY)}"),
    "in a closed tree of an element": "<x-a></x-a>"
    + _script(
        "customElements.define('x-a',class extends HTMLElement{constructor(){super();"
        f"this.attachShadow({{mode:'closed'}}).innerHTML={_js(BODY)}}}}})"
    ),
    "in closed trees in each other": _closed(_closed(_closed(BODY))),
    "in a closed tree in a frame": _FULL + _srcdoc(_closed(BODY)),
    "in a closed tree in a frame from elsewhere": _FULL + _srcdoc(_closed(BODY), "sandbox=allow-forms"),
    "in a frame in a closed tree": _closed(f"{_FULL}<iframe src={ELSEWHERE}></iframe>"),
    "in a closed tree beside other text": _GARDEN + _closed(BODY),
    "in a closed tree below": f"{_GARDEN}<div style=height:900px></div>{_closed(BODY)}",
    "in a closed tree below, over other text": f"{_GARDEN}<div style=height:900px></div><div><template shadowrootmode=closed>{BODY}"
    f"</template><p>Roses</p><p>Tulips</p></div>",
    "in a closed tree around other text": f"<div><template shadowrootmode=closed><slot></slot>{BODY}</template>{_GARDEN}</div>",
}
"""Bodies of pages that show the clone somewhere else than in their own document."""


def _hidden(style: str, letters: str = "xz") -> str:
    return f"Pa<span style='{style}'>{letters}</span>yPal"


def _each(tag: str, order: str = "PayPal") -> str:
    return "".join(f"<{tag}>{letter}</{tag}>" for letter in order)


_SVG = (
    "data:image/svg+xml,<svg xmlns=%27http://www.w3.org/2000/svg%27 width=%27{w}%27 height=%2730%27>"
    "<text y=%2722%27 font-size=%2724%27>{text}</text></svg>"
)


WRITINGS = {
    "grapheme joiners": "P\u034fa\u034fy\u034fP\u034fa\u034fl",
    "variation selectors": "P\ufe0ea\ufe0ey\ufe0eP\ufe0ea\ufe0el",
    "supplementary variation selectors": "P\U000e0100a\U000e0100yP\U000e0100al",
    "tag characters": "Pay\U000e0041Pal",
    "Hangul fillers": "Pay\u3164Pal",
    "zero-width blanks": "P\u200ba\u200by\u200bP\u200ba\u200bl",
    "joiners": "Pay\u200dP\u2060a\u200cl",
    "marks below": "PayPa\u0332l\u0332",
    "dots below": "Pa\u0323yPa\u0323l",
    "mathematical letters": "\U0001d40f\U0001d41a\U0001d432\U0001d40f\U0001d41a\U0001d425",
    "letters in circles": "\u24c5\u24d0\u24e8\u24c5\u24d0\u24db",
    "white letters in circles": "\U0001f15f\U0001f150\U0001f168\U0001f15f\U0001f150\U0001f15b",
    "letters of flags": "\U0001f1f5\U0001f1e6\U0001f1fe\U0001f1f5\U0001f1e6\U0001f1f1",
    "letters of no size": _hidden("font-size:0"),
    "letters of no size, nested": "Pa<span style=font-size:0><b><i>x</i></b>z</span>yPal",
    "letters after it": "PayPal<span style=font-size:0>xyz</span>",
    "letters before it": "<span style=font-size:0>xyz</span>PayPal",
    "letters off the page": _hidden("position:absolute;left:-9999px"),
    "letters without colour": _hidden("color:transparent;letter-spacing:-1em"),
    "transparent letters": _hidden("opacity:0;position:absolute"),
    "letters that are cut off": _hidden("display:inline-block;width:0;overflow:hidden;height:1em"),
    "letters that are clipped": _hidden("clip-path:inset(50%);position:absolute"),
    "letters scaled to nothing": _hidden("display:inline-block;transform:scale(0);width:0"),
    "an element of reversed writing": "<bdo dir=rtl>laPyaP</bdo>",
    "reversed by a style": "<span style=unicode-bidi:bidi-override;direction:rtl>laPyaP</span>",
    "reversed by a character": "\u202elaPyaP\u202c",
    "parts in another order": "<span style=display:inline-flex><b style=order:2>Pal</b><b style=order:1>Pay</b></span>",
    "a reversed row": f"<span style=display:inline-flex;flex-direction:row-reverse>{_each('b', 'laPyaP')}</span>",
    "letters in a grid": f"<span style=display:inline-grid;grid-auto-flow:column>{_each('b')}</span>",
    "letters that float": "<style>.f i{float:right}</style><span class=f style=display:inline-block>"
    + _each("i", "laPyaP")
    + "</span>",
    "letters at places": "<span style='position:relative;display:inline-block;width:6ch;height:1em;font-family:monospace'>"
    + "".join(f"<i style=position:absolute;left:{place}ch>{'PayPal'[place]}</i>" for place in (3, 0, 5, 1, 4, 2))
    + "</span>",
    "a style sheet's words": "<style>.n::before{content:'PayPal'}</style><b class=n></b>",
    "a style sheet's words in two parts": "<style>.n::before{content:'Pay'}.n::after{content:'Pal'}</style><b class=n></b>",
    "an attribute's words": "<style>.n::before{content:attr(data-n)}</style><b class=n data-n=PayPal></b>",
    "letters of a drawing": "<svg width=90 height=30><text y=20><tspan>Pay</tspan><tspan>Pal</tspan></text></svg>",
    "a picture of it": f'<img src="{_SVG.format(w=110, text="PayPal")}">',
    "a picture of each letter": "".join(f'<img src="{_SVG.format(w=18, text=letter)}">' for letter in "PayPal"),
    "a field": "<input readonly style=border:0;font:inherit;width:5em value=PayPal>",
    "a field of many lines": "<textarea readonly style=border:0;font:inherit;resize:none rows=1 cols=8>PayPal</textarea>",
    "the mark of a list": "<ul><li style=\"list-style-type:'PayPal';margin-left:4em\">.</ul>",
}
"""Markup that a person reads as PayPal."""


def pages() -> dict[str, str]:
    """All pages by name; ``ELSEWHERE`` in them stands for another server's address, which serves :data:`CLONE`."""
    placed = {name: _titled(body) for name, body in PLACES.items()}
    titled = CLONE.replace("<title>Log in to your PayPal account", "<title>Sign in")
    return placed | {f"written with {name}": titled.replace("PayPal", markup) for name, markup in WRITINGS.items()}


INNOCENT = {
    "text for screen readers": "<a href=/n>Next<span style='position:absolute;clip-path:inset(50%)'>page of offers</span></a>",
    "a right-to-left page": "<html lang=ar dir=rtl><p>مرحبا بكم في <b>متجرنا</b> <i>PAL</i><i>PAY</i></p>",
    "a heading of letters": f"<h1>{_each('span', 'Gardening')}</h1>",
    "a heading with a gradient": "<style>h1{background:linear-gradient(red,blue);background-clip:text;color:transparent}</style>"
    "<h1>Gardening</h1>",
    "icons of a font": "<style>.i::before{content:'\\e901'}</style><p><i class=i></i>Call us</p>",
    "counters": "<style>ol{counter-reset:n}li::before{counter-increment:n;content:'Step ' counter(n)}</style>"
    "<ol><li>Dig<li>Plant</ol>",
    "a table": "<table cellspacing=0 cellpadding=0><tr><td>Rose</td><td>12</td><td>Oak</td><td>7</td></tr></table>",
    "a frame of a map": "<iframe width=600 height=400 srcdoc='<p>A map of the garden</p>' sandbox></iframe>",
}
"""Bodies of pages that use the same means for nothing bad; ``Gardening`` stays one word."""

_SMALL = f"<iframe style=width:60px;height:30px src={ELSEWHERE}></iframe>"
HOSTILE = {
    "ten thousand closed trees": _closed("<b>x</b>") * 10_000
    + f"<div style=position:absolute;top:0;background:#fff><template shadowrootmode=closed>{BODY}</template></div>",
    "two hundred frames": BODY + _SMALL * 200,
    "a frame that hangs": f"{BODY}<iframe width=600 height=400 sandbox=allow-scripts srcdoc='<script>for(;;);</script>'></iframe>",
    "frames that come and go": f"{BODY}{_SMALL * 5}"
    + _script(
        "setInterval(()=>{const f=document.querySelector('iframe');if(f){f.remove();document.body.append(f.cloneNode())}},5)"
    ),
    "names of what is asked": "<form><input name=getRootNode><input name=shadowRoot><input name=localName></form>"
    f"<iframe name=contentDocument src={ELSEWHERE} width=800 height=500></iframe><img name=body><img name=querySelectorAll>",
    "functions of its own": _script(
        "Node.prototype.getRootNode=()=>{throw 1};Document.prototype.elementFromPoint=()=>null;globalThis.closedTrees=1"
    )
    + _closed(BODY),
    "forty thousand words after it": _closed(BODY) + "<p>word</p>" * 40_000,
    "forty thousand words after a frame": f"<iframe src={ELSEWHERE} width=800 height=600></iframe>"
    + "<p>word</p>" * 40_000,
}
"""Bodies of pages that hold the clone and make it hard to read."""
