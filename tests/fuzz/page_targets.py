"""Targets for the fuzzer: what pages, browsers and addresses send."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.addresses.text_search import find_addresses
from crawler.addresses.wrapped_links import unwrapped
from crawler.browser.cdp.messages import parse as parse_devtools
from crawler.net.guard.http_heads import BadHeadError, absolute, authority, endpoint, parse
from crawler.net.guard.request_head import referrer, request_head
from crawler.net.guard.traffic_ledger import FailureError
from crawler.pages.pictures import icon_as_png, inline_picture
from crawler.probe.front_page_judge import FrontPageJudge
from crawler.probe.html.html_facts import read_html
from crawler.probe.judge_messages import FrontPageAnswer
from crawler.probe.kit_index import KitIndex
from crawler.probe.picture_sheet import draws_with_shadows, inline_pictures, sheet_of, tiled_pictures
from crawler.sources.feeds.input_lists import entries_given
from crawler.sources.mail.html_links import in_html
from crawler.sources.mail.mail_urls import in_picture
from detector.brands import load_library
from detector.brands.logo_pictures import render_picture
from detector.errors import ClonewatchError
from detector.model import Capture, PageFacts, from_json
from detector.phones.number_text import find_in_text
from detector.present.defang import defang
from detector.present.legible import excerpt, one_line, page_url, safe_url, sentence, visible
from detector.sentences import without_secrets
from detector.signals.capture_view import UnreadablePicture, decode_picture
from tests.support.program import make_brand

OBEYED = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *map(chr, range(0x2028, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
OBEYED = (OBEYED | set("\u061c\u200e\u200f")) - {"\t", "\n"}


def html(data: bytes) -> None:
    """Read page facts from a document; the first line is the answer's content type."""
    head, _, body = data.partition(b"\n")
    page = read_html(body, "https://suspect.example/a/b?c#d", head.decode("latin-1"))
    assert from_json(msgspec.json.encode(page.facts), PageFacts) is not None
    for address in in_html(body.decode("utf-8", "replace")):
        assert read_address(address) == address, "an address that changes when it is read again"


def url(data: bytes) -> None:
    """Read an address in every way that the program does."""
    text = data.decode("utf-8", "surrogatepass") if _is_text(data) else data.decode("utf-8", "replace")
    with suppress(BadUrl):
        found = read_address(text)
        assert found.isascii(), "an address that is not ASCII"
        assert read_address(found) == found, "an address that changes when it is read again"
        assert read_address(defang(found)) == found, "an address that changes when it is defanged and read"
        assert all(read_address(inner) == inner for inner in unwrapped(found)), "an inner address that changes"
    for found in find_addresses(text):
        assert read_address(found) == found, "an address in text that changes when it is read again"
    for entry in entries_given(text[:500]):
        assert bool(entry.address) != bool(entry.problem), "an entry that is neither read nor refused"
    endpoint(text)
    inline_picture(text)
    for read in (absolute, authority):
        with suppress(BadHeadError, ValueError):
            read(text)
    with suppress(FailureError, ValueError):
        assert "\n" not in referrer(text), "a referrer of two lines"


def shown_text(data: bytes) -> None:
    """Write hostile text for people."""
    text = data.decode("utf-8", "surrogatepass") if _is_text(data) else data.decode("utf-8", "replace")
    for written in (visible(text), safe_url(text), page_url(text), excerpt(text, 500)):
        assert OBEYED.isdisjoint(written), "a character that a terminal obeys"
        written.encode()
    for written in (one_line(text, 200), sentence(text, 200, ("a.example",))):
        assert OBEYED.isdisjoint(written), "a character that a terminal obeys"
        assert "\n" not in written, "two lines"
    without_secrets(text)
    defang(text)
    find_in_text(text)


def picture(data: bytes) -> None:
    """Decode a picture in every way but for QR codes."""
    with suppress(UnreadablePicture):
        decode_picture(data, 1_000_000)
    icon_as_png(data)


def qr_code(data: bytes) -> None:
    """Search a picture for QR codes."""
    if len(data) < 20_000:
        list(in_picture(data))


def http_head(data: bytes) -> None:
    """Parse and write heads of HTTP messages."""
    for lenient in (False, True):
        with suppress(BadHeadError):
            head = parse(data, lenient=lenient)
            head.content_length()
            head.body_length(b"GET")
            head.keeps_open()
            head.end_to_end()
    text = data.decode("latin-1")
    with suppress(ValueError, FailureError):
        sent = request_head("/", "a.example", [("Referer", text)])
        assert sent.count(b"\r\n") == request_head("/", "a.example", [("Referer", "x")]).count(b"\r\n"), "one line more"


def stored_json(data: bytes) -> None:
    """Read stored JSON and messages of the browser."""
    for kind in (Capture, PageFacts):
        with suppress(msgspec.MsgspecError, ValueError, RecursionError):
            from_json(data, kind)
    with suppress(ValueError, RecursionError):
        parse_devtools(data)


def sheet(data: bytes) -> None:
    """Lay out the pictures of a front page; the whole input is also read as one picture, SVG or not."""
    found = [*inline_pictures(data), *tiled_pictures(data), data]
    draws_with_shadows(data)
    sheet_of(found[:6])
    with suppress(ClonewatchError):
        render_picture(Path("logo.svg"), data)


def front_page(data: bytes) -> None:
    """Judge a front page, as the processes of ``probe`` do; the first line is its content type."""
    head, _, body = data.partition(b"\n")
    place = "https://suspect.example/a"
    judged = _judge().judge(FrontPageAnswer(place, place, 200, head.decode("latin-1"), body, complete=True))
    assert 0.0 <= judged.score <= 1.0, "a score out of range"


@cache
def _judge() -> FrontPageJudge:
    """A judge for one brand of the tests, made once."""
    with tempfile.TemporaryDirectory() as folder:
        return FrontPageJudge(load_library((make_brand(Path(folder)),)), KitIndex.build([]))


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
