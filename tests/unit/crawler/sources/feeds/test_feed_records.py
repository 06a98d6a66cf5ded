"""Feeds in the shapes that are published, whole, packed, cut off and broken."""

from __future__ import annotations

import bz2
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.feeds import FeedReader, FeedRecord
from crawler.sources.feeds.feed_records import MAX_LINE

LIMIT = 1_000_000


def read(data: bytes, *, limit: int = LIMIT, chunk: int = 7, **options: str) -> tuple[list[FeedRecord], FeedReader]:
    reader = FeedReader((data[start : start + chunk] for start in range(0, len(data), chunk)), limit=limit, **options)
    return list(reader.records()), reader


def urls(data: bytes, **options: object) -> list[str]:
    records, reader = read(data, **options)  # type: ignore[arg-type]
    assert reader.fault is None
    return [record.url for record in records]


LINES = b"# list\n\nhttp://a.example/x\r\n  hxxps://b[.]example/ # seen today\nplain.example\n127.0.0.1 hosts.example\n; end\n"


@pytest.mark.parametrize(
    "packed",
    [LINES, gzip.compress(LINES), bz2.compress(LINES), gzip.compress(gzip.compress(LINES)), b"\xef\xbb\xbf" + LINES,
     "\ufeff".encode("utf-16-le") + LINES.decode().encode("utf-16-le"), gzip.compress(LINES[:30]) + gzip.compress(LINES[30:])],
    ids=["plain", "gzip", "bzip2", "gzip in gzip", "byte order mark", "utf-16", "two gzip members"],
)  # fmt: skip
def test_a_list_however_it_is_packed(packed: bytes) -> None:
    assert urls(packed) == ["http://a.example/x", "hxxps://b[.]example/", "plain.example", "hosts.example"]


def test_urlhaus_csv_with_its_header_in_a_comment() -> None:
    data = b'# URLhaus\n#\n# id,dateadded,url,url_status\n"1","2026-01-01","http://x.example/a,b","online"\n'
    assert urls(data) == ["http://x.example/a,b"]


def test_jpcert_csv_names_the_brand() -> None:
    records, _ = read(b"date,URL,description\n2019/01/04,http://x.example/,American Express\n")
    assert records == [FeedRecord("http://x.example/", "American Express")]


def test_csv_without_a_header_other_delimiters_and_quoted_line_breaks() -> None:
    assert urls(b"1;2026;http://x.example/\n2;2026;http://y.example/\n") == ["http://x.example/", "http://y.example/"]
    assert urls(b'id,url,note\n1,http://x.example/,"two\nlines"\n2,http://y.example/,\n') == [
        "http://x.example/",
        "http://y.example/",
    ]


def test_csv_with_configured_columns() -> None:
    records, reader = read(
        b"link,victim\nhttp://x.example/,dhl\n\nonly-one-cell\n", form="csv", url_field="Link", brand_field="victim"
    )
    assert records[0] == FeedRecord("http://x.example/", "dhl")
    assert reader.fault is None


PHISHTANK = [{"phish_id": 1, "url": "http://a.example/", "target": "PayPal", "details": [{"ip_address": "192.0.2.1"}]}]


@pytest.mark.parametrize(
    "value",
    [
        PHISHTANK,
        ["http://a.example/"],
        {"data": {"urls": ["http://a.example/"]}, "total": 1},
        {"1": [{"url": "http://a.example/"}], "2": []},
        {"url": "http://a.example/", "tags": ["x", "y"]},
    ],
    ids=["phishtank", "strings", "nested list", "urlhaus", "one object"],
)
def test_json_shapes(value: object) -> None:
    assert urls(json.dumps(value).encode()) == ["http://a.example/"]
    assert urls(json.dumps(value, indent=1).encode(), chunk=1) == ["http://a.example/"]


def test_phishtank_names_the_brand_and_json_lines_work() -> None:
    assert read(json.dumps(PHISHTANK).encode())[0] == [FeedRecord("http://a.example/", "PayPal")]
    assert urls(b'{"url": "http://a.example/"}\n{"url": "http://b.example/"}\n') == [
        "http://a.example/",
        "http://b.example/",
    ]


def test_an_object_larger_than_a_value_may_be_is_gone_through() -> None:
    entries = [{"url": f"http://{number}.example/", "pad": "x" * 100} for number in range(12_000)]
    found = urls(json.dumps({"meta": {"count": 1}, "entries": entries}).encode(), limit=10_000_000, chunk=65536)
    assert len(found) == 12_000


def test_half_a_json_gives_what_was_readable_and_the_error() -> None:
    whole = json.dumps([{"url": f"http://{number}.example/"} for number in range(10)]).encode()
    records, reader = read(whole[:100])
    assert [record.url for record in records] == ["http://0.example/", "http://1.example/", "http://2.example/"]
    assert reader.fault == "the JSON ends too early"


def test_json_broken_in_the_middle() -> None:
    records, reader = read(b'[{"url": "http://a.example/"}, {broken}, {"url": "http://b.example/"}]')
    assert [record.url for record in records] == ["http://a.example/"]
    assert reader.fault is not None
    assert reader.fault.startswith("the JSON is not valid")


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"a":' * 200_000])
def test_deep_nesting_is_refused(data: bytes) -> None:
    records, reader = read(data, chunk=65536)
    assert records == []
    assert reader.fault == "the JSON is nested too deeply"


def test_a_bomb_is_cut() -> None:
    bomb = gzip.compress(b"http://a.example/\n" * 3_000_000)
    records, reader = read(bomb, limit=100_000, chunk=65536)
    assert 0 < len(records) <= 100_000 // 18
    assert reader.fault == "cut after 100000 bytes (discover.max_feed_bytes)"


