"""Bundles made by an enemy: refused in a sentence, in little time and memory, and nothing is written or followed."""

from __future__ import annotations

import os
import tracemalloc
import zipfile
from pathlib import Path

import msgspec
import pytest

from detector.bundle import verify_bundle
from detector.bundle.bundle_reader import MAX_FILES
from detector.bundle.evidence_manifest import read_manifest
from detector.canonical_json import canonical_json
from tests.support.store.bundles import repack, said


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_bundle_that_somebody_packed_is_intact(bundle: Path, tmp_path: Path, method: int) -> None:
    path = repack(bundle, tmp_path / "packed.zip", lambda archive: None, method)
    assert verify_bundle(path).problems == []


@pytest.mark.parametrize(
    "name",
    [
        "../escape.png",
        "/etc/escape",
        "bundle/../../escape",
        "bundle\\..\\escape",
        "C:/escape",
        "bundle/\x1b[2Jred",
        "bundle/a\u202egpj",
    ],
)
def test_names_that_lead_out_or_hide_something(bundle: Path, tmp_path: Path, name: str) -> None:
    path = repack(bundle, tmp_path / "slip.zip", lambda archive: archive.writestr(zipfile.ZipInfo(name), b"x"))
    before = sorted(tmp_path.rglob("*"))
    assert "is not a valid name in a bundle; it was not opened" in said(verify_bundle(path))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_a_zip_file(bundle: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("bundle/files/link.png")
    link.external_attr = 0o120777 << 16
    path = repack(bundle, tmp_path / "link.zip", lambda archive: archive.writestr(link, b"/etc/passwd"))
    assert "files/link.png is a symbolic link; it was not followed" in said(verify_bundle(path))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice(bundle: Path, tmp_path: Path) -> None:
    path = repack(bundle, tmp_path / "twice.zip", lambda archive: archive.writestr("bundle/manifest.json", b"{}"))
    assert "bundle/manifest.json is in the zip file twice" in said(verify_bundle(path))


def test_files_beside_the_bundle(bundle: Path, tmp_path: Path) -> None:
    path = repack(bundle, tmp_path / "beside.zip", lambda archive: archive.writestr("other/x.png", b"x"))
    assert "other/x.png lies beside the bundle" in said(verify_bundle(path))


def test_a_zip_bomb_is_read_no_further_than_the_manifest_says(bundle: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    (bundle / "files" / "full-page.png").unlink()

    def add(archive: zipfile.ZipFile) -> None:
        with archive.open("bundle/files/full-page.png", "w") as stream:
            for _ in range(300):
                stream.write(bytes(1_000_000))
        archive.writestr("bundle/files/surplus.png", bytes(1000))

    repack(bundle, bomb, add, zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    sentences = said(verify_bundle(bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "files/full-page.png was altered within bytes 0 to" in sentences
    assert "it is longer than when it was sealed" in sentences
    assert peak < 20_000_000


def test_more_files_than_any_bundle(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MAX_FILES + 1):
            archive.writestr(f"{number}", b"")
    assert f"more than {MAX_FILES} files" in said(verify_bundle(path))
    # the same as zip64, whose counts stand elsewhere
    path.write_bytes(path.read_bytes()[:-22] + b"PK\6\7" + bytes(16) + path.read_bytes()[-22:])
    assert f"more than {MAX_FILES} files" in said(verify_bundle(path))


def test_links_and_pipes_in_a_folder(bundle: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root:x")
    (bundle / "files" / "screenshot.png").unlink()
    (bundle / "files" / "screenshot.png").symlink_to(secret)
    (bundle / "files" / "folder").symlink_to("/")
    os.mkfifo(bundle / "files" / "pipe")
    sentences = said(verify_bundle(bundle))
    assert "files/screenshot.png is a symbolic link; it was not followed" in sentences
    assert "files/folder is a symbolic link" in sentences
    assert "files/pipe is not a regular file; it was not opened" in sentences
    assert "files/screenshot.png is missing" in sentences


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
        (b'{"a":' * 100_000, "nested|not JSON"),
        (b'{"schema":"x","schema":"y"}', "canonical"),
        (b"[]", "lacks members of a manifest"),
        (b'{"files":[]}', "lacks members of a manifest"),
        (b'{"a":1e999}', "out of range"),
        (b'{"a":12345678901234567890}', "safe integer"),
        (b"x" * 17_000_000, "longer than 16000000 bytes"),
    ],
)
def test_manifests_that_are_none(bundle: Path, manifest: bytes, sentence: str) -> None:
    (bundle / "manifest.json").write_bytes(manifest)
    result = verify_bundle(bundle)
    said(result)
    assert any(part in problem for part in sentence.split("|") for problem in result.problems)


def _change(bundle: Path, **fields: object) -> str:

    path = bundle / "manifest.json"
    plain = msgspec.json.decode(path.read_bytes())
    plain["files"][0] |= fields.pop("file", {})
    path.write_bytes(canonical_json(plain | fields))
    return said(verify_bundle(bundle))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"file": {"name": "../../etc/passwd"}}, "which is not a valid name in a bundle"),
        ({"file": {"name": "files/../x"}}, "which is not a valid name in a bundle"),
        ({"file": {"name": "files/a\x00b"}}, "which is not a valid name in a bundle"),
        ({"file": {"name": "manifest.json"}}, "which is not a valid name in a bundle"),
        ({"file": {"name": "files/Record.JSON"}}, "twice"),
        ({"file": {"size": 10**15}}, "blocks of files/screenshot.png, which has"),
        ({"file": {"size": -1}}, "malformed"),
        ({"file": {"size": 10**15, "missing": "x"}}, "more than the 4000000000 that are read"),
        ({"file": {"sha256": "zz"}}, "malformed"),
        ({"block_size": 0}, "out of range"),
        ({"block_size": 1}, "out of range"),
        ({"sequence": 0}, "malformed"),
        ({"previous": "x"}, "malformed"),
        ({"schema": "clonewatch.evidence/9\x1b[2J"}, "its schema is"),
        ({"signer": {"algorithm": "Ed25519", "public_key": "00" * 32}}, "is missing"),
        ({"signer": {"algorithm": "Ed25519", "public_key": "x"}}, "malformed"),
    ],
)
def test_manifests_that_lie(bundle: Path, fields: dict[str, object], sentence: str) -> None:
    assert sentence in _change(bundle, **fields)


def test_a_manifest_that_names_blocks_without_end_is_bounded_by_its_size(bundle: Path) -> None:
    plain = msgspec.json.decode((bundle / "manifest.json").read_bytes())
    plain["files"][0]["blocks"] = ["0" * 64] * 100_000
    data = canonical_json(plain)
    with pytest.raises(ValueError, match="blocks of"):
        read_manifest(data)
