"""Pages that redirect without end, or to addresses that no page may open."""

from __future__ import annotations

import asyncio

from tests.hostile.kind import SEEN, Kind, html, moved, script
from tests.support.pages.sites import answer, page

GUARD = "blocked_by_guard"


async def _deeper(target: str, writer: asyncio.StreamWriter) -> None:
    depth = int(target.partition("?")[2] or 0)
    writer.write(html(f"{SEEN if not depth else ''}<iframe src='?{depth + 1}'></iframe>"))
    await writer.drain()


async def _endless_chain(target: str, writer: asyncio.StreamWriter) -> None:
    writer.write(moved(f"?{int(target.partition('?')[2] or 0) + 1}"))
    await writer.drain()


def _led_on(code: str, **routes: bytes) -> dict[str, bytes]:
    return {"": script(code, body="<p>one moment</p>"), "next": html(), **routes}


KINDS = (
    Kind(
        name="redirect-loop",
        does="redirects by HTTP without end",
        routes={"": _endless_chain},
        outcomes=("redirect_loop",),
        seen=False,
    ),
    Kind(
        name="meta-refresh-loop",
        does="refreshes itself without end",
        routes={"": html("one moment", head="<meta http-equiv=refresh content='0;url=?'>")},
        outcomes=("redirect_loop",),
        seen=False,
    ),
    Kind(
        name="script-redirect-loop",
        does="leads on by script without end",
        routes={"": script("location = '?' + Math.random()", body="")},
        outcomes=("redirect_loop",),
        seen=False,
    ),
    Kind(
        name="reload-loop",
        does="reloads itself without end",
        routes={"": script("location.reload()", body="")},
        outcomes=("redirect_loop",),
        seen=False,
    ),
    Kind(
        name="form-loop",
        does="submits a form to itself without end",
        routes={"": script("document.forms[0].submit()", body="<form method=post></form>")},
        outcomes=("redirect_loop",),
        seen=False,
    ),
    Kind(
        name="late-redirect",
        does="shows nothing, and leads on by script after three seconds",
        routes=_led_on("setTimeout(() => { location = 'next' }, 3000)"),
        ends_at="/next",
    ),
    Kind(
        name="late-refresh",
        does="shows nothing, and refreshes to another page after three seconds",
        routes={"": html("one moment", head="<meta http-equiv=refresh content='3;url=next'>"), "next": html()},
        ends_at="/next",
    ),
    Kind(
        name="rewritten",
        does="replaces its document with another one after it has loaded",
        routes={
            "": script(
                f"onload = () => setTimeout(() => {{ document.open(); document.write('{SEEN}'); document.close() }}, 50)",
                body="<p>one moment</p>",
            )
        },
    ),
    Kind(
        name="before-unload",
        does="asks to stay, and spins when it is left",
        routes={
            "": script(
                "onbeforeunload = (e) => { e.preventDefault(); return 'stay' }; onunload = () => { while (true); }"
            )
        },
    ),
    Kind(
        name="to-file",
        does="redirects to `file:///etc/passwd`",
        routes={"": moved("file:///etc/passwd")},
        outcomes=(GUARD,),
        seen=False,
        note="guard:",
    ),
    Kind(
        name="script-to-file",
        does="leads to `file:` and `chrome:` by script and frame",
        routes={
            "": script(
                "location = 'file:///etc/passwd'; location = 'chrome://crash'",
                body=(f"{SEEN}<iframe src='file:///etc/passwd'></iframe><iframe src='chrome://version'></iframe>"),
            )
        },
    ),
    Kind(
        name="to-data",
        does="leads to a `data:` page, by HTTP",
        routes={"": moved("data:text/html,<h1>seen</h1>")},
        outcomes=(GUARD,),
        seen=False,
        note="guard:",
    ),
    Kind(
        name="script-to-data",
        does="leads to a `data:` page by script, which browsers refuse",
        routes={"": script("location = 'data:text/html,<h1>other</h1>'")},
    ),
    Kind(
        name="to-blob",
        does="assembles its page from a `blob:` and leads there",
        routes={
            "": script(
                f"location = URL.createObjectURL(new Blob(['<title>blob</title>{SEEN}'], {{type: 'text/html'}}))",
                body="<p>one moment</p>",
            )
        },
    ),
    Kind(
        name="to-javascript",
        does="leads to a `javascript:` address that returns a page",
        routes={"": script(f"location = 'javascript:\"{SEEN}\"'", body="<p>one moment</p>")},
    ),
    Kind(
        name="to-programs",
        does="calls other programs by their schemes, without end",
        routes={
            "": script(
                "setInterval(() => { for (const s of ['tel:+15550100', 'mailto:a@b.example', 'ms-settings:', 'vnc://a',"
                "'intent://a#Intent;end']) { const f = document.createElement('iframe'); f.src = s;"
                "document.body.append(f); f.remove(); location = s } }, 100)"
            )
        },
    ),
    Kind(
        name="deep-frames",
        does="nests frames in frames without end",
        routes={"": _deeper},
    ),
    Kind(
        name="frame-crowd",
        does="holds two hundred frames",
        routes={"": html(SEEN + "<iframe src=in></iframe>" * 200), "in": html("<p>in")},
    ),
    Kind(
        name="bust-out",
        does="lives in a frame that takes over its window",
        routes={
            "": html("<p>one moment</p><iframe src=in></iframe>"),
            "in": script("setTimeout(() => { top.location = 'next' }, 10)", body=""),
            "next": html(),
        },
        ends_at="/next",
    ),
    Kind(
        name="sign-in-lure",
        does="asks for a password by HTTP (401)",
        routes={"": answer(page(SEEN), status="401 Unauthorized", WWW_Authenticate='Basic realm="Call +1 555 0100"')},
        outcomes=("http_401",),
    ),
    Kind(
        name="download",
        does="is a download (`Content-Disposition: attachment`)",
        routes={"": answer(b"MZ" * 99, media_type="text/html", Content_Disposition='attachment; filename="a.exe"')},
        outcomes=("download",),
        seen=False,
    ),
    Kind(
        name="program",
        does="is a program",
        routes={"": answer(b"MZ" * 99, media_type="application/x-msdownload")},
        outcomes=("download",),
        seen=False,
    ),
    Kind(
        name="drive-by",
        does="starts downloads by script while it is seen",
        routes={
            "": script(
                "setInterval(() => { const a = document.createElement('a'); a.download = 'a.exe';"
                "a.href = URL.createObjectURL(new Blob(['MZ'])); a.click();"
                "const b = document.createElement('iframe'); b.src = 'file'; document.body.append(b) }, 50)"
            ),
            "file": answer(b"MZ", media_type="application/octet-stream"),
        },
    ),
    Kind(
        name="nothing",
        does="answers 204: stay where you are",
        routes={"": answer(b"", status="204 No Content")},
        outcomes=("blank",),
        seen=False,
    ),
)
