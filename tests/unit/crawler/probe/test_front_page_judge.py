"""Front pages judged by what they say."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from crawler.demo.answers import respond
from crawler.demo.sites import load_sites, site
from crawler.probe.front_page_judge import FrontPageJudge
from crawler.probe.html.html_facts import read_html
from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, FrontPageKind
from crawler.probe.kit_index import KitIndex
from detector.brands import BrandLibrary, load_library, render_logo
from detector.config import default_brands_dir

URL = "http://q7xk2.example/"
DEMO = Path(__file__).resolve().parents[4] / "crawler" / "demo" / "brands"


@pytest.fixture(scope="module")
def library() -> BrandLibrary:
    return load_library((default_brands_dir(), DEMO))


@pytest.fixture(scope="module")
def judge(library: BrandLibrary) -> FrontPageJudge:
    return FrontPageJudge(library, KitIndex.build([]))


def answer(body: bytes | str, **more: object) -> FrontPageAnswer:
    raw = body.encode() if isinstance(body, str) else body
    fields = {"asked": URL, "url": URL, "status": 200, "content_type": "text/html", "body": raw, **more}
    return FrontPageAnswer(**fields)  # type: ignore[arg-type]


def looked(judge: FrontPageJudge, site_id: str) -> FrontPageFinding:
    """A site of the demo on a name that says nothing, with the pictures that the judge asks for."""
    entry = site(site_id)
    given = answer(respond(entry.host, entry.path, 80, 443, "Mobile").body)
    finding = judge.judge(given)
    if finding.wanted:
        files = (
            respond(entry.host, entry.base + address.removeprefix(URL), 80, 443).body for address in finding.wanted
        )
        finding = judge.judge(answer(given.body, pictures=tuple(files), complete=True))
    return finding


CLONES = [entry.id for entry in load_sites() if entry.kind == "clone" and entry.behaviour == "page"]


@pytest.mark.parametrize("site_id", CLONES)
def test_every_clone_of_the_demo_is_sent_to_a_browser_with_its_brand(judge: FrontPageJudge, site_id: str) -> None:
    finding = looked(judge, site_id)
    assert finding.sent, finding
    assert finding.brand == site(site_id).brand
    assert finding.reasons[0].startswith("Without a browser: ")


@pytest.mark.parametrize("site_id", ["joinery", "saas-signin", "blog-share", "shop-login", "parcel-point", "logo-wall"])
def test_innocent_pages_are_not(judge: FrontPageJudge, site_id: str) -> None:
    finding = looked(judge, site_id)
    assert (finding.shown, finding.sent, finding.brand) == (FrontPageKind.PAGE, False, None)


@pytest.mark.parametrize(
    ("given", "shown", "remark"),
    [
        (answer("<h1>Gone</h1>", status=404), FrontPageKind.NOTHING, "HTTP status 404"),
        (answer(b""), FrontPageKind.NOTHING, "it shows nothing without its scripts"),
        (
            answer("<title>App</title><div id=root></div>"),
            FrontPageKind.NOTHING,
            "it shows nothing without its scripts",
        ),
        (answer("<h1>This domain is for sale</h1>"), FrontPageKind.NOTHING, "for sale"),
        (answer("<h1>Welcome</h1>", url="https://www.paypal.com/signin"), FrontPageKind.BRAND, "belongs to PayPal"),
        (
            answer("<title>Just a moment...</title><p>Verify you are human by completing the action below."),
            FrontPageKind.WALL,
            "challenge",
        ),
    ],
)
def test_what_is_no_page_is_told_apart(
    judge: FrontPageJudge, given: FrontPageAnswer, shown: FrontPageKind, remark: str
) -> None:
    finding = judge.judge(given)
    assert finding.shown is shown
    assert remark in finding.remark
    assert not finding.sent


def test_a_page_that_leads_on_is_not_judged_itself(judge: FrontPageJudge) -> None:
    finding = judge.judge(answer('<title>PayPal</title><meta http-equiv="refresh" content="0;url=/x">'))
    assert finding.onward == URL + "x"
    assert not finding.sent


def test_a_brands_page_at_a_hoster_is_looked_at(judge: FrontPageJudge) -> None:
    entry = site("fake-paypal")
    body = respond(entry.host, entry.path, 80, 443).body
    assert judge.judge(answer(body, url="https://sites.google.com/view/x")).sent


def test_the_icon_of_official_pages_speaks_where_the_words_are_few(
    library: BrandLibrary, judge: FrontPageJudge
) -> None:
    brand = library.get("paypal")
    assert brand is not None
    tile = next(logo for logo in brand.logos if "tile" in logo.path or "symbol" in logo.path)
    output = io.BytesIO()
    render_logo(tile, 64).resize((32, 32)).save(output, "PNG")
    icon = output.getvalue()
    page = f"<title>Sign in</title><h1>{brand.name}</h1><form><input type=email><input type=password></form>"
    without, with_icon = judge.judge(answer(page)), judge.judge(answer(page, icon=icon))
    assert with_icon.score > without.score
    assert with_icon.brand == brand.id
    assert "icon" in with_icon.reasons[0]


def _drawn(judge: FrontPageJudge, make: Callable[[bytes], str]) -> FrontPageFinding:
    entry = site("ostrelin-logo-only")
    logo = respond(entry.host, entry.base + "i/1.png", 80, 443).body
    form = "<form><input type=email><input type=password><button>Sign in</button></form>"
    return judge.judge(answer(f"<title>Sign in</title>{make(logo)}{form}"))


def _data(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def test_a_logo_in_the_document_itself_is_recognised(judge: FrontPageJudge) -> None:
    assert _drawn(judge, lambda logo: f'<img src="{_data(logo)}">').brand == "ostrelin"
    script = "<canvas id=c></canvas><script>i.src='{}'</script>"
    assert _drawn(judge, lambda logo: script.format(_data(logo))).brand == "ostrelin"


def test_a_logo_cut_into_tiles_is_put_together(judge: FrontPageJudge) -> None:
    def tiles(logo: bytes) -> str:
        whole = Image.open(io.BytesIO(logo)).convert("RGBA")
        rows = []
        for y in range(2):
            row = []
            for x in range(4):
                output = io.BytesIO()
                box = (
                    x * whole.width // 4,
                    y * whole.height // 2,
                    (x + 1) * whole.width // 4,
                    (y + 1) * whole.height // 2,
                )
                whole.crop(box).save(output, "PNG")
                row.append(f'<img src="{_data(output.getvalue())}">')
            rows.append("".join(row))
        return "<br>".join(rows)

    assert _drawn(judge, tiles).brand == "ostrelin"


def test_a_picture_of_shadows_beside_a_form_is_suspicious_and_nobodys(judge: FrontPageJudge) -> None:
    shadows = ",".join(f"{x}px {y}px 0 0 rgb(9 80 60 / 1.00)" for x in range(30) for y in range(10))
    finding = _drawn(judge, lambda _: f'<i style="width:1px;box-shadow:{shadows}"></i>')
    assert finding.sent
    assert finding.brand is None
    assert "shadows" in finding.reasons[0]


def test_a_frightening_page_with_a_number_is_sent_whoever_it_imitates(judge: FrontPageJudge) -> None:
    finding = judge.judge(
        answer(
            "<title>Warning</title><h1>Your computer has been locked</h1>"
            "<p>Do not shut down or restart. A trojan and spyware were found."
            "<p>Call support now: +1 888 555 0164 (toll free)"
        )
    )
    assert finding.sent
    assert "+18885550164" in finding.reasons[-1]


def test_a_known_kit_is_sent_with_its_case(library: BrandLibrary) -> None:
    kit = '<link rel=stylesheet href="a/q1.css"><script src="a/q2.js"></script><img src="a/q3.png"><form action="a/q4.php"></form>'
    known = KitIndex.build([("kumoriva", 7, "first.example", read_html(kit.encode(), "https://first.example/").facts)])
    finding = FrontPageJudge(library, known).judge(answer(kit + "<p>Bonjour"))
    assert (finding.brand, finding.sent) == ("kumoriva", True)
    assert "case 7" in finding.reasons[0]


@settings(max_examples=150, deadline=None)
@given(
    body=st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
    ),
    icon=st.one_of(st.none(), st.binary(max_size=80)),
    pictures=st.lists(st.binary(max_size=80), max_size=3),
)
def test_whatever_comes_there_is_an_answer(
    judge: FrontPageJudge, body: bytes, icon: bytes | None, pictures: list[bytes]
) -> None:
    finding = judge.judge(answer(b"<form><input type=password></form>" + body, icon=icon, pictures=tuple(pictures)))
    assert 0.0 <= finding.score <= 1.0


@pytest.mark.parametrize(
    "body",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><image href='file:///etc/passwd'/></svg>",
        b"<svg viewBox='0 0 1 1'>" + b"<g>" * 30_000 + b"</svg>",
        b"<img src='data:image/png;base64,%s'>" % base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 90),
        b"<img src='data:image/svg+xml,%3Csvg onload=alert(1)%3E'>",
        b"<i style='box-shadow:" + b"1px 1px rgb(0 0 0)," * 60_000,
        b"box-shadow:" * 50_000,
    ],
)
def test_hostile_pictures_in_the_document(judge: FrontPageJudge, body: bytes) -> None:
    finding = judge.judge(answer(b"<title>Sign in</title><form><input type=email><input type=password></form>" + body))
    assert finding.shown is FrontPageKind.PAGE


BALLAST = {
    "elements": "<i></i>" * 21_000,
    "pictures": "<img src=x.png>" * 500,
    "fields": "<input type=radio>" * 300,
    "forms": "<form action=/x></form>" * 150,
    "text": f"<p>{'word ' * 15_000}</p>",
    "nesting": "<div>" * 400 + "</div>" * 400,
}


@pytest.mark.parametrize("name", list(BALLAST))
def test_a_clone_behind_ballast_is_passed_on_to_a_browser(judge: FrontPageJudge, name: str) -> None:
    entry = site("fake-paypal")
    document = respond(entry.host, entry.path, 80, 443).body.decode()
    head, body = document.split("<body", 1)
    finding = judge.judge(answer(f"{head}<body>{BALLAST[name]}<div{body}", complete=True))
    assert (finding.shown, finding.sent) == (FrontPageKind.PAGE, True), finding


@pytest.mark.parametrize("name", list(BALLAST))
@pytest.mark.parametrize(
    "start",
    [
        "<title>Just a moment...</title><p>Verify you are human by completing the action below.",
        "<h1>This domain is for sale</h1>",
        "<div id=root></div>",
        "<script>function later() { location.href = '/elsewhere' }</script>",
    ],
    ids=["wall", "parked", "hollow", "jump"],
)
def test_nothing_is_concluded_from_what_stands_before_the_ballast(judge: FrontPageJudge, start: str, name: str) -> None:
    finding = judge.judge(answer(f"{start}{BALLAST[name]}", complete=True))
    assert (finding.shown, finding.sent, finding.onward) == (FrontPageKind.PAGE, True, "")
    assert f"the limit of {name}" in finding.reasons[-1]


def test_a_document_that_was_cut_is_passed_on(judge: FrontPageJudge) -> None:
    page = answer(f"<h1>Garden</h1><p>{'seeds and tools ' * 100}</p>")
    assert not judge.judge(page).sent
    finding = judge.judge(answer(page.body, cut=True))
    assert finding.sent
    assert "the limit of bytes" in finding.reasons[0]
