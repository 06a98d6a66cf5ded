"""Targets for the fuzzer: one function a parser of hostile bytes, which may raise only what its docstring promises."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec

from crawler.browser.cdp.messages import parse as parse_devtools
from crawler.discovery.urls import BadUrl, normalise, refang
from crawler.examine.hosting_answer import read_network
from crawler.examine.registration_answer import read_answer
from crawler.net.as_numbers import _origin
from crawler.net.guard.http_heads import BadHeadError, absolute, authority, endpoint, parse
from crawler.net.guard.request_head import referrer, request_head
from crawler.net.guard.traffic_ledger import FailureError
from crawler.net.rdap.rdap_servers import _servers
from crawler.pages.pictures import icon_as_png, inline_picture
from crawler.probe.front_page_judge import FrontPageJudge
from crawler.probe.html.html_facts import read_html
from crawler.probe.judge_messages import FrontPageAnswer
from crawler.probe.kit_index import KitIndex
from crawler.probe.picture_sheet import draws_with_shadows, inline_pictures, sheet_of, tiled_pictures
from crawler.sources.ct.certstream_messages import names_in
from crawler.sources.ct.checkpoint import LogKey, TreeHeadError, read_checkpoint, read_tree_head
from crawler.sources.ct.log_entries import EntryError, names_of, read_data_tile, read_entry, read_names_tile
from crawler.sources.ct.log_list import LogListError, read_log_list
from crawler.sources.feeds import FeedReader
from crawler.sources.feeds.decompression import FeedFault, text_of, unpack
from crawler.sources.feeds.zone_file import ZoneFile, lines_of, listed_names
from crawler.sources.mail.mail_urls import in_picture
from crawler.sources.mail.reported_mail import MailError, read_report
from detector.brands import load_library
from detector.brands.brand_loader import load_brand
from detector.brands.logo_pictures import render_picture
from detector.bundle.bundle_layout import parse_sums
from detector.bundle.bundle_verifier import verify_bundle
from detector.bundle.evidence_manifest import read_manifest
from detector.bundle.stamp import check_stamp
from detector.config.config_file import load_config
from detector.errors import ClonewatchError, ConfigError
from detector.model import Capture, PageFacts, from_json
from detector.phones.number_text import find_in_text
from detector.present.defang import defang
from detector.present.legible import excerpt, one_line, page_url, safe_url, sentence, visible
from detector.sentences import without_secrets
from detector.signals.capture_view import UnreadablePicture, decode_picture
from tests.support.program import make_brand

LIMIT = 1 << 20
"""Bytes after which a feed is cut."""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
OBEYED = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *map(chr, range(0x2028, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
OBEYED = (OBEYED | set("\u061c\u200e\u200f")) - {"\t", "\n"}


def mail(data: bytes) -> None:
    """Read a reported mail."""
    with suppress(MailError):
        report = read_report(data, "salt")
        assert all(url and len(url) < 10_000 for url in report.urls), "an address without bounds"


def feed(data: bytes) -> None:
    """Read a feed: the first byte chooses the format, the rest is its text."""
    form = ("auto", "text", "csv", "json")[data[0] % 4] if data else "auto"
    reader = FeedReader([data[1:]], limit=LIMIT, form=form, name="list.json" if data[:1] == b"\xff" else "")
    for record in reader.records():
        assert record.url.strip() == record.url != "", "an entry without an address"
    text = "".join(_texts(data[1:]))
    assert len(text) <= LIMIT, "more text than the limit"


def zone(data: bytes) -> None:
    """Read a zone file and a list of names."""
    with suppress(FeedFault):
        for name in ZoneFile(lines_of(text_of(unpack([data], LIMIT)))).names():
            assert len(name) <= 253, "a name that is none"
    with suppress(FeedFault):
        for name in listed_names(lines_of(text_of(unpack([data], LIMIT)))):
            assert len(name) <= 253, "a name that is none"


def html(data: bytes) -> None:
    """Read page facts from a document; the first line is the answer's content type."""
    head, _, body = data.partition(b"\n")
    page = read_html(body, "https://suspect.example/a/b?c#d", head.decode("latin-1"))
    assert from_json(msgspec.json.encode(page.facts), PageFacts) is not None


def url(data: bytes) -> None:
    """Read an address in every way that the program does."""
    text = data.decode("utf-8", "surrogatepass") if _is_text(data) else data.decode("utf-8", "replace")
    refang(text)
    with suppress(BadUrl):
        found = normalise(text)
        assert found.isascii(), "an address that is not ASCII"
        assert normalise(found) == found, "an address that changes when it is read again"
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


def certificate(data: bytes) -> None:
    """Read certificates and entries of logs."""
    names_of(data)
    with suppress(EntryError):
        list(read_data_tile(data))
    with suppress(EntryError):
        read_entry(data[: len(data) // 2], data[len(data) // 2 :])
    with suppress(EntryError):
        list(read_names_tile(data))


def log_head(data: bytes) -> None:
    """Read what a log says of itself, and the list of logs."""
    with suppress(TreeHeadError):
        LogKey(data)
    with suppress(TreeHeadError):
        read_checkpoint(data, "log.example/2026", _KEY)
    with suppress(ValueError, RecursionError):
        answer = json.loads(data)
        with suppress(TreeHeadError):
            read_tree_head(answer, _KEY)
        with suppress(LogListError):
            read_log_list(answer, NOW)


def certstream(data: bytes) -> None:
    """Read a message of a certstream server."""
    with suppress(EntryError):
        names_in(data)


def bundle(data: bytes) -> None:
    """Verify a bundle that is a zip file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        path.write_bytes(data)
        with suppress(ClonewatchError):
            verify_bundle(path)
    with suppress(ValueError, ClonewatchError):
        read_manifest(data)
    with suppress(ValueError, ClonewatchError):
        parse_sums(data)


def stamp(data: bytes) -> None:
    """Check the answer of a time-stamp authority."""
    with suppress(ValueError):
        check_stamp(data, b"manifest", roots=[])


def registry(data: bytes) -> None:
    """Read the answers of a registry and the list of registries."""
    with suppress(ValueError):
        found = read_answer(data)
        assert all("\n" not in contact for contact in found.abuse_contacts), "a contact of two lines"
    with suppress(ValueError, RecursionError):
        _servers(data)
    with suppress(ValueError):
        read_network(data, "192.0.2.8")
    _origin(data.decode("utf-8", "replace"), "192.0.2.8")


def settings(data: bytes) -> None:
    """Read a configuration, and a brand's file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "clonewatch.toml").write_bytes(data)
        with suppress(ConfigError):
            load_config(place)
        (place / "brand.toml").write_bytes(data)
        with suppress(ClonewatchError):
            load_brand(place)


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
    assert OBEYED.isdisjoint("".join(judged.reasons)), "a reason that a terminal obeys"


@cache
def _judge() -> FrontPageJudge:
    """A judge for one brand of the tests, made once."""
    with tempfile.TemporaryDirectory() as folder:
        return FrontPageJudge(load_library((make_brand(Path(folder)),)), KitIndex.build([]))


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        mail, feed, zone, html, url, shown_text, picture, qr_code, certificate, log_head, certstream, bundle, stamp, registry,
        settings, http_head, stored_json, sheet, front_page,
    )
}  # fmt: skip
"""All targets by name."""


def _texts(data: bytes) -> list[str]:
    found: list[str] = []
    with suppress(FeedFault):
        found.extend(text_of(unpack([data], LIMIT)))
    return found


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _key() -> LogKey:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.derive_private_key(7, ec.SECP256R1()).public_key()
    return LogKey(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


_KEY = _key()
