"""Bad input and missing permissions: one sentence, the documented exit code, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.disk import fill, mounted_disk
from tests.support.pages.sites import browser_is_missing
from tests.support.program import (
    BRAND,
    HARMLESS,
    LURE,
    WebSite,
    clonewatch,
    complains,
    json_rows,
    lab_options,
    make_brand,
    query,
)

NO_BROWSER = {"CLONEWATCH_BROWSER": "/nonexistent/browser"}


@pytest.fixture
def brands(tmp_path: Path) -> Path:
    return make_brand(tmp_path / "brands")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    return folder


def test_wrong_arguments(workspace: Path, brands: Path, tmp_path: Path) -> None:
    missing = tmp_path / "absent.txt"
    complains(clonewatch("scan", "--from", missing, "-w", workspace), 2, str(missing), "No such file")
    complains(clonewatch("scan", "-w", workspace), 2, "nothing to scan", "--from FILE")
    complains(clonewatch("scan", "--colour", "http://a.test/", "-w", workspace), 2, "No such option", "--colour")
    complains(clonewatch("snac"), 2, "snac")
    wrong = clonewatch("run", "--brand", "quorvan", "--no-discover", "--brands", brands, "-w", workspace)
    complains(wrong, 2, "there is no brand 'quorvan'", f"did you mean {BRAND}?")
    complains(clonewatch("compare", tmp_path / "absent.png"), 2, "absent.png", "no such file")


def test_a_misspelt_brand_is_answered_with_the_nearest_name(workspace: Path) -> None:
    complains(clonewatch("run", "--brand", "paypall", "--no-discover", "-w", workspace), 2, "did you mean paypal")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[capture]\nslots = = 2\n", ("clonewatch.toml:2: not valid TOML",)),
        ("[capture]\nslotz = 2\n", ("clonewatch.toml:2: unknown key 'slotz' in [capture]", "known:", "slots")),
        ('[capture]\nslots = "two"\n', ("clonewatch.toml:2: capture.slots: Expected `int`",)),
        ("[detect]\nflag_at = 0.2\n", ("clonewatch.toml:1: detect.review_at", "must not be above", "detect.flag_at")),
    ],
)
def test_a_configuration_that_cannot_be_used(workspace: Path, brands: Path, text: str, said: tuple[str, ...]) -> None:
    (workspace / "clonewatch.toml").write_text(text, encoding="utf-8")
    complains(clonewatch("scan", "http://a.test/", "--brands", brands, "-w", workspace), 3, *said)


@pytest.mark.parametrize("value", ["127.0.0.1", "a.test:80:nowhere"])
def test_a_resolve_option_that_says_nothing(workspace: Path, brands: Path, value: str) -> None:
    done = clonewatch("scan", "http://a.test/", "--resolve", value, "--brands", brands, "-w", workspace)
    assert done.returncode in {2, 3}
    complains(done, done.returncode, value, "HOST:PORT:ADDRESS")


def test_an_allow_private_option_that_is_no_block(workspace: Path, brands: Path) -> None:
    done = clonewatch("scan", "http://a.test/", "--allow-private", "home", "--brands", brands, "-w", workspace)
    complains(done, 3, "'home' is not a CIDR block")


def test_a_malformed_brand(workspace: Path, brands: Path) -> None:
    file = brands / BRAND / "brand.toml"
    file.write_text('name = "Quorvane"\ndomains = [\n  "quorvane.example",\n  "https://quorvane.test/",\n]\n')
    done = clonewatch("scan", "http://a.test/", "--brands", brands, "-w", workspace)
    complains(done, 3, f"{file}:4:", "https://quorvane.test/", "expected a registrable domain")
    file.write_text('name = "Quorvane"\ndomains = ["quorvane.example"\n')
    complains(clonewatch("brands", "list", "--brands", brands), 3, f"{file}:2:", "not valid TOML", "expected")


def test_no_brands_at_all(workspace: Path, tmp_path: Path) -> None:
    done = clonewatch("scan", "http://a.test/", "--brands", tmp_path / "nowhere", "-w", workspace)
    complains(done, 3, str(tmp_path / "nowhere"))


def test_no_browser(workspace: Path, brands: Path) -> None:
    how = ("CLONEWATCH_BROWSER", "/nonexistent/browser", "make setup", "apt-get install", "playwright install")
    common = ("--brands", brands, "-w", workspace)
    complains(clonewatch("scan", "http://a.test/", *common, env=NO_BROWSER), 4, *how)
    doctor = clonewatch("doctor", *common, env=NO_BROWSER)
    assert doctor.returncode == 4
    said = " ".join(doctor.stdout.split())
    assert all(phrase in said for phrase in ("missing", *how))
    assert "Traceback" not in doctor.stderr


def test_doctor_makes_no_workspace(tmp_path: Path, brands: Path) -> None:
    folder = tmp_path / "not" / "yet"
    done = clonewatch("doctor", "--brands", brands, "-w", folder, env=NO_BROWSER)
    assert f"no workspace at {folder} yet: `clonewatch init` makes one" in done.stdout
    assert "1 brand with 1 logo" in done.stdout
    assert not folder.parent.exists()
    (tmp_path / "file").touch()
    done = clonewatch("doctor", "--brands", brands, "-w", tmp_path / "file", env=NO_BROWSER)
    assert re.search(rf"^missing .*{re.escape(str(tmp_path / 'file'))}", done.stdout, re.MULTILINE)


def test_no_browser_keeps_the_backlog(workspace: Path, brands: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("http://one.test/\nhttp://two.test/\n")
    common = ("--brands", brands, "-w", workspace)
    assert clonewatch("discover", "--from", listed, *common).returncode == 0
    complains(clonewatch("run", "--no-discover", *common, env=NO_BROWSER), 4, "/nonexistent/browser")
    kept = query(workspace, "select url, state, attempts from backlog order by url")
    assert kept == [("http://one.test/", "ready", 0), ("http://two.test/", "ready", 0)]


def test_a_path_that_cannot_be_a_workspace(tmp_path: Path, brands: Path) -> None:
    file = tmp_path / "file"
    file.write_text("I am a file.")
    done = clonewatch("scan", "http://a.test/", "--brands", brands, "-w", file)
    complains(done, 4, str(file), "is a file, not a folder", "--workspace")
    assert file.read_text() == "I am a file."


@pytest.mark.parametrize("words", [("scan", "http://a.test/"), ("cases", "list")])
def test_a_file_that_is_not_a_database(workspace: Path, brands: Path, words: tuple[str, ...]) -> None:
    database = workspace / "clonewatch.sqlite"
    database.write_bytes(b"A shopping list: beans, lettuces, a watering can.\n" * 100)
    given = ("--brands", brands) if words[0] != "cases" else ()
    done = clonewatch(*words, *given, "-w", workspace)
    complains(done, 4, str(database), "is not an SQLite database", "move that file away")
    assert database.read_bytes().startswith(b"A shopping list")


def test_json_into_a_place_that_cannot_be_written(workspace: Path, brands: Path, tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "out.jsonl"
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"whatever")
    for words in (("scan", "http://a.test/", "-w", workspace), ("compare", picture)):
        done = clonewatch(*words, "--json", out, "--brands", brands)
        complains(done, 2, f"--json {out}", "cannot be written")


@pytest.fixture
def small_disk() -> Iterator[Path]:
    with mounted_disk("4m") as disk:
        yield disk


@pytest.mark.browser
@pytest.mark.skipif(browser_is_missing(), reason="no Chromium here: make setup installs one")
def test_a_full_disk_loses_nothing(small_disk: Path, brands: Path, tmp_path: Path) -> None:
    workspace = small_disk / "ws"
    with WebSite({"quorvane-login.test": LURE, "*": HARMLESS}).serving() as site:
        common = ("--brands", brands, "-w", workspace)
        lab = lab_options(site.port)
        first = clonewatch("scan", f"http://quorvane-login.test:{site.port}/", *lab, *common)
        assert first.returncode == 10, first.stderr
        ballast = fill(small_disk)
        full = clonewatch("scan", *(f"http://n{n}.test:{site.port}/" for n in range(6)), *lab, *common)
        complains(full, 4, "space", "what was stored before is safe")
        complains(clonewatch("report", *common), 4, "space")
        ballast.unlink()
        cases = json_rows(clonewatch("cases", "list", "--json", "-", "-w", workspace).stdout)
        assert [(row["site"], row["brand"]) for row in cases] == [(f"quorvane-login.test:{site.port}", BRAND)]
        assert clonewatch("report", *common, "--out", tmp_path / "report").returncode == 0
        assert (tmp_path / "report" / "index.html").stat().st_size > 0
        assert clonewatch("scan", f"http://n0.test:{site.port}/", *lab, *common).returncode == 0
