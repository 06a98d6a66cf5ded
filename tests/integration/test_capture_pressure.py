"""Attempts of a page to hold or frighten its visitor are counted, in all frames, whatever the page does about it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from crawler.capture.capturer import Capturer
from detector.evidence import Evidence
from detector.model import Capture, Pressure
from tests.support.pages.sites import Site, answer, needs_browser, page, quick

pytestmark = [*needs_browser, pytest.mark.ordeal, pytest.mark.asyncio(loop_scope="module")]

NOISE = "const no = () => {}; const root = document.documentElement;"
FORGE = """
for (const name of Object.getOwnPropertyNames(window)) if (/^_[0-9a-f]+$/.test(name)) document.title = 'found ' + name;
Map.prototype.get = WeakMap.prototype.get = Array.prototype.map = Reflect.apply = () => 0;
Object.defineProperty(Object.prototype, 'alert', {value: 0});
Object.defineProperty(Object.prototype, 'now', {set() {}, get() { return 0 }});
String.prototype.slice = () => { throw 1 };
window.alert('still'); window.alert('counted'); window.alert('here');
"""
LOOKS = """
const shown = [alert, History.prototype.pushState, Element.prototype.requestFullscreen, Function.prototype.toString,
  EventTarget.prototype.addEventListener, HTMLMediaElement.prototype.play];
