"""Addresses from a list to the verdict: fragments that choose the page, user names, defanged spellings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.loopback.nameserver import NameServer, Zone
from tests.support.pages.sites import needs_browser
from tests.support.program import HARMLESS, LURE, WebSite, clonewatch, json_rows, lab_options, make_brand, query

WRITTEN = json.dumps(LURE).replace("</", "<\\/")
ROUTED = (
    "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Loading</title></head><body><p>Allotment diary</p><script>"
    "if (['#/login', '#jane@garden.example'].includes(location.hash)) {"
    f" document.open(); document.write({WRITTEN}); document.close(); }}"
    "</script></body></html>"
)
FRAGMENTS = ("#/login", "#jane@garden.example")
PLAIN = ("", "#top")


def configure(folder: Path, site: WebSite, names: NameServer, lines: list[str]) -> None:
    folder.mkdir()
    make_brand(folder / "brands")
    (folder / "feed.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / "clonewatch.toml").write_text(
        f'brands = ["brands"]\n[capture]\nslots = 3\nsecond_looks = 0\nresolve = ["*:{site.port}:127.0.0.1"]\n'
        f'allow_private = ["127.0.0.0/8"]\n[discover]\nnameservers = ["{names.address}"]\nmax_names = 40\n[[discover.feeds]]\n'
        'name = "list"\nlocation = "feed.txt"\n'
    )


@pytest.mark.heavy
@needs_browser[0]
@needs_browser[1]
def test_fragments_and_user_names_reach_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    with WebSite({"*": ROUTED, "lure.test": LURE}).serving() as site, NameServer(Zone().answer) as names:
        at = f":{site.port}/"
        routed = [f"http://routed{number}.test{at}{fragment}" for number, fragment in enumerate(FRAGMENTS)]
        user = f"http://netflix.com@lure.test{at}a"
        plain = [f"http://plain.test{at}{fragment}" for fragment in PLAIN]
        written = [*routed[1:], routed[0].replace("http://", "hxxp://").replace(".test", "[.]test"), user, *plain]
        configure(folder, site, names, written)
        done = clonewatch("run", "-w", folder)
    assert done.returncode == 10, done.stderr
    decided = dict(query(folder, "select url, decision from captures"))
    assert decided == {
        **dict.fromkeys([*routed, user], "flagged"),
        plain[0]: "clear",
    }


def test_an_unread_entry_is_named_with_its_line_by_every_command(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("garden.example\nhxxp://192 .0.2.8\nhttp://garden.example/a\n", encoding="utf-8")
    make_brand(tmp_path / "brands")
    done = clonewatch("triage", "--from", listed, "--json", "-", "--brands", tmp_path / "brands", "-w", tmp_path / "ws")
    assert done.returncode == 0
    assert "list.txt: line 2, 'hxxp://192 .0.2.8': not read, " in done.stderr
    rows = json_rows(done.stdout)
    assert [row["input"] for row in rows] == ["garden.example", "hxxp://192 .0.2.8", "http://garden.example/a"]
    assert rows[1]["reasons"][0].startswith("It is not read: ")
    listed.write_text("nonsense\n", encoding="utf-8")
    none = clonewatch("triage", "--from", listed, "--json", "-", "--brands", tmp_path / "brands", "-w", tmp_path / "ws")
    assert none.returncode == 4
    assert "line 1, 'nonsense'" in none.stderr


@pytest.mark.heavy
@needs_browser[0]
@needs_browser[1]
def test_scan_reads_what_people_write(tmp_path: Path) -> None:
    brands = make_brand(tmp_path / "brands")
    listed = tmp_path / "list.txt"
    with WebSite({"*": HARMLESS, "lure.test": LURE}).serving() as site:
        at = f":{site.port}"
        lines = [f"\ufeffgarden1.test{at}", f"hxxp://garden2[.]test{at}/", f"lure.test{at}/a", "hxxp://127 .0.0.1/"]
        listed.write_text("\r\n".join(lines), encoding="utf-8")
        done = clonewatch(
            "scan", f"hxxp://lure [.] test{at}/b", "--from", listed, "--json", "-", *lab_options(site.port),
            "--brands", brands, "-w", tmp_path / "ws",
        )  # fmt: skip
    assert done.returncode == 10, done.stderr
    assert "list.txt: line 4, 'hxxp://127 .0.0.1/': not read, " in done.stderr
    assert {row["url"]: row["outcome"] for row in json_rows(done.stdout)} == {
        f"http://garden1.test{at}/": "ok", f"http://garden2.test{at}/": "ok", f"http://lure.test{at}/a": "ok",
        f"http://lure.test{at}/b": "ok", "hxxp://127 .0.0.1/": "bad_url",
    }  # fmt: skip
