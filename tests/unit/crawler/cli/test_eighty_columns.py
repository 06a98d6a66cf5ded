"""Every help and every list on a terminal of 80 columns: lines that fit, words of users, and names that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from crawler.cli.deferred_commands import COMMANDS
from detector.model import CaseState, Phone, PhoneSource
from detector.workspace import Workspace
from tests.support.every_command import names
from tests.support.program import clonewatch
from tests.support.store.builders import capture, flagged

NARROW = {"COLUMNS": "80"}
TYPES = re.compile(r"<\w|\b(list\[|bool\b|str\b|int\b|float\b|TEXT\]|INTEGER|PathLike)")
BRAND = "a-building-society-of-a-rather-long-name"
SITE = "signin-verification-of-a-long-name.account-security.customers-of-the-society.example"
LISTS = (
    "brands list", "brands check", "cases list", "phones list", "phones show +18002629661", "takedown list",
    "evidence log", "evidence log 1", "evidence check", "schedule list", "status", "profiles",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which everything has a long name."""
    folder = tmp_path_factory.mktemp("narrow")
    brand = folder / "few" / BRAND
    brand.mkdir(parents=True)
    (brand / "brand.toml").write_text('name = "The Building Society of a Rather Long Name"\ndomains = ["s.example"]\n')
    jobs = "".join(
        f'[[schedule.jobs]]\nname = "a-crawl-job-with-quite-a-long-name-{n}"\ncron = "7,22,37,52 6-20 * * mon-fri"\n'
        for n in range(2)
    )
    (folder / "clonewatch.toml").write_text(
        f'brands = ["few"]\n[[takedown.without_review]]\nname = "any"\nprobability = 0.01\n{jobs}'
    )
    phone = Phone("+18002629661", "1-800-AMAZON1", PhoneSource.TEXT, "US", vanity=True)
    with Workspace.open(folder) as opened:
        for site in (SITE, "b.example"):
            shot = opened.evidence.put(site.encode(), "image/png")
            seen = capture(f"https://{site}/", phones=(phone,), screenshot=shot)
            opened.store.record(seen, flagged(BRAND))
    assert clonewatch("takedown", "export", "-w", folder).returncode == 0
    with Workspace.open(folder) as opened:
        for state in (CaseState.CONFIRMED, CaseState.TAKEDOWN_REQUESTED):
            opened.store.cases.move(1, state, actor="ann")
    return folder


def fits(printed: str) -> None:
    long = [line for line in printed.splitlines() if cell_len(line) > 80]
    assert not long, long


@pytest.mark.parametrize("name", sorted({"", *(each.name for each in COMMANDS if each.name != "bench"), *names()}))
def test_help_fits_and_names_no_types(name: str) -> None:
    done = clonewatch(*name.split(), "--help", env=NARROW)
    assert done.returncode == 0, done.stderr
    fits(done.stdout)
    assert not TYPES.search(done.stdout), TYPES.search(done.stdout)
    assert " Usage: " in done.stdout


@pytest.mark.parametrize("words", LISTS)
def test_lists_fit_and_show_names_that_can_be_read(folder: Path, words: str) -> None:
    place = () if words == "profiles" else ("-w", folder)
    done = clonewatch(*words.split(), *place, env=NARROW)
    assert done.returncode in {0, 11}, done.stderr
    if words not in {
        "evidence check",
        "brands list",
        "brands check",
        "status",
    }:  # a folder's path is not broken, to be copied
        fits(done.stdout)
    assert "[]" not in done.stdout
    cut = [line for line in done.stdout.splitlines() if "…" in line]
    assert not cut


def test_a_queue_of_long_names_has_a_line_for_each(folder: Path) -> None:
    shown = clonewatch("takedown", "list", "-w", folder, env=NARROW).stdout
    number, site, rest, brand, state = (line.split() for line in shown.splitlines()[:5])
    assert (number, brand, state[:2]) == (["case", "1"], ["brand", BRAND], ["state", "takedown"])
    assert "".join(site[1:] + rest) == SITE.replace(".", "[.]")
    assert len(site[1]) > 60
    wide = clonewatch("takedown", "list", "-w", folder, env={"COLUMNS": "220"}).stdout
    assert (
        len([line for line in wide.splitlines() if line.strip().startswith(("1 ", "2 "))]) == 3
    )  # two rows, and the sum


def test_a_workspace_without_jobs_shows_the_tables_name(tmp_path: Path) -> None:
    with Workspace.open(tmp_path):
        pass
    shown = clonewatch("schedule", "list", "-w", tmp_path, env=NARROW).stdout
    assert shown == "No crawl jobs; add [[schedule.jobs]] to clonewatch.toml.\n"