const descriptor = Object.getOwnPropertyDescriptor(History.prototype, 'pushState');
document.title = JSON.stringify([
  shown.map((f) => f.toString()), shown.map((f) => f.name), shown.map((f) => f.length),
  shown.some((f) => f.hasOwnProperty('prototype')), descriptor.enumerable, descriptor.writable,
  Object.getOwnPropertyNames(window).filter((name) => /^_[0-9a-f]{8}/.test(name)).length,
]);
"""


def scripted(code: str, body: str = "<h1>seen</h1>") -> bytes:
    return answer(page(f"{body}<script>{code}</script>"))


PAGES = {
    "/quiet": answer(page("<h1>seen</h1><script>history.replaceState(1, '')</script>")),
    "/dialogs": scripted("alert(1); confirm(2); prompt(3)"),
    "/alert-loop": scripted("while (true) alert('Call +1 555 0100')"),
    "/push-flood": scripted("for (;;) history.pushState(1, '', '?' + Math.random())"),
    "/timer": scripted("setInterval(() => { history.pushState(1, ''); history.back() }, 1)"),
    "/holds": scripted(
        f"{NOISE} root.requestFullscreen().catch(no); root.webkitRequestFullscreen(); root.requestPointerLock().catch(no);"
        "navigator.keyboard?.lock().catch(no); Notification.requestPermission(); navigator.vibrate(200); print();"
        "open('/'); open('/'); addEventListener('beforeunload', (e) => e.preventDefault()); onbeforeunload = () => 1;"
        "navigator.clipboard.writeText('x').catch(no); document.execCommand('copy')"
    ),
    "/sound": scripted(
        f"{NOISE} new Audio('data:audio/wav;base64,').play().catch(no);"
        "const quiet = document.createElement('video'); quiet.muted = true; quiet.play().catch(no);"
        "const c = new AudioContext(); const o = c.createOscillator(); o.connect(c.destination); o.start();"
        "const f = new OfflineAudioContext(1, 44100, 44100); f.createOscillator().start();"
    ),
    "/autoplay": answer(page("<h1>seen</h1><audio autoplay loop></audio><video autoplay muted></video>")),
    "/frames": answer(
        page(
            "<h1>seen</h1><iframe src='/dialogs'></iframe><iframe src='http://localhost:PORT/dialogs'></iframe>"
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>"
            "<script>const f = document.createElement('iframe'); document.body.append(f); f.contentWindow.alert(1)</script>"
        )
    ),
    "/unload": answer(b"<!doctype html><title>A page</title><body onbeforeunload='return 1'><h1>seen</h1>"),
    "/telephones": answer(
        page(
            "<a href='tel:+1-800-555-0142'>call</a><a href=' callto:18005550143'>call</a><map><area href='sms:+15550144'></map>"
            "<a href='https://wa.me/15555550145'>chat</a><a href='https://api.whatsapp.com/send?phone=15555550146'>chat</a>"
            "<button onclick=\"location.href='tel:18005550147'\">CALL</button><a href='https://hotel:80/'>no</a>"
        )
    ),
    "/rejections": scripted("for (let i = 0; i < 100000; i++) Promise.reject(i); alert(1)"),
    "/leads-on": scripted("alert('You are being redirected'); location.href = '/quiet'"),
    "/forge": scripted(FORGE),
    "/looks": scripted(LOOKS),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Capture]]:
    """Every page, captured once."""
    site = Site(dict(PAGES))
    folder: Path = tmp_path_factory.mktemp("evidence")
    async with site.serving(), Capturer(quick(), Evidence(str(folder))) as capturer:
        body = PAGES["/frames"].split(b"\r\n\r\n", 1)[1].replace(b"PORT", str(site.port).encode())
        site.routes["/frames"] = answer(body)
        captures = await asyncio.gather(*(capturer.capture(site.url(path)) for path in PAGES))
        yield dict(zip(PAGES, captures, strict=True))


def pressure_of(capture: Capture) -> Pressure:
    assert capture.facts is not None, capture.note
    return capture.facts.pressure


async def test_calls_are_counted_one_by_one(seen: dict[str, Capture]) -> None:
    assert pressure_of(seen["/dialogs"]) == Pressure(dialogs=3)
    assert pressure_of(seen["/quiet"]) == Pressure(history=1)
    expected = Pressure(
        fullscreen=2,
        pointer_lock=1,
        keyboard_lock=1,
        notifications=1,
        vibrations=1,
        prints=1,
        popups=2,
        unloads=2,
        clipboard=2,
    )
    assert pressure_of(seen["/holds"]) == expected


async def test_only_sound_that_can_be_heard_counts(seen: dict[str, Capture]) -> None:
    assert pressure_of(seen["/sound"]).audio == 2
    assert pressure_of(seen["/autoplay"]).audio == 1


async def test_a_page_that_would_not_let_go_by_attribute(seen: dict[str, Capture]) -> None:
    assert pressure_of(seen["/unload"]) == Pressure(unloads=1)


async def test_links_that_call_are_facts(seen: dict[str, Capture]) -> None:
    facts = seen["/telephones"].facts
    assert facts is not None
    assert set(facts.telephones) == {
        "tel:+1-800-555-0142",
        "callto:18005550143",
        "sms:+15550144",
        "https://wa.me/15555550145",
        "https://api.whatsapp.com/send?phone=15555550146",
        "tel:18005550147",
    }


async def test_floods_are_counted_although_they_had_to_be_terminated(seen: dict[str, Capture]) -> None:
    assert pressure_of(seen["/alert-loop"]).dialogs > 1000
    assert pressure_of(seen["/push-flood"]).history > 1000
    assert seen["/alert-loop"].screenshot is not None
    assert pressure_of(seen["/timer"]).history > 10


async def test_a_flood_of_unhandled_errors_does_not_reach_the_driver(seen: dict[str, Capture]) -> None:
    assert seen["/rejections"].outcome == "ok"
    assert seen["/rejections"].screenshot is not None
    assert pressure_of(seen["/rejections"]) == Pressure(dialogs=1)


async def test_frames_of_all_origins_are_summed(seen: dict[str, Capture]) -> None:
    assert pressure_of(seen["/frames"]).dialogs == 3 + 3 + 1 + 1


async def test_what_a_page_did_before_it_led_on_counts(seen: dict[str, Capture]) -> None:
    assert seen["/leads-on"].final_url.endswith("/quiet")
    assert pressure_of(seen["/leads-on"]) == Pressure(dialogs=1, history=1)


async def test_a_page_can_neither_find_the_channel_nor_lower_a_count(seen: dict[str, Capture]) -> None:
    capture = seen["/forge"]
    assert pressure_of(capture).dialogs == 3
    assert capture.facts is not None
    assert capture.facts.title == "A page"


async def test_replaced_functions_look_native(seen: dict[str, Capture]) -> None:
    facts = seen["/looks"].facts
    assert facts is not None
    texts, names, lengths, prototype, enumerable, writable, channels = json.loads(facts.title)
    expected = ["alert", "pushState", "requestFullscreen", "toString", "addEventListener", "play"]
    assert names == expected
    assert texts == [f"function {name}() {{ [native code] }}" for name in expected]
    assert lengths == [0, 2, 0, 0, 2, 0]
    assert (prototype, enumerable, writable, channels) == (False, True, True, 0)
