"""Captures of ordinary pages and ordinary failures, by a real browser from real servers."""

from __future__ import annotations

import asyncio
import io
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from crawler.capture.capturer import Capturer
from crawler.loopback.connections import ConnectionServer
from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.model import Capture, Outcome, RedirectHop, StoredFile, from_json, to_json
from tests.support.pages.ordinary_pages import routes
from tests.support.pages.sites import Site, answer, needs_browser, page, png, quick, self_signed

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with Site(routes()).serving() as served:  # type: ignore[arg-type]
        yield served


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return Evidence(str(tmp_path_factory.mktemp("evidence")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capturer(evidence: Evidence) -> AsyncIterator[Capturer]:
    async with Capturer(quick(), evidence) as opened:
        yield opened


def picture(evidence: Evidence, stored: StoredFile | None) -> Image.Image:
    assert stored is not None
    return Image.open(io.BytesIO(evidence.get(stored)))


async def test_a_page_is_captured_with_all_that_it_says_of_itself(
    site: Site, capturer: Capturer, evidence: Evidence
) -> None:
    capture = await capturer.capture(site.url("/facts"))
    facts = capture.facts
    assert facts is not None
    assert (capture.outcome, capture.status, capture.note) == (Outcome.OK, 200, "")
    assert (capture.final_url, capture.address) == (site.url("/facts"), "127.0.0.1")
    assert (facts.title, facts.language, facts.url) == ("Sign in \u2013 Kumoriva", "en-GB", site.url("/facts"))
    assert "Sign in to Kumoriva" in facts.text
    assert "invisible words" not in facts.text
    assert "shadow words" in facts.text
    assert "inside the frame" in facts.text
    found = {image.tag: image for image in facts.images}
    assert sorted(image.tag for image in facts.images) == ["background", "canvas", "img", "input", "svg"]
    assert tuple(found["img"].box) == (30, 100, 120, 40)
    assert (found["img"].alt, found["img"].src) == ("Kumoriva", site.url("/logo.png"))
    assert tuple(found["svg"].box) == (200, 100, 50, 60)
    assert tuple(found["background"].box) == (400, 100, 70, 35)
    assert site.url("/tile.png") in found["background"].src
    names = {field.name: field for field in facts.inputs}
    assert set(names) == {"mail", "secret", "t", "", "framed", "shady"}
    mail = names["mail"]
    assert (mail.type, mail.placeholder, mail.autocomplete) == ("email", "you@mail", "username")
    assert (mail.label, mail.box.width, mail.box.height) == ("E-mail address", 200, 30)
    assert names["secret"].type == "password"
    assert names["framed"].box.x >= 600
    assert [(form.action, form.method) for form in facts.forms] == [(site.url("/steal?x=1"), "post")]
    assert facts.links == (site.url("/help"), "tel:+15550100")
    assert facts.icons == (site.url("/logo.png"),)
    assert set(facts.resources) >= {site.url("/style.css"), site.url("/script.js")}
    assert "Chromium" in capture.browser
    assert from_json(to_json(capture), Capture) == capture
    with picture(evidence, capture.screenshot) as shot:
        assert shot.size == (1280, 800)
        assert shot.convert("RGB").getpixel((90, 120)) == (0, 128, 0)
        assert shot.convert("RGB").getpixel((430, 115)) == (0, 0, 255)
    with picture(evidence, capture.favicon) as icon:
        assert icon.size == (120, 40)
    log = {entry.url: entry for entry in capture.network}
    assert log[site.url("/facts")].kind == "document"
    assert log[site.url("/logo.png")].size == len(png("green", (120, 40)))
    assert all(entry.status == 200 and entry.failure is None for entry in capture.network)


async def test_a_translated_copy_has_the_structure_of_its_model(site: Site, capturer: Capturer) -> None:
    sketches = []
    for path in ("/built", "/built-abroad", "/built-otherwise"):
        facts = (await capturer.capture(site.url(path))).facts
        assert facts is not None
        assert list(facts.structure) == sorted(set(facts.structure))
        sketches.append(set(facts.structure))
    model, abroad, otherwise = sketches
    assert len(model) >= 30
    assert len(model & abroad) / len(model | abroad) > 0.8
    assert len(model & otherwise) / len(model | otherwise) < 0.4


async def test_where_a_copied_page_comes_from(site: Site, capturer: Capturer) -> None:
    capture = await capturer.capture(site.url("/copied"))
    assert capture.facts is not None
    assert {(origin.mark, origin.url) for origin in capture.facts.origins} == {
        ("saved from url", "https://www.kumoriva.test/in/"),
        ("SingleFile", "https://www.kumoriva.test/single"),
        ("HTTrack", "http://www.kumoriva.test/signin.html"),
        ("WebScrapBook", "https://www.kumoriva.test/book"),
        ("Save Page WE", "https://www.kumoriva.test/savepage"),
        ("canonical", "https://www.kumoriva.test/canonical"),
        ("og:url", site.url("/relative")),
        ("base", "https://www.kumoriva.test/base/"),
    }


async def test_nothing_is_sent_but_get_requests(site: Site, capturer: Capturer) -> None:
    await capturer.capture(site.url("/facts"))
    assert {head.split(" ", 1)[0] for head in site.heads} == {"GET"}


async def test_the_chain_tells_redirects_by_server_from_those_by_script(site: Site, capturer: Capturer) -> None:
    capture = await capturer.capture(site.url("/first"))
    assert capture.outcome == Outcome.OK
    assert capture.final_url == site.url("/simple")
    assert capture.redirects == (
        RedirectHop(site.url("/first"), 302, "127.0.0.1"),
        RedirectHop(site.url("/second"), 302, "127.0.0.1"),
        RedirectHop(site.url("/scripted"), None, "127.0.0.1"),
        RedirectHop(site.url("/meta"), None, "127.0.0.1"),
    )


@pytest.mark.parametrize("path", ["/round", "/dance"])
async def test_redirects_without_end_are_a_redirect_loop(site: Site, capturer: Capturer, path: str) -> None:
    capture = await capturer.capture(site.url(path))
    assert capture.outcome == Outcome.REDIRECT_LOOP
    assert len(capture.redirects) >= 19


@pytest.mark.parametrize(("path", "text"), [("/404", "gone"), ("/401", "locked"), ("/503", "")])
async def test_error_statuses_are_outcomes_with_a_picture(site: Site, capturer: Capturer, path: str, text: str) -> None:
    capture = await capturer.capture(site.url(path))
    assert capture.outcome == f"http_{path[1:]}"
    assert capture.status == int(path[1:])
    assert text == "" or (capture.facts is not None and text in capture.facts.text)
    assert capture.screenshot is not None


@pytest.mark.parametrize(
    ("path", "outcome", "words"),
    [
        ("/zip", Outcome.DOWNLOAD, "download"),
        ("/204", Outcome.BLANK, "204"),
        ("/blank", Outcome.BLANK, "one colour"),
        ("/white", Outcome.OK, ""),
        ("/file", Outcome.BLOCKED_BY_GUARD, "guard: "),
        ("/hang", Outcome.TIMEOUT, "did not answer within 4 s"),
    ],
)
async def test_other_ends_are_outcomes_with_a_sentence(
    site: Site, capturer: Capturer, path: str, outcome: Outcome, words: str
) -> None:
    capture = await capturer.capture(site.url(path))
    assert (capture.outcome, words in capture.note) == (outcome, True), capture
    assert capture.seconds > 0


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("http://shop.example/\0", Outcome.BAD_URL),
        ("gopher://shop.example/", Outcome.BAD_URL),
        ("not an address", Outcome.BAD_URL),
        ("http://", Outcome.BAD_URL),
        ("http://a b.example/", Outcome.BAD_URL),
        ("http://nowhere.invalid/", Outcome.DNS_ERROR),
        ("https://nowhere.invalid/", Outcome.DNS_ERROR),
        ("http://127.0.0.1:1/", Outcome.BLOCKED_BY_GUARD),
    ],
)
async def test_addresses_that_lead_nowhere_are_outcomes(capturer: Capturer, url: str, outcome: Outcome) -> None:
    capture = await capturer.capture(url)
    assert capture.outcome == outcome
    assert capture.note
    assert capture.screenshot is None
    assert capture.url == url.replace("\0", "\ufffd")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_closed_port_refuses(capturer: Capturer, scheme: str) -> None:
    gone = Site({})
    async with gone.serving():
        url = gone.url("/", scheme=scheme)
    capture = await capturer.capture(url)
    assert capture.outcome == Outcome.REFUSED
    assert "refused the connection" in capture.note


