"""Lists in archives, however they are packed; what cannot be read is refused by name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.feeds import FeedReader

LISTS = {"a.txt": b"http://a.example/x\nhttp://b.example/y\n", "b.csv": b"id,url\n1,http://c.example/z\n"}
FOUND = ["http://a.example/x", "http://b.example/y", "http://c.example/z"]


def zipped(files: dict[str, bytes] = LISTS, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return kept.getvalue()


def tarred(files: dict[str, bytes] = LISTS, mode: str = "w", format: int = tarfile.PAX_FORMAT) -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode=mode, format=format) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return kept.getvalue()


def read(data: bytes, *, limit: int = 1_000_000, chunk: int = 700, name: str = "") -> tuple[list[str], FeedReader]:
    reader = FeedReader((data[at : at + chunk] for at in range(0, len(data), chunk)), limit=limit, name=name)
    return [record.url for record in reader.records()], reader


@pytest.mark.parametrize(
    "packed",
    [
        zipped(), zipped(method=zipfile.ZIP_STORED), zipped(method=zipfile.ZIP_LZMA), zipped(method=zipfile.ZIP_BZIP2),
        zipped({"folder/": b"", **LISTS, "__MACOSX/._a.txt": b"\0\1", ".DS_Store": b"\0\1"}),
        zipped({"inner.zip": zipped()}), zipped({f"{name}.gz": gzip.compress(data) for name, data in LISTS.items()}),
        tarred(), tarred(mode="w:gz"), tarred(mode="w:xz"), tarred(mode="w:bz2"), tarred(format=tarfile.USTAR_FORMAT),
        tarred(format=tarfile.GNU_FORMAT), tarred({"x" * 150 + ".txt": LISTS["a.txt"], "b.csv": LISTS["b.csv"]}),
        lzma.compress(b"\n".join(map(str.encode, FOUND))), lzma.compress(b"\n".join(map(str.encode, FOUND)), lzma.FORMAT_ALONE),
        gzip.compress(zipped()), lzma.compress(gzip.compress("\n".join(FOUND).encode())),
    ],
    ids=[
        "zip", "stored", "zip of lzma", "zip of bzip2", "zip of a Mac", "zip in zip", "gzip in zip", "tar", "tar.gz", "tar.xz",
        "tar.bz2", "ustar", "GNU tar", "long name", "xz", "lzma", "gzip of a zip", "xz of gzip",
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk", [37, 65536])
def test_every_file_of_an_archive_is_read(packed: bytes, chunk: int) -> None:
    found, reader = read(packed, chunk=chunk)
    assert reader.fault is None
    assert found == FOUND
    assert reader.junk == 0


def encrypted() -> bytes:
    data = bytearray(zipped())
    for at in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[at] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "a 7z archive"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(99), "a RAR archive"),
        (b"\x28\xb5\x2f\xfd" + bytes(99), "packed by zstd"),
        (b"%PDF-1.7\n" + bytes(99), "a PDF file"),
        (b"SQLite format 3\0" + bytes(99), "a SQLite database"),
        (gzip.compress(b"PAR1" + bytes(99)), "a Parquet file"),
        (zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "an Office document"),
        (zipped({"evil.apk": zipped({"AndroidManifest.xml": b""})}), "a program"),
        (encrypted(), "a.txt in it is encrypted"),
        (zipped()[:-30], "ends too early"),
        (tarred(mode="w:gz")[:-40], "ends too early"),
        (tarred()[:700], "ends too early"),
        (lzma.compress(LISTS["a.txt"])[:-8], "ends too early"),
        (zipped({f"{number}.txt": b"" for number in range(1001)}), "more than 1000 files"),
        (zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped()})})}), "in more than 2 others"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(data: bytes, said: str) -> None:
    found, reader = read(data)
    assert said in (reader.fault or "")
    assert found in ([], FOUND, FOUND[:2])


@pytest.mark.parametrize(
    "pack",
    [
        lambda data: zipped({"a.txt": data}), lambda data: zipped({"a.txt": data}, zipfile.ZIP_BZIP2), lzma.compress,
        lambda data: tarred({"a.txt": data}, "w:gz"), lambda data: zipped({"a.zip": zipped({"b.txt": data})}),
        lambda data: zipped({"a.gz": gzip.compress(data)}), lambda data: bz2.compress(tarred({"a.txt": data})),
        lambda data: zipped({f"{number}.txt": data[:100_000] for number in range(40)}),
    ],
)  # fmt: skip
def test_bombs_are_cut_at_the_limit(pack: Callable[[bytes], bytes]) -> None:
    found, reader = read(pack(b"http://a.example/\n" * 40_000), limit=200_000, chunk=65536)
    assert len(found) <= 200_000 // 18 + 2
    assert "discover.max_feed_bytes" in (reader.fault or "")


@given(st.data())
def test_any_change_of_an_archive_is_taken(data: st.DataObject) -> None:
    packed = bytearray(
        data.draw(st.sampled_from((zipped(), tarred(), tarred(mode="w:gz"), lzma.compress(b"http://a.example/\n"))))
    )
    for _ in range(data.draw(st.integers(1, 6))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    found, _ = read(bytes(packed))
    assert len(found) < 100
