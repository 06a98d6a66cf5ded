"""Folders that hold something that no bundle has: said, or refused, and nothing is waited for."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from detector.bundle import verify_bundle
from detector.bundle.bundle_reader import MAX_FILES
from tests.support.store.bundles import said


def _make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made, pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        made.bind(path.name)


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


def _moved_and_linked(path: Path) -> None:
    path.symlink_to(path.rename(path.parents[1] / "moved"))


FOLDER_TRICKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "an empty folder": (lambda bundle: (bundle / "extra").mkdir(), "extra is a folder that no bundle has"),
    "an empty folder among the files": (lambda bundle: (bundle / "files" / "x").mkdir(), "files/x is a folder that no"),
    "a folder with a file": (
        lambda bundle: shutil.copytree(bundle / "files", bundle / "extra"),
        "extra/screenshot.png is not in the manifest",
    ),
    "folders in folders": (lambda bundle: (bundle / "a/b/c/d/e/f/g/h").mkdir(parents=True), "lies too deep"),
    "a hidden file": (lambda bundle: (bundle / ".hidden").write_bytes(b""), ".hidden is not in the manifest"),
    "a pipe for a picture": (
        lambda bundle: _replace(bundle / "files" / "screenshot.png", os.mkfifo),
        "files/screenshot.png is not a regular file; it was not opened",
    ),
    "a pipe for the manifest": (
        lambda bundle: _replace(bundle / "manifest.json", os.mkfifo),
        "manifest.json is missing",
    ),
    "a socket for a picture": (
        lambda bundle: _replace(bundle / "files" / "screenshot.png", _make_socket),
        "files/screenshot.png is not a regular file",
    ),
    "a folder for a picture": (
        lambda bundle: _replace(bundle / "files" / "screenshot.png", Path.mkdir),
        "files/screenshot.png is a folder that no bundle has",
    ),
    "a folder for the sums": (lambda bundle: _replace(bundle / "SHA256SUMS", Path.mkdir), "SHA256SUMS is missing"),
    "a link to the same picture": (
        lambda bundle: _moved_and_linked(bundle / "files" / "screenshot.png"),
        "files/screenshot.png is a symbolic link; it was not followed",
    ),
    "a link to a device": (
        lambda bundle: _replace(bundle / "README.txt", lambda path: path.symlink_to("/dev/zero")),
        "README.txt is a symbolic link",
    ),
    "a link to itself": (lambda bundle: (bundle / "loop").symlink_to("loop"), "loop is a symbolic link"),
    "the files are a link": (
        lambda bundle: _moved_and_linked(bundle / "files"),
        "files is a symbolic link",
    ),
    "a name in other letters": (
        lambda bundle: (bundle / "files" / "Screenshot.png").write_bytes(b""),
        "differ in case or form only",
    ),
    "a name that hides": (lambda bundle: (bundle / "a\u202egpj").write_bytes(b""), "is not in the manifest"),
    "a name of bytes": (lambda bundle: Path(os.fsdecode(os.fsencode(bundle) + b"/\xff\x1b[2J")).touch(), "not in the"),
    "a huge signature": (lambda bundle: os.truncate(bundle / "README.txt", 10**12), "longer than 16000000 bytes"),
    "a huge picture": (
        lambda bundle: os.truncate(bundle / "files" / "screenshot.png", 10**13),
        "it is longer than when it was sealed",
    ),
}


@pytest.mark.parametrize("name", FOLDER_TRICKS)
def test_a_folder_holds_nothing_but_a_bundle(bundle: Path, name: str) -> None:
    change, sentence = FOLDER_TRICKS[name]
    change(bundle)
    assert sentence in said(verify_bundle(bundle))


@pytest.mark.parametrize("make", [os.mkfifo, _make_socket, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_neither_a_folder_nor_a_file_is_not_read(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "bundle")
    sentences = said(verify_bundle(tmp_path / "bundle"))
    assert "it was not read" in sentences or "cannot be read" in sentences


def test_a_file_that_may_not_be_read_is_named(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Path, flags: int, *rest: int) -> int:
        if str(path).endswith("screenshot.png"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    assert "files/screenshot.png cannot be read (Permission denied)" in said(verify_bundle(bundle))


def test_more_folders_than_any_bundle(bundle: Path) -> None:
    for number in range(MAX_FILES):
        (bundle / str(number)).mkdir()
    assert f"more than {MAX_FILES} files" in said(verify_bundle(bundle))