async def test_a_certificate_that_nobody_vouches_for_is_no_obstacle_but_noted(
    capturer: Capturer, tmp_path: Path
) -> None:
    secure = Site({"/": answer(page("<h1>secure?</h1>")), "/favicon.ico": answer(png(), media_type="image/png")})
    async with secure.serving(tls=self_signed(tmp_path, "login.kumoriva.example")):
        capture = await capturer.capture(secure.url("/", scheme="https"))
    assert capture.outcome == Outcome.OK
    assert capture.favicon is not None
    assert capture.tls is not None
    assert capture.tls.protocol == "TLS 1.3"
    assert (capture.tls.subject, capture.tls.issuer) == ("login.kumoriva.example", "login.kumoriva.example")
    assert capture.tls.valid_from is not None
    assert capture.tls.valid_to is not None
    assert capture.tls.valid_from < capture.started < capture.tls.valid_to
    assert "ERR_CERT" in capture.tls.problem


async def test_what_is_no_tls_is_a_tls_error(capturer: Capturer) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP ready\r\n")
        while await reader.read(4096):
            pass

    async with ConnectionServer(plain) as server:
        capture = await capturer.capture(f"https://127.0.0.1:{server.port}/")
    assert capture.outcome == Outcome.TLS_ERROR
    assert capture.tls is None


