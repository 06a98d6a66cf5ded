"""Forms behind harmless clicks: reached in many languages, with nothing typed and nothing submitted."""

# ruff: noqa: E501 - a page of the tests reads best on one line

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crawler.capture.capturer import Capturer
from crawler.loopback.web import NOT_FOUND, Request, Response, WebServer
from detector.evidence import Evidence
from detector.model import Capture, Outcome
from tests.support.pages.sites import needs_browser, page, quick

pytestmark = [*needs_browser, pytest.mark.ordeal]

LOGIN = "<h1>Sign in</h1><form method=post action=/posted><input name=user type=email><input name=pw type=password><button>Sign in</button></form>"
HIDDEN = f"<div id=later hidden>{LOGIN}</div>"
SHOW = "document.getElementById('later').hidden = false"
SEND = "fetch('/posted', {method: 'POST', body: 'x=1'}); navigator.sendBeacon('/posted', 'beacon')"


class Shop:
    """A web server that keeps what is posted to it."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        self.pages = pages
        self.gets: Counter[str] = Counter()
        self.posts: list[bytes] = []
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Shop]:
        with WebServer(self._answer) as server:
            self.port = server.port
            yield self

    def _answer(self, request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            self.gets[request.target] += 1
        else:
            self.posts.append(request.target.encode() + request.body)
        return Response(self.pages[request.path]) if request.path in self.pages else NOT_FOUND


def button(label: str, script: str = SHOW, kind: str = "button") -> str:
    """A page with one button that shows the form."""
    return f'<p>A document is waiting for you.</p><button type={kind} onclick="{script}">{label}</button>{HIDDEN}'


LABELS = (
    "Continue →",
    "Next",
    "View document",
    "Weiter",
    "Anmelden",
    "Iniciar sesión",
    "Se connecter",
    "Accedi",
    "Entrar",
    "Inloggen",
    "ログイン",
    "继续",
)
REACHED = {f"/label/{number}": (button(label), label) for number, label in enumerate(LABELS)} | {
    "/link": ('<p>Your parcel waits.</p><a href="/login" target=_blank ping=/posted>Track your parcel</a>', "Track your parcel"),
    "/get-form": ('<p>Hello</p><form action="/login" target=_blank><input type=hidden name=a value=1><button>Continue</button></form>', "Continue"),
    "/role": (f'<div role=button onclick="{SHOW}">Sign in to your account</div>{HIDDEN}', "Sign in to your account"),
    "/listener": (f"<p>Hi</p><div id=b style='cursor:pointer;width:120px'>Log in</div>{HIDDEN}<script>b.addEventListener('click', () => setTimeout(() => {{{SHOW}}}, 400))</script>", "Log in"),
    "/shadow": (f"<p>Hi</p><div id=host></div>{HIDDEN}<script>host.attachShadow({{mode: 'open'}}).innerHTML = `<button onclick=\"{SHOW}\">Next</button>`</script>", "Next"),
    "/far-down": (f"<div style='height:3000px'>Scroll</div><button type=button onclick=\"{SHOW}\">Continue</button>{HIDDEN}", "Continue"),
    "/trusted": (f"<button type=button onclick=\"if (event.isTrusted) {SHOW}\">Continue</button>{HIDDEN}", "Continue"),
    "/shadowed-names": (f"<img name=body><img name=elements><form><input type=hidden name=method><img name=elements></form><button onclick=\"{SHOW}\" type=button>Next</button>{HIDDEN}", "Next"),
}  # fmt: skip
"""Path -> body, and the label of the click that leads to the form."""

UNTOUCHED = {
    "/submit": '<p>Track</p><form method=get action=/login><input name=number value=12><button>Next</button></form>',
    "/submit-post": '<p>Hi</p><form method=post action=/posted><input type=hidden name=a><button>Continue</button></form>',
    "/submit-outside": '<p>Hi</p><form id=f action=/login><textarea name=t>x</textarea></form><button form=f>Continue</button>',
    "/span-in-submit": '<form action=/login><input name=q><button><span onclick="1" style="cursor:pointer">Continue</span></button></form>',
    "/script-in-form": '<form action=/login><input name=q><a onclick="1" href="javascript:document.forms[0].submit()">Continue</a></form>',
    "/never": "".join(
        f'<p><a href="/login">{label}</a></p>'
        for label in ("Continue to pay", "Sign in to buy", "Next: delete account", "Continue and call us", "Continue download", "Allow all", "Accept & install",
                      "Weiter zum Bezahlen und kaufen", "Continuar y pagar", "Continue with Google", "Weiter mit Apple", "ログインしてダウンロード")
    ),
    "/schemes": "".join(
        f'<p><a href="{href}">Continue</a></p>'
        for href in ("tel:+1800555", "mailto:a@b.example", "sms:1", "blob:x", "data:text/html,x", "intent://x", "/setup.exe", "/a.apk?x=1", "ftp://127.0.0.1/")
    ) + '<a href="/login" download>View document</a>',
    "/covered": f'<button type=button onclick="{SHOW}">Continue</button><div style="position:fixed;inset:0;background:#fff">Wait</div>{HIDDEN}',
    "/invisible": f'<button type=button style="opacity:0" onclick="{SHOW}">Continue</button><button type=button hidden onclick="{SHOW}">Next</button>{HIDDEN}',
    "/disabled": f'<button type=button disabled>Continue</button><div aria-disabled=true role=button onclick="{SHOW}">Next</div>{HIDDEN}',
    "/form-there": f'{LOGIN}<a href="/elsewhere">Continue</a>',
}  # fmt: skip
"""Nothing here may be clicked."""

OTHERS = {
    "/cookies": f'<div style="position:fixed;inset:0;background:#eee;z-index:9"><button type=button onclick="this.parentNode.remove()">Alle akzeptieren</button></div><button type=button onclick="{SHOW}">Weiter</button>{HIDDEN}',
    "/deep": '<p>one</p><a href="/deep2">Continue</a>',
    "/deep2": '<p>two</p><a href="/deep3">Next</a>',
    "/deep3": '<p>three</p><a href="/login">Sign in</a>',
    "/posts": button("Continue", SEND),
    "/posts-form": '<form id=f method=post action=/posted><input type=hidden name=a value=1></form><button type=button onclick="f.submit()">Continue</button>',
    "/nowhere": '<h1>News</h1><p>Words.</p><a href="/article">Continue</a>',
    "/article": "<h1>An article</h1><p>More words, and no form at all.</p>",
    "/gone": '<h1>Start</h1><a href="/missing">Continue</a>',
    "/login": LOGIN,
}  # fmt: skip


Visits = tuple[Shop, dict[str, Capture], Evidence]


@pytest.fixture(scope="module")
def visits() -> Visits:
    """All pages captured once, several at a time; ``phone`` is the first one seen by a phone, ``off`` one without clicks."""
    bodies = {path: body for path, (body, _) in REACHED.items()} | UNTOUCHED | OTHERS
    shop = Shop({path: page(body, title="Page") for path, body in bodies.items()})
    evidence = Evidence("memory://clicks")
    limits: dict[str, object] = {"slots": 8, "total_seconds": 30.0, "navigation_seconds": 10.0}
    paths = [path for path in bodies if path not in ("/login", "/deep2", "/deep3", "/article")]

    async def look() -> dict[str, Capture]:
        async with shop.serving(), Capturer(quick(**limits), evidence) as capturer:
            looks = await asyncio.gather(
                capturer.capture(shop.url("/label/0"), profile="phone"),
                *(capturer.capture(shop.url(path)) for path in paths),
            )
            async with Capturer(quick(max_clicks=0), evidence) as other:
                off = await other.capture(shop.url("/link"))
        return dict(zip(["phone", *paths], looks, strict=True)) | {"off": off}

    return shop, asyncio.run(look()), evidence


def has_password(capture: Capture) -> bool:
    return capture.facts is not None and any(field.type == "password" for field in capture.facts.inputs)


@pytest.mark.parametrize("path", REACHED)
def test_a_form_behind_a_click_is_reached(path: str, visits: Visits) -> None:
    shop, seen, evidence = visits
    capture = seen[path]
    assert has_password(capture), capture.note
    assert capture.outcome == Outcome.OK
    (click,) = capture.clicks
    assert click.label == REACHED[path][1]
    assert click.box.width >= 8
    assert click.url == capture.final_url
    assert capture.final_url.partition("?")[0] == shop.url("/login" if path in ("/link", "/get-form") else path)
    assert capture.before_clicks is not None
    assert capture.screenshot is not None
    if path != "/far-down":  # its form lies below the picture
        assert evidence.get(capture.before_clicks) != evidence.get(capture.screenshot)


@pytest.mark.parametrize("path", UNTOUCHED)
def test_what_is_no_harmless_click_is_not_made(path: str, visits: Visits) -> None:
    _, seen, _ = visits
    assert seen[path].clicks == ()
    assert seen[path].before_clicks is None
    assert seen[path].outcome == Outcome.OK


def test_phones_click_too(visits: Visits) -> None:
    _, seen, _ = visits
    assert has_password(seen["phone"])
    assert seen["phone"].profile == "phone"


def test_an_overlay_is_clicked_away_first(visits: Visits) -> None:
    _, seen, _ = visits
    assert [click.label for click in seen["/cookies"].clicks] == ["Alle akzeptieren", "Weiter"]
    assert has_password(seen["/cookies"])


def test_the_number_of_clicks_is_bounded(visits: Visits) -> None:
    shop, seen, _ = visits
    assert [click.url for click in seen["/deep"].clicks] == [shop.url("/deep2"), shop.url("/deep3")]
    assert not has_password(seen["/deep"])


@pytest.mark.parametrize("path", ["/nowhere", "/gone", "/deep", "/posts", "/posts-form"])
def test_clicks_that_lead_to_no_form_leave_the_page_as_it_was(path: str, visits: Visits) -> None:
    shop, seen, _ = visits
    capture = seen[path]
    assert capture.clicks
    assert capture.final_url == shop.url(path)
    assert capture.status == 200
    assert capture.outcome == Outcome.OK
    assert capture.before_clicks is None
    assert capture.redirects == ()


def test_nothing_is_ever_submitted(visits: Visits) -> None:
    shop, seen, _ = visits
    assert shop.posts == []
    assert not [target for target in shop.gets if target.startswith("/posted")]
    assert "was not sent" in seen["/posts"].note
    assert "was not sent" in seen["/posts-form"].note


def test_clicks_can_be_switched_off(visits: Visits) -> None:
    _, seen, _ = visits
    assert seen["off"].clicks == ()
    assert not has_password(seen["off"])
