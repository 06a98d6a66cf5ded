"""Pages whose scripts keep the browser, its driver or the machine busy."""

from __future__ import annotations

from tests.hostile.kind import SEEN, Kind, html, script
from tests.support.pages.sites import answer

_SPIN = answer(b"for (;;);", media_type="text/javascript")
_SERVICE = answer(
    b"oninstall = () => { for (;;); }; onfetch = (e) => e.respondWith(new Response('worker'))",
    media_type="text/javascript",
)

KINDS = (
    Kind(
        name="busy-loop",
        does="runs a script without end as soon as it loads",
        routes={"": script("while (true);")},
        note="terminated",
    ),
    Kind(
        name="busy-later",
        does="begins a script without end once it has loaded",
        routes={"": script("onload = () => setTimeout(() => { while (true); }, 20)")},
    ),
    Kind(
        name="busy-again",
        does="begins the next endless script whenever one is stopped",
        routes={"": script("const again = () => { setTimeout(again, 0); while (true); }; again()")},
    ),
    Kind(
        name="microtasks",
        does="chains promises without end, so that no event is ever handled",
        routes={"": script("(async () => { for (;;) await 0 })()")},
    ),
    Kind(
        name="getter-trap",
        does="puts an endless loop behind `document.title`",
        routes={"": script("Object.defineProperty(document, 'title', {get() { while (true); }})")},
    ),
    Kind(
        name="push-state-flood",
        does="floods the history with `pushState`",
        routes={"": script("for (let i = 0; ; i++) history.pushState(0, '', '/' + i)")},
    ),
    Kind(
        name="hash-flood",
        does="changes its fragment thousands of times a second",
        routes={"": script("let i = 0; setInterval(() => { for (let j = 0; j < 500; j++) location.hash = i++ }, 1)")},
    ),
    Kind(
        name="history-trap",
        does="leads back to itself whenever the visitor goes back",
        routes={
            "": script(
                "onpopstate = () => { history.pushState(0, ''); history.back() };"
                "for (let i = 0; i < 5; i++) history.pushState(0, ''); history.back()"
            )
        },
    ),
    Kind(
        name="console-flood",
        does="floods the console with megabytes",
        routes={
            "": script(
                "const s = 'x'.repeat(1e6); setInterval(() => { for (let i = 0; i < 99; i++) console.log(s + i) }, 1)"
            )
        },
    ),
    Kind(
        name="pop-up-storm",
        does="opens twenty windows, by script and by clicks of its own",
        routes={
            "": script(
                "for (let i = 0; i < 20; i++) { open('next'); const a = document.createElement('a'); a.href = 'next';"
                "a.target = '_blank'; document.body.append(a); a.click() }"
            ),
            "next": html("<h1>a pop-up</h1>"),
        },
        note="pop-ups closed",
    ),
    Kind(
        name="self-close",
        does="closes itself",
        routes={"": script("close(); open('', '_self'); close()")},
    ),
    Kind(
        name="spinning-workers",
        does="starts eight workers that spin",
        routes={"": script("for (let i = 0; i < 8; i++) new Worker('spin.js')"), "spin.js": _SPIN},
    ),
    Kind(
        name="service-worker",
        does="registers a service worker that spins and answers for the site",
        routes={
            "": script("navigator.serviceWorker?.register('service.js').then(() => fetch('x'), () => {})"),
            "service.js": _SERVICE,
        },
    ),
    Kind(
        name="request-flood",
        does="makes requests without end",
        routes={"": script("let i = 0; setInterval(() => { for (let j = 0; j < 50; j++) fetch('x?' + i++) }, 1)")},
    ),
    Kind(
        name="socket-flood",
        does="opens WebSockets without end",
        routes={
            "": script(
                "let i = 0; setInterval(() => { for (let j = 0; j < 9; j++)"
                " new WebSocket(`ws://${location.host}/x?` + i++) }, 1)"
            )
        },
    ),
    Kind(
        name="message-storm",
        does="sends itself messages without end, each with a megabyte",
        routes={
            "": script(
                "const big = 'x'.repeat(1e6), one = new BroadcastChannel('a'), two = new BroadcastChannel('a');"
                "two.onmessage = () => one.postMessage(big); for (let i = 0; i < 50; i++) one.postMessage(big)"
            )
        },
    ),
    Kind(
        name="liar",
        does="patches the prototypes that facts are read through",
        routes={
            "": script(
                "Document.prototype.querySelectorAll = () => []; JSON.stringify = () => '{}'; Array.from = () => [];"
                "Object.defineProperty(HTMLElement.prototype, 'innerText', {get: () => 'lies'})"
            )
        },
    ),
    Kind(
        name="clobber",
        does="names its elements `body`, `querySelectorAll` and `action`",
        routes={
            "": html(
                f"{SEEN}<img name=body><img name=querySelectorAll><form action=/f method=post><input name=action>"
                "<input name=getAttribute><input name=method></form>"
            )
        },
    ),
)
