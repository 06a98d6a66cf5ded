"""Source ``new_names``: zones and daily lists as a user configures them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from detector.workspace import Workspace
from tests.support.servers.discovery import make_lab, run_source


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A workspace with a brand of its own and two lists."""
    lists = (
        '[[discover.name_lists]]\nname = "zone of test"\nlocation = "test.zone.gz"\n'
        '[[discover.name_lists]]\nname = "today"\nlocation = "today.txt"\nformat = "names"\n'
    )
    folder = make_lab(tmp_path, lists)
    (folder / "today.txt").write_text("garden.example\nostrelin-billing.example\nostrelin.example\n", encoding="utf-8")
    return folder


def discover(lab: Path) -> str:
    done = run_source(lab, "new_names")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def zone(*names: str, filler: int = 9000) -> bytes:
    quiet = [f"garden{number}" for number in range(filler)]
    lines = (f"{name}.test.\t86400\tin\tns\tns1.host.test.\n" for name in sorted([*quiet, *names]))
    return gzip.compress(("test.\t900\tin\tsoa\ta. b. 1 2 3 4 5\n" + "".join(lines)).encode())


def found(lab: Path) -> set[str]:
    """Candidates that came into the backlog since the last call."""
    with Workspace.open(lab) as workspace:
        return {claim.candidate.url for claim in workspace.store.backlog.claim(1000)}


def test_of_a_zone_what_is_new_since_the_last_run(lab: Path) -> None:
    (lab / "test.zone.gz").write_bytes(zone("ostrelin-login", "ostrelin-shop-support"))
    said = discover(lab)
    assert "9002 names tried" in said
    assert "read for the first time: 2 names are recorded" in said
    assert found(lab) == {"https://ostrelin-billing.example/"}
    (lab / "test.zone.gz").write_bytes(zone("ostrelin-login", "ostrelin-verify"))
    discover(lab)
    assert found(lab) == {"https://ostrelin-verify.test/"}
    (lab / "test.zone.gz").write_bytes(zone("ostrelin-login", "ostrelin-verify", "ostrelin-shop-support"))
    discover(lab)
    assert found(lab) == {"https://ostrelin-shop-support.test/"}, "a name that went and came back is new"


def test_half_a_zone_is_read_and_forgets_nothing(lab: Path) -> None:
    (lab / "test.zone.gz").write_bytes(zone("ostrelin-login", "zz-ostrelin-login"))
    discover(lab)
    found(lab)
    whole = zone("ostrelin-login", "a-ostrelin-login", "zz-ostrelin-login")
    (lab / "test.zone.gz").write_bytes(whole[: len(whole) // 2])
    assert "INCOMPLETE: the gzip data ends too early" in discover(lab)
    assert found(lab) == {"https://a-ostrelin-login.test/"}
    (lab / "test.zone.gz").write_bytes(whole)
    discover(lab)
    assert found(lab) == set()


def test_a_list_that_is_missing_does_not_hold_up_the_others(lab: Path) -> None:
    said = discover(lab)
    assert "test.zone.gz cannot be read (No such file or directory)" in said
    assert found(lab) == {"https://ostrelin-billing.example/"}
    (lab / "test.zone.gz").write_bytes(b"")
    assert "it holds no names" in discover(lab)


def test_without_a_list_it_says_so(lab: Path) -> None:
    text = (lab / "clonewatch.toml").read_text(encoding="utf-8").split("[[")[0]
    (lab / "clonewatch.toml").write_text(text, encoding="utf-8")
    assert "no list is configured" in discover(lab)


def test_a_format_that_there_is_not(lab: Path) -> None:
    text = (lab / "clonewatch.toml").read_text(encoding="utf-8").replace('"names"', '"xml"')
    (lab / "clonewatch.toml").write_text(text, encoding="utf-8")
    done = run_source(lab, "new_names")
    assert done.returncode == 3
    assert "format must be zone or names" in done.stderr
