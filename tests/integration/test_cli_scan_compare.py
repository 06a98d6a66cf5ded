"""``clonewatch scan`` and ``compare``: documented output, true outcomes, and hostile text printed as text."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from tests.support.pages.sites import needs_browser
from tests.support.program import (
    BRAND,
    HARMLESS,
    LURE,
    NAME,
    WebSite,
    clonewatch,
    complains,
    json_rows,
    lab_options,
    make_brand,
)

KEYS = {
    "": {
        "url", "final_url", "outcome", "verdict", "brand", "probability", "sentence", "findings", "capture", "seconds",
        "cloaked", "others", "challenge", "clicks", "phones", "bundle",
    },
    "findings": {"signal", "brand", "measure", "abstained", "sentence", "region"},
    "capture": {
        "screenshot", "sha256", "full_page", "full_page_sha256", "status", "title", "started", "redirects", "tls", "note",
        "profile", "registration", "hosting",
    },
    "seconds": {"capture", "detect"},
}  # fmt: skip
HOSTILE_TITLE = f"Sign in to {NAME} \x1b[2J\x1b]0;pwned\x07 [red]x[/] [/nope] \u202e\x9b31m"
CONTROL = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x202E) if chr(code) not in "\n"]


class Scan(NamedTuple):
    done: subprocess.CompletedProcess[str]
    lines: dict[str, dict[str, Any]]
    workspace: Path
    brands: Path
    port: int

    def line(self, name: str) -> dict[str, Any]:
        return next(line for url, line in self.lines.items() if name in url)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scan]:
    """One scan of good, bad and impossible addresses, given as words and as a list."""
    folder = tmp_path_factory.mktemp("scan")
    brands = make_brand(folder / "brands")
    hostile = LURE.replace(f"Sign in to {NAME}</title>", f"{HOSTILE_TITLE}</title>")
    pages = {
        "clone.test": LURE,
        "hostile.test": hostile,
        "garden.test": HARMLESS,
        "moved.test": "-> http://garden.test:{port}/",
    }
    with WebSite(pages).serving() as site:
        at = f".test:{site.port}/"
        listed = folder / "list.txt"
        lines = [
            "# a comment", "", "   ", f"  http://garden{at}  ", f"http://moved{at}", f"http://a{at}\0b", f"http://a{at}\x1b[31mc",
            "gopher://old.test/", "javascript:alert(1)", "no address at all", f"http://absent{at}x", f"http://hostile{at}",
        ]  # fmt: skip
        listed.write_text("\r\n".join(lines), encoding="utf-8", newline="")
        done = clonewatch(
            "scan", f"http://clone{at}", "--from", listed, "--json", "-", *lab_options(site.port),
            "--brands", brands, "-w", folder / "ws",
        )  # fmt: skip
        yield Scan(done, {line["url"]: line for line in json_rows(done.stdout)}, folder / "ws", brands, site.port)


@needs_browser[0]
@needs_browser[1]
class TestScan:
    def test_one_line_a_url_and_nothing_else_on_standard_output(self, scan: Scan) -> None:
        assert scan.done.returncode == 10, scan.done.stderr
        assert "Traceback" not in scan.done.stderr
        assert len(json_rows(scan.done.stdout)) == len(scan.lines) == 10
        table = " ".join(scan.done.stderr.split())
        assert f"hxxp://clone[.]test:{scan.port}/" in table
        assert "10 judged: " in table
        assert f"http://clone.test:{scan.port}" not in table

    def test_the_documented_keys(self, scan: Scan) -> None:
        for line in scan.lines.values():
            assert set(line) == KEYS[""]
            assert set(line["capture"]) == KEYS["capture"]
            assert set(line["seconds"]) == KEYS["seconds"]
            for finding in line["findings"]:
                assert set(finding) == KEYS["findings"]
                assert (finding["measure"] is None) != (finding["abstained"] is None)
                check_region(finding["region"])

    def test_outcomes(self, scan: Scan) -> None:
        def ended(name: str) -> tuple[str, str]:
            line = scan.line(name)
            return line["outcome"], line["verdict"]

        assert ended("//clone.test") == ("ok", "flagged")
        assert ended("//garden.test") == ("ok", "clear")
        assert ended("//moved.test") == ("ok", "clear")
        assert scan.line("//moved.test")["final_url"] == f"http://garden.test:{scan.port}/"
        assert ended("//absent.test")[0] == "http_404"
        for name in ("\x1b[31mc", "gopher:", "javascript:", "no address"):
            assert ended(name) == ("bad_url", "unseen")
            assert scan.line(name)["capture"]["note"]
            assert scan.line(name)["capture"]["screenshot"] is None
        (nul,) = [line for line in scan.lines.values() if "U+0000" in line["capture"]["note"]]
        assert (nul["outcome"], nul["verdict"]) == ("bad_url", "unseen")

    def test_the_clones_evidence(self, scan: Scan) -> None:
        line = scan.line("//clone.test")
        assert line["brand"] == BRAND
        assert line["probability"] >= 0.8
        assert line["capture"]["sha256"] in line["capture"]["screenshot"]
        with Image.open(line["capture"]["screenshot"]) as picture:
            assert picture.size == (1280, 800)
        (logo,) = [entry for entry in line["findings"] if (entry["signal"], entry["brand"]) == ("logo", BRAND)]
        assert logo["region"] is not None
        x, y, width, height = logo["region"]
        assert x >= 0
        assert y >= 0
        assert x + width <= 1280
        assert y + height <= 800

    def test_hostile_text_stays_text(self, scan: Scan) -> None:
        assert scan.line("//hostile.test")["verdict"] == "flagged"
        shown = {"scan": scan.done.stdout + scan.done.stderr}
        listed = json_rows(clonewatch("cases", "list", "--json", "-", "-w", scan.workspace).stdout)
        assert (
            clonewatch("cases", "confirm", *(str(case["id"]) for case in listed), "-w", scan.workspace).returncode == 0
        )
        for words in (("cases", "list"), ("takedown", "list")):
            done = clonewatch(*words, "-w", scan.workspace)
            assert done.returncode == 0, done.stderr
            shown[words[0]] = done.stdout + done.stderr
        as_json = clonewatch("cases", "list", "--json", "-", "-w", scan.workspace)
        shown["cases as JSON"] = as_json.stdout + as_json.stderr
        for command, text in shown.items():
            assert not {f"U+{ord(char):04X}" for char in CONTROL if char in text}, command

    def test_markup_is_shown_as_it_is(self, scan: Scan) -> None:
        title = scan.line("//hostile.test")["capture"]["title"]
        assert "[red]x[/] [/nope]" in title
        assert "\x9b31m" in title, "what was seen is told as it was"
        name = scan.workspace / "[red]x[" / "out.jsonl"
        complains(
            clonewatch("cases", "list", "--json", name, "-w", scan.workspace), 2, f"--json {name}: cannot be written"
        )

    def test_nothing_flagged_leaves_with_0_and_a_table(self, scan: Scan) -> None:
        url = f"http://unreachable.test:{scan.port}/"
        done = clonewatch(
            "scan", "javascript:alert(1)", url, "--resolve", f"*:{scan.port}:127.0.0.1", "--brands", scan.brands,
            "-w", scan.workspace,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said = " ".join(done.stdout.split())
        assert "blocked_by_guard" in said
        assert "2 judged: 2 unseen." in said


def check_region(region: list[float] | None) -> None:
    if region is not None:
        assert len(region) == 4
        assert all(isinstance(value, int | float) for value in region)
        assert region[2] > 0
        assert region[3] > 0


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    stream = io.BytesIO()
    Image.effect_noise((640, 400), 60).convert("RGB").save(stream, "PNG")
    (folder / "noise.png").write_bytes(stream.getvalue())
    (folder / "truncated.png").write_bytes(stream.getvalue()[: len(stream.getvalue()) // 2])
    Image.new("RGB", (1, 1), "red").save(folder / "dot.png")
    (folder / "text.png").write_text("I am a text.\n")
    shutil.copy(folder / "noise.png", folder / "brokenfacts.png")
    (folder / "brokenfacts.json").write_text('{"title": "Sign in", ')
    shutil.copy(folder / "noise.png", folder / "[red]x[")
    return folder


def test_pictures_that_cannot_be_read(pictures: Path, tmp_path: Path) -> None:
    brands = make_brand(tmp_path / "brands")
    names = ("truncated.png", "dot.png", "text.png")
    given = [pictures / name for name in names]
    done = clonewatch(
        "compare", *given, pictures / "brokenfacts.png", pictures / "[red]x[", "--json", "-", "--brands", brands
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    lines = {Path(line["url"]).name: line for line in json_rows(done.stdout)}
    assert len(lines) == 5
    for name in names:
        assert (lines[name]["outcome"], lines[name]["verdict"]) == ("unreadable", "unseen")
        assert f"{pictures / name}: " in done.stderr
    assert "decoded" in lines["truncated.png"]["capture"]["note"]
    assert "1x1" in lines["dot.png"]["capture"]["note"]
    assert "no PNG" in lines["text.png"]["capture"]["note"]
    assert (lines["brokenfacts.png"]["outcome"], lines["brokenfacts.png"]["verdict"]) == ("ok", "clear")
    assert "the picture is judged alone" in " ".join(done.stderr.split())
    assert lines["[red]x["]["outcome"] == "ok"
    assert "[red]x[" in done.stderr

    complains(clonewatch("compare", *given, "--brands", brands), 2, "none of the pictures could be read")


@needs_browser[0]
@needs_browser[1]
def test_a_picture_with_its_facts(scan: Scan, tmp_path: Path) -> None:
    shutil.copy(scan.line("//clone.test")["capture"]["screenshot"], tmp_path / "clone.png")
    facts = {
        "title": f"Sign in to {NAME}",
        "text": f"{NAME}\nLog in to your {NAME} account\nLog in\n© {NAME} Incorporated",
        "images": [{"tag": "svg", "box": [461, 91, 160, 160], "alt": "", "src": ""}],
        "inputs": [{"type": "email", "name": "email"}, {"type": "password", "name": "pass"}],
        "forms": [{"action": "https://site.example/session", "method": "post"}],
        "links": [], "icons": [], "brand": BRAND, "variant": "keys that nobody knows are ignored",
    }  # fmt: skip
    (tmp_path / "clone.json").write_text(json.dumps(facts))
    out = tmp_path / "out.jsonl"
    done = clonewatch("compare", tmp_path / "clone.png", "--json", out, "--brands", scan.brands)
    assert done.returncode == 10, done.stdout + done.stderr
    (line,) = json_rows(out.read_text())
    assert (line["verdict"], line["brand"], line["outcome"]) == ("flagged", BRAND, "ok")
    assert set(line) == KEYS[""]
    assert set(line["capture"]) == KEYS["capture"]
    assert line["capture"]["title"] == facts["title"]
    assert "flagged" in done.stdout
    assert any(finding["region"] for finding in line["findings"])
    for finding in line["findings"]:
        check_region(finding["region"])
