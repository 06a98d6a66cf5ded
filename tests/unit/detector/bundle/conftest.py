"""A bundle of the evidence of one case, for tests that alter it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.store.evidence import desk


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    with desk(folder / "ws") as opened:
        return opened.export(opened.add(), folder)


@pytest.fixture
def bundle(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / exported.name))
