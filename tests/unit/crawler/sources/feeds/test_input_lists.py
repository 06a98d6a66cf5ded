"""Entries of commands: arguments and lists, packed or not, each read or refused with its line."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from crawler.sources.feeds.input_lists import GivenEntry, GivenList, entries_given, given_addresses
from detector.errors import UsageError

LINES = "\ufeff# list\nfoo.example\r\nhost.example:8080\nhxxps://a[.]example/x\n\nnonsense\n||b.example^\n0.0.0.0 c.example\n"
FOUND = [
    "http://foo.example/", "http://host.example:8080/", "https://a.example/x", "", "http://b.example/", "http://c.example/",
]  # fmt: skip


def zipped(data: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("list.txt", data)
    return kept.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, zipped])
@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_lists_of_every_kind(tmp_path: Path, pack: type[bytes], code: str) -> None:
    listed = tmp_path / "list"
    listed.write_bytes(pack(LINES.removeprefix("\ufeff").encode(code) if code == "utf-16" else LINES.encode(code)))
    given = GivenList(str(listed))
    assert [entry.address for entry in given.entries()] == FOUND
    assert given.fault is None
    assert given.unread.endswith("list: line 6, 'nonsense': not read, 'nonsense' names no host")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    listed = tmp_path / "list.7z"
    listed.write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    given = GivenList(str(listed))
    assert list(given.entries()) == []
    assert given.fault == "it is a 7z archive; unpack it, or use zip or tar"
    with pytest.raises(UsageError, match="cannot be read"):
        list(GivenList(str(tmp_path / "absent")).entries())


def test_arguments_and_lists_are_read_alike() -> None:
    arguments = [
        "foo.example",
        "https://netflix.com@evil.example/",
        "hxxp://192 [.] 0 [.] 2 [.] 8",
        "a.example b.example",
    ]
    given = list(given_addresses(arguments, None))
    assert [entry.address for entry in given] == [
        "http://foo.example/", "https://netflix.com@evil.example/", "http://192.0.2.8/", "",
    ]  # fmt: skip
    assert given[3].problem == "it holds no single address"


def test_the_fast_way_for_names_is_the_same_as_the_slow_one() -> None:
    for name in ("a.example", "a-b.co.uk", "xn--bcher-kva.example", "1.example", "a.xn--p1ai"):
        assert list(entries_given(name)) == [GivenEntry(name, f"http://{name}/")]
        assert [entry.address for entry in entries_given(f" {name}")] == [f"http://{name}/"]
    assert [entry.problem for entry in entries_given("1.2")] == ["'1.2' is a part of an IPv4 address"]