async def test_a_page_higher_than_the_window_has_a_picture_of_its_own(
    site: Site, capturer: Capturer, evidence: Evidence
) -> None:
    tall = await capturer.capture(site.url("/tall"))
    with picture(evidence, tall.screenshot) as shot, picture(evidence, tall.full_page) as full:
        assert shot.size == (1280, 800)
        assert full.width == 1280
        assert 3000 < full.height < 3300
    simple = await capturer.capture(site.url("/simple"))
    assert simple.full_page == simple.screenshot


async def test_the_picture_shows_the_top_of_the_page_whatever_the_fragment(site: Site, capturer: Capturer) -> None:
    plain = await capturer.capture(site.url("/anchored"))
    jumped = await capturer.capture(site.url("/anchored#low"))
    assert plain.screenshot == jumped.screenshot


async def test_a_phone_sees_a_phones_page(site: Site, capturer: Capturer, evidence: Evidence) -> None:
    capture = await capturer.capture(site.url("/phone"), profile="phone")
    assert capture.profile == "phone"
    assert capture.facts is not None
    assert capture.facts.text.startswith("412 2.625 ")
    assert "Android" in capture.facts.text
    with picture(evidence, capture.screenshot) as shot:
        assert shot.size == (412, 785)


async def test_the_browser_does_not_announce_itself_as_a_robot(site: Site, capturer: Capturer) -> None:
    capture = await capturer.capture(site.url("/robot"))
    assert capture.facts is not None
    assert capture.facts.text.startswith("false|Win32|Windows|")
    head = next(head for head in site.heads if "/robot" in head)
    assert "Headless" not in head + capture.facts.text
    assert 'sec-ch-ua-platform: "Windows"' in head


async def test_text_from_the_page_can_always_be_stored(site: Site, capturer: Capturer) -> None:
    capture = await capturer.capture(site.url("/nul"))
    assert capture.facts is not None
    assert "\0" not in capture.facts.title
    to_json(capture).decode()


async def test_frames_do_not_end_the_wait_for_the_page(site: Site, capturer: Capturer) -> None:
    capture = await capturer.capture(site.url("/frames"))
    assert capture.redirects == ()
    assert capture.facts is not None
    assert capture.facts.text.count("simple") == 2


async def test_a_full_disk_is_no_outcome_but_an_error(site: Site) -> None:
    class FullDisk(Evidence):
        def put(self, data: bytes, media_type: str) -> StoredFile:
            raise EvidenceError("evidence could not be written (No space left on device)")

    async with Capturer(quick(), FullDisk("memory://full")) as capturer:
        with pytest.raises(EvidenceError, match="No space left"):
            await capturer.capture(site.url("/simple"))


async def test_an_icon_within_the_page_is_kept_however_long(capturer: Capturer, evidence: Evidence) -> None:
    """Page facts cut addresses at 2,000 characters."""
    drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9' height='9' fill='blue'/></svg>"
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    output = io.BytesIO()
    noise.save(output, "PNG")
    letters = b64encode(output.getvalue()).decode()
    assert len(letters) > 4000
    pages = {
        "/long": page("<h1>hi</h1>", head=f'<link rel="shortcut icon" href="data:image/png;base64,{letters}">'),
        "/drawn": page("<h1>hi</h1>", head='<link rel=icon type="image/svg+xml" href=/icon.svg>'),
    }
    served = Site({path: answer(body) for path, body in pages.items()})
    served.routes["/icon.svg"] = answer(drawing.encode(), media_type="image/svg+xml")
    async with served.serving():
        long, drawn = [await capturer.capture(served.url(path)) for path in pages]
    with picture(evidence, long.favicon) as icon:
        assert icon.size == (64, 64)
    with picture(evidence, drawn.favicon) as icon:
        assert icon.convert("RGB").getpixel((100, 100)) == (0, 0, 255)
