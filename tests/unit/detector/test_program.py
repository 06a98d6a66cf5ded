"""The program's name and version."""

from __future__ import annotations

import importlib.metadata

import pytest

from detector.program import program_name


def test_the_installed_version_is_named() -> None:
    assert program_name() == f"clonewatch {importlib.metadata.version('clonewatch')}"


def test_a_program_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.program.NAME", "not-installed-anywhere")
    assert program_name.__wrapped__() == "not-installed-anywhere unknown"