def test_a_bomb_in_a_bomb_is_cut() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 50_000_000))
    records, reader = read(bomb, limit=100_000, chunk=65536)
    assert records == []
    assert "cut after 100000 bytes" in (reader.fault or "")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_cut_off_archive_gives_what_was_readable(pack: type[bytes]) -> None:
    lines = b"".join(b"http://%d.example/\n" % number for number in range(100_000))
    packed = pack(lines)
    records, reader = read(packed[: len(packed) // 2], limit=10_000_000, chunk=65536)
    assert "ends too early" in (reader.fault or "")
    if pack is gzip.compress:
        assert len(records) > 1000
        assert records[-1].url == f"http://{len(records) - 1}.example/"  # no half line


def test_a_broken_archive() -> None:
    packed = bytearray(gzip.compress(b"http://a.example/\n" * 1000))
    packed[12:40] = b"\xff" * 28
    _, reader = read(bytes(packed))
    assert "gzip" in (reader.fault or "")


def test_binary_lines_and_overlong_lines_are_counted_not_read() -> None:
    data = b"http://a.example/\nhttp://b\x00.example/\n" + b"x" * (MAX_LINE * 3) + b"\nhttp://c.example/\n"
    records, reader = read(data, chunk=4096)
    assert [record.url for record in records] == ["http://a.example/", "http://c.example/"]
    assert reader.junk == 2


def test_a_picture_is_refused_by_name() -> None:
    records, reader = read(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    assert records == []
    assert reader.fault == "it is a picture"


def test_a_web_page_is_no_feed() -> None:
    _, reader = read(b"  <!DOCTYPE html><html><body>http://a.example/</body></html>")
    assert reader.fault == "it is a web page or XML, not a list of URLs"


def test_an_empty_feed_has_no_records_and_no_fault() -> None:
    records, reader = read(b"")
    assert (records, reader.junk, reader.fault) == ([], 0, None)


@given(st.binary(max_size=400), st.sampled_from(["auto", "text", "csv", "json"]), st.integers(1, 50))
def test_any_bytes_are_taken(data: bytes, form: str, chunk: int) -> None:
    records, _ = read(data, form=form, chunk=chunk)
    assert all(record.url for record in records)


def test_stix_bundles() -> None:
    number = "--00000000-0000-4000-8000-000000000001"
    objects = [
        {"type": "identity", "id": "identity" + number, "name": "A CERT"},
        {
            "type": "indicator",
            "id": "indicator" + number,
            "pattern_type": "stix",
            "pattern": "[url:value = 'http://a.example/it\\'s' OR domain-name:value='b.example'] AND [file:size > 1]",
        },
        {
            "type": "indicator",
            "id": "indicator" + number,
            "pattern_type": "yara",
            "pattern": "[url:value = 'http://no.example/']",
        },
        {
            "type": "indicator",
            "id": "indicator" + number,
            "revoked": True,
            "pattern": "[url:value = 'http://no.example/']",
        },
        {"type": "url", "id": "url" + number, "value": "https://c.example/"},
        {"type": "domain-name", "id": "domain-name" + number, "value": "d.example"},
        {"type": "relationship", "id": "relationship" + number, "source_ref": "x", "target_ref": "y"},
    ]
    wanted = ["http://a.example/it's", "b.example", "https://c.example/", "d.example"]
    bundle = {"type": "bundle", "id": "bundle" + number, "objects": objects}
    assert urls(json.dumps(bundle).encode()) == wanted
    taxii = {"more": False, "objects": objects}
    assert urls(json.dumps(taxii).encode()) == wanted
    _, reader = read(json.dumps(bundle).encode())
    assert reader.junk == 0


def test_misp_events() -> None:
    def attribute(kind: str, value: str, *, to_ids: object = True) -> dict[str, object]:
        return {"type": kind, "category": "Network activity", "to_ids": to_ids, "value": value, "uuid": "x"}

    event = {
        "Event": {
            "info": "Phishing",
            "Attribute": [
                attribute("url", "http://a.example/"),
                attribute("link", "https://report.example/about-it", to_ids=False),
                attribute("domain|ip", "b.example|192.0.2.1"),
                attribute("sha256", "00"),
                attribute("hostname", "c.example", to_ids="1"),
            ],
            "Object": [{"name": "phishing", "Attribute": [attribute("url", "http://d.example/")]}],
        }
    }
    wanted = ["http://a.example/", "b.example", "c.example", "http://d.example/"]
    assert urls(json.dumps(event).encode()) == wanted
    assert urls(json.dumps({"response": [event, event]}).encode()) == wanted * 2


def test_tables_without_a_header_and_addresses_with_commas() -> None:
    assert urls(b"http://a.example/,PayPal,1\n" * 4) == ["http://a.example/"] * 4
    assert urls(b"http://a.example/;2026-01-01\n" * 4) == ["http://a.example/"] * 4
    assert urls(b"http://a.example/x,y\n" * 4) == ["http://a.example/x,y"] * 4


def test_an_entry_that_is_not_read_is_named_with_its_place() -> None:
    _, reader = read(b"http://a.example/\nhxxp://192 .0.2.8\nnonsense\nhello to all\n192.0.2\n10.30\n")
    assert reader.junk == 5
    assert reader.remarks.sentence().startswith(
        "line 2, 'hxxp://192 .0.2.8': not read, holds a blank within the host; line 3, "
    )
    assert reader.remarks.sentence().endswith("; 2 more entries like these")
    _, reader = read(b'[{"url": "http://a.example/"}, {"url": "hxxp://192"}]')
    assert reader.remarks.sentence().startswith("entry 2, 'hxxp://192': not read, ")
