"""Pages that are hard to lay out and paint, or wait for files that never come."""

from __future__ import annotations

from tests.hostile.kind import SEEN, Kind, hang, html, script
from tests.support.pages.sites import answer

_USES = "".join(f"<g id=g{n}>{f'<use href=#g{n - 1} x=1 />' * 10}</g>" for n in range(1, 10))

KINDS = (
    Kind(name="high-page", does="is 200,000 px high", routes={"": html(f"{SEEN}<div style='height:200000px'>x</div>")}),
    Kind(name="wide-page", does="is 200,000 px wide", routes={"": html(f"{SEEN}<div style='width:200000px'>x</div>")}),
    Kind(
        name="growing-page",
        does="grows for as long as it is looked at",
        routes={
            "": script(
                "setInterval(() => { for (let i = 0; i < 99; i++) document.body.append('more ', document.createElement('p')) }, 1)"
            )
        },
    ),
    Kind(
        name="crowd",
        does="has 100,000 nodes",
        routes={"": html(SEEN + "<p>a<b>b</b></p>" * 25_000)},
    ),
    Kind(
        name="deep-nest",
        does="nests 100,000 elements",
        routes={"": html(SEEN + "<div>" * 100_000)},
    ),
    Kind(
        name="many-images",
        does="has ten thousand pictures",
        routes={
            "": html(SEEN + "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>" * 10_000),
        },
    ),
    Kind(
        name="web-gl-storm",
        does="opens WebGL contexts and draws without end",
        routes={
            "": script(
                "setInterval(() => { const c = document.createElement('canvas'); c.width = c.height = 2000;"
                "document.body.append(c); const g = c.getContext('webgl'); if (g) { g.clearColor(1, 0, 0, 1);"
                "for (let i = 0; i < 99; i++) g.clear(g.COLOR_BUFFER_BIT) } }, 5)"
            )
        },
    ),
    Kind(
        name="canvas-storm",
        does="paints and reads huge canvases without end",
        routes={
            "": script(
                "setInterval(() => { const c = document.createElement('canvas'); c.width = c.height = 8000;"
                "const x = c.getContext('2d'); x?.fillRect(0, 0, 8000, 8000); c.toDataURL() }, 5)"
            )
        },
    ),
    Kind(
        name="vector-bomb",
        does="is a drawing whose parts repeat billions of times",
        routes={
            "": html(
                f"{SEEN}<svg width=99 height=99><defs><g id=g0><circle r=1 /></g>{_USES}</defs><use href=#g9 /></svg>"
            )
        },
        outcomes=("crashed", "timeout"),
        seen=False,
    ),
    Kind(
        name="filter-storm",
        does="blurs and animates layer upon layer",
        routes={
            "": html(
                SEEN + "<div class=a></div>" * 4,
                head="<style>@keyframes k{to{transform:rotate(1turn) scale(3)}}.a{position:absolute;width:90%;height:90%;"
                "backdrop-filter:blur(40px);filter:blur(30px);animation:k 1s infinite;will-change:transform}</style>",
            )
        },
    ),
    Kind(
        name="frame-storm",
        does="repaints everything at every frame, and scrolls away",
        routes={
            "": script(
                "const f = () => { document.body.style.background = `hsl(${Math.random() * 360} 50% 50%)`;"
                "scrollTo(0, 99999); requestAnimationFrame(f) }; f()",
                body=f"{SEEN}<div style='height:9000px'></div>",
            )
        },
    ),
    Kind(
        name="stalled-font",
        does="writes in a font that never comes",
        routes={
            "": html(
                "<h1 style='font-family:x'>seen</h1>", head="<style>@font-face{font-family:x;src:url(font)}</style>"
            ),
            "font": hang,
        },
        note="never finished loading",
    ),
    Kind(
        name="stalled-picture",
        does="waits for a picture that never comes",
        routes={"": html(f"{SEEN}<img src=picture>"), "picture": hang},
        note="never finished loading",
    ),
    Kind(
        name="stalled-style",
        does="waits for a style sheet that never comes",
        routes={"": html(head="<link rel=stylesheet href=style>"), "style": hang},
    ),
    Kind(
        name="stalled-script",
        does="waits for a script that never comes",
        routes={"": html(f"{SEEN}<script src=script></script>"), "script": hang},
    ),
    Kind(
        name="style-bomb",
        does="has selectors that take for ever to match",
        routes={
            "": html(
                SEEN + "<p><b><i>x</i></b></p>" * 3000,
                head="<style>"
                + "".join(
                    f":has(:has(p > b:nth-last-child({n}n))) ~ * i:not(:has(~ {n})){{color:red}}" for n in range(200)
                )
                + "</style>",
            )
        },
    ),
    Kind(
        name="document",
        does="is a PDF, which the headless browser would download",
        routes={
            "": answer(
                b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF", media_type="application/pdf"
            )
        },
        outcomes=("download",),
        seen=False,
    ),
)
