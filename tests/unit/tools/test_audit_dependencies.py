"""The audit of dependencies: vulnerable ones fail, and what could not be asked is said, and is no failure."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tools.audit_dependencies import audit, read_report

VULNERABLE = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNFIXED = {"name": "new", "version": "2.0", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
SOUND = {"name": "sound", "version": "3.0", "vulns": []}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found"}


def report(*entries: object) -> str:
    return json.dumps({"dependencies": entries, "fixes": []})


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ((SOUND,), ["audit: 1 dependencies checked, 0 known vulnerabilities"]),
        ((SOUND, UNKNOWN), ["audit: 1 dependencies checked, 0 known", "audit: 1 NOT CHECKED: unknown"]),
        (
            (VULNERABLE, UNFIXED),
            [
                "audit: 2 dependencies checked, 2 known",
                "old 1.0: PYSEC-1, fixed in 1.1",
                "new 2.0: PYSEC-2, fixed in no version",
            ],
        ),
        ((UNKNOWN, UNKNOWN), ["audit: dependencies NOT CHECKED for known vulnerabilities"]),
        ((*[UNKNOWN] * 9, SOUND), ["audit: 1 dependencies checked", "audit: 9 NOT CHECKED: unknown, unknown"]),
    ],
)
def test_what_is_said(entries: tuple[object, ...], said: list[str]) -> None:
    found = read_report(report(*entries))
    assert len(found.sentences) == len(said)
    for sentence, part in zip(found.sentences, said, strict=True):
        assert part in sentence


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("raise SystemExit('no route to the database')", "no route to the database"),
        ("print('not JSON')", "it printed nothing"),
        ("print('[]')", "it printed nothing"),
        ("", "it printed nothing"),
    ],
)
def test_a_database_that_cannot_be_asked_is_said_and_is_no_failure(tmp_path: Path, code: str, problem: str) -> None:
    found = audit(tmp_path / "requirements.lock", (sys.executable, "-c", code))
    assert (found.checked, found.vulnerable) == (0, ())
    assert problem in found.problem
    assert "NOT CHECKED" in found.sentences[0]


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "NOT CHECKED" in audit(tmp_path, (str(tmp_path / "gone"),)).sentences[0]
