"""Zip files that hold something beside their entries, or entries that no bundle has: said, or refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from detector.bundle import verify_bundle
from tests.support.store.bundles import repack, said


def _packed(bundle: Path, tmp_path: Path, change: Callable[[zipfile.ZipFile], None] = lambda archive: None) -> Path:
    return repack(bundle, tmp_path / "packed.zip", change, zipfile.ZIP_DEFLATED)


def _directory_at(data: bytes) -> int:
    return int.from_bytes(data[-6:-2], "little")


def _moved(data: bytes, at: int, junk: bytes) -> bytes:
    """The zip file with ``junk`` in front of its directory, whose end names the new place."""
    return data[:at] + junk + data[at:-6] + (at + len(junk)).to_bytes(4, "little") + data[-2:]


def _first_entry_swollen(data: bytes) -> bytes:
    """Five bytes behind the packed data of the last entry, which its sizes take in."""
    at = _directory_at(data)
    moved = bytearray(_moved(data, at, b"extra"))
    last = moved.rindex(b"PK\1\2")
    size = int.from_bytes(moved[last + 20 : last + 24], "little") + 5
    header = int.from_bytes(moved[last + 42 : last + 46], "little")
    moved[last + 20 : last + 24] = moved[header + 18 : header + 22] = size.to_bytes(4, "little")
    return bytes(moved)


def _with_bit(data: bytes, marker: bytes, offset: int, value: int) -> bytes:
    at = data.index(marker) + offset
    return data[:at] + bytes([data[at] ^ value]) + data[at + 1 :]


ZIP_TRICKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "junk in front": (lambda data: b"MZ" + bytes(98) + data, "100 bytes between the beginning and"),
    "another zip file in front": (lambda data: data + data, "between the beginning and"),
    "junk behind": (lambda data: data + b"x" * 7, "7 bytes behind its end that belong to no file"),
    "one byte behind": (lambda data: data + b"\0", "1 byte behind its end"),
    "junk in front of the directory": (lambda data: _moved(data, _directory_at(data), b"y" * 9), "9 bytes between"),
    "a comment": (lambda data: data[:-2] + b"\3\0abc", "has a comment of 3 bytes"),
    "an empty end behind": (lambda data: data + b"PK\5\6" + bytes(18), "manifest.json is missing"),
    "bytes behind an entry's packed data": (_first_entry_swollen, "has bytes behind its end in the zip file"),
    "another name in the local header": (lambda data: _with_bit(data, b"PK\3\4", 31, 1), "has another header"),
    "encrypted, says the directory": (lambda data: _with_bit(data, b"PK\1\2", 8, 1), "is encrypted"),
    "encrypted, says the local header": (lambda data: _with_bit(data, b"PK\3\4", 6, 1), "has another header"),
    "another method in the local header": (lambda data: _with_bit(data, b"PK\3\4", 8, 8), "has another header"),
    "an unknown method": (lambda data: _with_bit(data, b"PK\1\2", 10, 1), "compressed by an unusual method"),
    "a size of 4 GB": (lambda data: _with_bit(data, b"PK\1\2", 27, 0xFF), "has another header"),
    "an entry that begins in another": (lambda data: _with_bit(data, b"PK\1\2", 42, 1), "has another header"),
    "cut in the middle": (lambda data: data[: len(data) // 2], "neither a folder nor a zip file"),
    "cut in front of the end": (lambda data: data[:-22], "neither a folder nor a zip file"),
    "empty": (lambda data: b"", "neither a folder nor a zip file"),
    "an end alone": (lambda data: data[-22:], "neither a folder nor a zip file"),
}


@pytest.mark.parametrize("name", ZIP_TRICKS)
def test_a_zip_file_holds_nothing_but_its_entries(bundle: Path, tmp_path: Path, name: str) -> None:
    change, sentence = ZIP_TRICKS[name]
    path = _packed(bundle, tmp_path)
    assert verify_bundle(path).problems == []
    path.write_bytes(change(path.read_bytes()))
    assert sentence in said(verify_bundle(path))


def test_zip_files_of_other_programs_are_intact(bundle: Path, tmp_path: Path) -> None:
    def folders_and_times(archive: zipfile.ZipFile) -> None:
        for name in ("bundle/", "bundle/files/"):
            archive.writestr(zipfile.ZipInfo(name), b"")

    assert verify_bundle(_packed(bundle, tmp_path, folders_and_times)).problems == []
    # written to a pipe: sizes follow the data
    out = tmp_path / "streamed.zip"
    with out.open("wb") as raw, zipfile.ZipFile(cast(BinaryIO, _Unseekable(raw)), "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(bundle.rglob("*")):
            if file.is_file():
                archive.write(file, f"bundle/{file.relative_to(bundle).as_posix()}")
    assert verify_bundle(out).problems == []
    assert b"PK\7\x08" in out.read_bytes()


class _Unseekable:
    """A stream that cannot go back, as a pipe."""

    def __init__(self, raw: BinaryIO) -> None:
        self.write, self.flush = raw.write, raw.flush


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("bundle/manifest.json", "is in the zip file twice"),
        ("bundle/Manifest.JSON", "differ in case or form only"),
        ("bundle/FILES/screenshot.png", "differ in case or form only"),
        ("bundle/files/\uff53creenshot.png", "differ in case or form only"),
        ("bundle/extra/", "extra is a folder that no bundle has"),
        ("bundle/files/deep/", "files/deep is a folder that no bundle has"),
        ("bundle/manifest.json/", "manifest.json is a folder that no bundle has"),
        ("bundle/extra/file", "extra/file is not in the manifest"),
        ("bundle/files/./screenshot.png", "is not a valid name in a bundle"),
        ("bundle//files/screenshot.png", "is not a valid name in a bundle"),
        ("bundle/files/..", "is not a valid name in a bundle"),
        ("/bundle/files/x", "is not a valid name in a bundle"),
        ("bundle\\files\\x", "is not a valid name in a bundle"),
        ("c:x", "is not a valid name in a bundle"),
        ("bundle/files/x\x00y", "is not a valid name in a bundle"),
        ("bundle/files/" + "n" * 60_000, "is not in the manifest"),
    ],
)
def test_names_in_a_zip_file(bundle: Path, tmp_path: Path, name: str, sentence: str) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    assert sentence in said(verify_bundle(_packed(bundle, tmp_path, lambda archive: archive.writestr(info, b""))))


@pytest.mark.parametrize("kind", [0o140777, 0o120777, 0o060666, 0o020666, 0o010666])
def test_entries_that_are_no_files(bundle: Path, tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("bundle/files/screenshot2.png")
    info.external_attr = kind << 16
    path = _packed(bundle, tmp_path, lambda archive: archive.writestr(info, b"/etc/passwd"))
    assert "files/screenshot2.png" in said(verify_bundle(path))
