"""Folders of killed programs are swept away; those in use, those of others and what merely looks alike stay."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from crawler.browser.temporary_folders import PREFIX, PROFILE, OwnFolder, sweep

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs flock")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed_program(temporary: Path, code: str) -> None:
    begin = "import os\nfrom crawler.browser.temporary_folders import OwnFolder\nown = OwnFolder()"
    program = f"{begin}\n{code}\nos.kill(os.getpid(), 9)"
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", program], check=False, env=environment)
    assert done.returncode == -9


def test_the_folder_of_a_killed_program_goes_with_the_profile_that_it_names(temporary: Path) -> None:
    profile = temporary / f"{PROFILE}abc"
    profile.mkdir()
    killed_program(temporary, f"from pathlib import Path\nown.adopt(Path({str(profile)!r}))")
    assert len(list(temporary.iterdir())) == 2
    assert len(sweep()) == 1
    assert list(temporary.iterdir()) == []


def test_a_folder_in_use_stays(temporary: Path) -> None:
    own = OwnFolder()
    assert sweep() == []
    assert own.path.exists()
    own.remove()
    own.remove()
    assert list(temporary.iterdir()) == []


def test_a_folder_names_no_other_folder_to_delete(temporary: Path) -> None:
    precious = temporary / "precious"
    precious.mkdir()
    outside = temporary / "deeper" / f"{PROFILE}abc"
    outside.mkdir(parents=True)
    for path in (precious, outside):
        killed_program(temporary, f"from pathlib import Path\nown.adopt(Path({str(path)!r}))")
    assert len(sweep()) == 2
    assert precious.exists()
    assert outside.exists()


def test_a_folder_without_a_lock_goes_once_it_is_old(temporary: Path) -> None:
    young, old = temporary / f"{PREFIX}young", temporary / f"{PREFIX}old"
    young.mkdir()
    old.mkdir()
    os.utime(old, (1, 1))
    assert sweep() == [old]
    assert young.exists()


def test_links_are_not_followed(temporary: Path) -> None:
    target = temporary / "target"
    target.mkdir()
    (temporary / f"{PREFIX}link").symlink_to(target)
    inside = temporary / f"{PREFIX}inside"
    inside.mkdir()
    (inside / "in-use").symlink_to(temporary / "elsewhere")
    assert sweep() == []
    assert target.exists()
    assert not (temporary / "elsewhere").exists()


@pytest.mark.parametrize("days", [-3, 3])
def test_a_folder_without_a_lock_is_swept_unless_it_is_young_whichever_way_the_clock_was_set(
    temporary: Path, days: int
) -> None:
    old, young = temporary / f"{PREFIX}old", temporary / f"{PREFIX}young"
    for folder in (old, young):
        folder.mkdir()
    moment = time.time() + days * 86_400
    os.utime(old, (moment, moment))
    assert sweep() == [old]
    assert young.exists()
