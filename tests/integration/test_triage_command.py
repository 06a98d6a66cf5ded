"""``clonewatch triage`` and ``clonewatch bench triage`` as a user calls them."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.program import clonewatch
from tests.support.servers.discovery import make_lab

KEYS = {"input", "selected", "brand", "score", "reasons"}


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A workspace with a brand of its own."""
    return make_lab(tmp_path)


def call(lab: Path, *options: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    done = clonewatch(*options, "-w", lab, stdin=given)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.encode(), done.stderr.encode())


def lines(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return [msgspec.json.decode(line) for line in done.stdout.splitlines()]


def test_one_line_an_entry_in_order(lab: Path) -> None:
    names = [
        "ostrelin-login.top",
        "garden.example",
        "www.ostrelin.example",
        "hxxps://0strelin[.]com/a",
        "x" * 300,
        "a\x00b\x1b[2J",
        "xn--\xff",
    ]
    done = call(
        lab, "triage", "--from", "-", "--json", "-", given="\n".join(["# a list", "", *names]).encode("latin-1")
    )
    found = lines(done)
    assert done.returncode == 0
    assert [each["input"] for each in found[:6]] == names[:6]
    assert len(found) == len(names)
    assert all(set(each) == KEYS for each in found)
    assert [each["selected"] for each in found] == [True, False, False, True, False, False, False]
    assert found[0]["brand"] == found[3]["brand"] == "ostrelin"
    assert found[0]["reasons"] == ["`ostrelin-login` holds the name ostrelin beside login."]
    assert found[2]["brand"] is None
    assert b"\x1b" not in done.stdout


def test_only_the_selected(lab: Path, tmp_path: Path) -> None:
    listed = tmp_path / "names.txt.gz"
    listed.write_bytes(gzip.compress(b"garden.example\n" * 9000 + b"ostrelin-login.top\r\n" + b"shop.example\n" * 9000))
    found = lines(call(lab, "triage", "--from", str(listed), "--selected", "--json", "-"))
    assert [each["input"] for each in found] == ["ostrelin-login.top"]


def test_output_as_a_table(lab: Path) -> None:
    done = call(lab, "triage", "--from", "-", given=b"https://ostrelin-login.top/[red]x[/]\ngarden.example\n")
    assert done.stdout.decode().splitlines()[0].split() == [
        "0.93",
        "ostrelin",
        "hxxps://ostrelin-login[.]top/[red]x[[/]]",
    ]
    assert "1 of 2 worth a capture" in done.stderr.decode()


def test_what_is_cut_off_is_said_after_what_could_be_read(lab: Path, tmp_path: Path) -> None:
    listed = tmp_path / "names.gz"
    listed.write_bytes(gzip.compress(b"".join(b"ostrelin-login%d.top\n" % number for number in range(5000)))[:-200])
    done = call(lab, "triage", "--from", str(listed), "--json", "-")
    assert done.returncode == 4
    assert len(lines(done)) > 100
    assert b"ends too early" in done.stderr


def test_columns_of_a_table(lab: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("date,url,brand\n2026-01-01,https://ostrelin-login.top/,x\n", encoding="utf-8")
    found = lines(call(lab, "triage", "--from", str(listed), "--format", "csv", "--json", "-"))
    assert [(each["input"], each["selected"]) for each in found] == [("https://ostrelin-login.top/", True)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "nowhere.txt"), "nowhere.txt: cannot be read"),
        (("--from", "-", "--json", "no/such/folder"), "cannot be written"),
        (("--from", "-", "--format", "xml"), "text, csv or json"),
    ],
)
def test_what_cannot_be_done_is_said(lab: Path, options: tuple[str, ...], said: str) -> None:
    done = call(lab, "triage", *options)
    assert done.returncode == 2
    assert said in done.stderr.decode()


def test_the_benchmark_counts_what_it_says(lab: Path, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    quiet = [f"{word}{ending}.example" for word in ("garten", "holzbau", "kaffee") for ending in "abcdefghijklmnop"]
    (folder / "benign_top50k.txt").write_text(
        "\n".join([*quiet, "ostrelin-login.top", "uvwxyz.example"]), encoding="utf-8"
    )
    (folder / "phishing_2019_2023.csv").write_text(
        "date,url,brand\n"
        "2019/01/01 00:00:00,https://ostrelin-login.top/,ostrelin\n"
        "2019/01/01 00:00:00,https://a.example/Ostrelin/,ostrelin\n"
        "2019/01/01 00:00:00,https://a.example/ostr-el-in.php,ostrelin\n"
        "2019/01/01 00:00:00,https://kqzv.example/,ostrelin\n"
        "2019/01/01 00:00:00,https://other.example/,unknown\n",
        encoding="utf-8",
    )
    done = call(lab, "bench", "triage", str(folder))
    assert done.returncode == 0, done.stderr.decode()
    said = [line.split() for line in done.stdout.decode().splitlines()]
    assert said[0] == ["benign", "names", "selected", "2.00%", "(1", "of", "50)"]
    assert said[2] == ["with", "the", "brand's", "name", "3", "100.0%", "(3", "of", "3)", "100.0%", "(3", "of", "3)"]
    assert said[4][:6] == ["without", "a", "trace", "1", "0.0%", "(0"]
    assert ["ostrelin", "3", "3", "0", "0"] in said
    assert any(
        line[:3] == ["openSquat's", "way", line[2]] and int(line[2].replace(",", "")) > 0
        for line in said
        if len(line) > 2
    )
