"""The public surface is written down: docs name every command, exit code, outcome, signal and configuration key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.cli.deferred_commands import COMMANDS
from crawler.cli.exit_codes import ExitCode
from detector.brands import BrandLibrary
from detector.model import Decision, Outcome
from detector.signals import load_signals
from detector.weights import IDENTITY, NO_WEIGHT

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def cli_page() -> str:
    return (DOCS / "cli.md").read_text()


def test_commands_are_documented(cli_page: str) -> None:
    names = [command.name for command in COMMANDS]
    assert names
    for name in names:
        assert f"`{name}" in cli_page, name


def test_exit_codes_are_documented(cli_page: str) -> None:
    table = re.findall(r"^\| (\d+) \|", cli_page, re.MULTILINE)
    assert sorted(int(code) for code in table) == sorted(code.value for code in ExitCode)


def test_outcomes_and_verdicts_are_documented(cli_page: str) -> None:
    for word in (*Outcome, *Decision):
        assert f"`{word}`" in cli_page, word


def test_signals_are_documented_and_weighed(shipped_library: BrandLibrary) -> None:
    page = (DOCS / "detection.md").read_text()
    documented = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    names = {signal.name for signal in load_signals(shipped_library)}
    assert documented == names
    assert {weight.signal for weight in IDENTITY} | NO_WEIGHT == names


def test_glossary_has_no_term_that_is_not_used() -> None:
    pages = [page for page in (*DOCS.glob("*.md"), *DOCS.parent.glob("[A-Z]*.md")) if page.name != "glossary.md"]
    modules = [path for package in ("crawler", "detector") for path in (DOCS.parent / package).rglob("*.py")]
    text = "\n".join(path.read_text() for path in [*pages, *modules])
    terms = re.findall(r"\*\*([^*]+)\*\*", (DOCS / "glossary.md").read_text())
    assert len(terms) > 50
    unused = [
        term
        for term in terms
        if not re.search(r"[\s_-]*".join(map(re.escape, re.split(r"[\s-]", term))), text, re.IGNORECASE)
    ]
    assert not unused


def test_tests_that_pages_name_exist() -> None:
    named = {
        (page.name, found)
        for page in DOCS.rglob("*.md")
        for found in re.findall(r"`(tests/[\w/.-]+\.py(?:::\w+)?)`", page.read_text())
    }
    assert len(named) > 20
    for page, name in sorted(named):
        path, _, test = name.partition("::")
        file = DOCS.parent / path
        assert file.is_file(), f"{page}: {path} does not exist"
        assert not test or re.search(rf"^\s*(async )?def {test}\(", file.read_text(), re.MULTILINE), (
            f"{page}: {name} is gone"
        )


def test_the_page_of_what_was_tried_has_every_row_and_a_test_for_each() -> None:
    rows = re.findall(r"^\| ([SOD]\d+.*) \| (.+) \| (.+) \| (.+) \|$", (DOCS / "field.md").read_text(), re.MULTILINE)
    told = {name for kind, *_ in rows for name in re.findall(r"[SOD]\d+", kind.partition(":")[0])}
    wanted = [*(f"S{n}" for n in range(28)), *(f"O{n}" for n in range(1, 10)), "D1", "D3", "D4", "D5", "D6"]
    assert not sorted(set(wanted) - told)
    for kind, tried, outcome, tests in rows:
        assert tried.strip(), kind
        assert outcome.strip(), kind
        links = re.findall(r"\[`(tests/[\w/.-]+\.py)(?:::\w+)?`\]\(\.\./(tests/[\w/.-]+\.py)\)", tests)
        assert links, f"{kind} names no test"
        assert all(named == linked for named, linked in links), kind
