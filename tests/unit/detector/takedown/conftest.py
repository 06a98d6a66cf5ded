"""A store, its evidence, and a folder for the queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.evidence import Evidence
from detector.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "clonewatch.sqlite") as opened:
        yield opened


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(str(tmp_path / "evidence"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
