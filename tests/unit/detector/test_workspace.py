"""Opening a workspace: its folder, its configuration, and error messages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from detector.errors import ConfigError, EnvironmentFault, StoreError
from detector.workspace import Workspace
from tests.support.program import ROOT
from tests.support.store.builders import CLEAR, candidate, capture


def test_a_new_workspace_is_made_with_its_parents(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a" / "b") as workspace:
        assert workspace.path == tmp_path / "a" / "b"
        stored = workspace.evidence.put(b"x", "image/png")
        assert Path(workspace.evidence.path(stored)).is_relative_to(tmp_path / "a" / "b" / "evidence")
        assert (workspace.path / "clonewatch.sqlite").is_file()
        assert workspace.reports_dir == tmp_path / "a" / "b" / "reports"
        assert workspace.takedown_dir == tmp_path / "a" / "b" / "takedown"


def test_option_then_environment_then_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Workspace.open() as workspace:
        assert workspace.path == tmp_path / "workspace"
    monkeypatch.setenv("CLONEWATCH_WORKSPACE", "from-environment")
    with Workspace.open() as workspace:
        assert workspace.path == tmp_path / "from-environment"
    with Workspace.open(Path("from-option")) as workspace:
        assert workspace.path == tmp_path / "from-option"


def test_options_take_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.toml").write_text("[capture]\nslots = 2\ntotal_seconds = 9.0\n[store]\nmax_attempts = 1\n")
    options = {"slots": 7, "resolve": ("*:443:127.0.0.1",)}
    with Workspace.open(tmp_path, capture=options, brands=[tmp_path / "brands"]) as workspace:
        config = workspace.config
    assert (config.capture.slots, config.capture.total_seconds) == (7, 9.0)
    assert config.capture.resolve == ("*:443:127.0.0.1",)
    assert config.store.max_attempts == 1
    assert config.brands == (str(tmp_path / "brands"),)


def test_no_brand_option_leaves_the_files_brands(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.toml").write_text('brands = ["mine"]\n')
    options: tuple[list[str] | None, ...] = (None, [])
    for nothing in options:
        with Workspace.open(tmp_path, brands=nothing) as workspace:
            assert workspace.config.brand_folders() == (tmp_path / "mine",)


def test_relative_paths_of_the_file_are_relative_to_it_and_a_copy_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first"
    first.mkdir()
    (first / "clonewatch.toml").write_text(
        '[store]\ndatabase = "sqlite:///db.sqlite"\nevidence = "files"\n'
        '[[discover.feeds]]\nname = "mine"\nlocation = "urls.txt"\n'
        '[[discover.feeds]]\nname = "theirs"\nlocation = "https://feed.example/urls.txt"\n'
    )
    monkeypatch.chdir(tmp_path)
    with Workspace.open(first) as workspace:
        shot = workspace.evidence.put(b"x", "image/png")
        workspace.store.record(capture(screenshot=shot), CLEAR)
    assert (first / "db.sqlite").is_file()
    assert (first / "files").is_dir()
    shutil.move(first, tmp_path / "second")
    with Workspace.open(tmp_path / "second") as workspace:
        assert workspace.evidence.get(shot) == b"x"
        assert workspace.store.counts()["captures"] == 1
        locations = [feed.location for feed in workspace.config.discover.feeds]
    assert locations == [str(tmp_path / "second" / "urls.txt"), "https://feed.example/urls.txt"]
    assert not first.exists()


def test_absolute_database_and_evidence_stay_where_they_are(tmp_path: Path) -> None:
    inside = tmp_path / "workspace"
    inside.mkdir()
    (inside / "clonewatch.toml").write_text(
        f'[store]\ndatabase = "sqlite:///{tmp_path}/elsewhere.sqlite"\nevidence = "file://{tmp_path}/pictures"\n'
    )
    with Workspace.open(inside) as workspace:
        workspace.evidence.put(b"x", "image/png")
    assert (tmp_path / "elsewhere.sqlite").is_file()
    assert (tmp_path / "pictures").is_dir()
    assert [path.name for path in inside.iterdir()] == ["clonewatch.toml"]


def test_two_workspaces_open_at_once_see_each_others_work(tmp_path: Path) -> None:
    with Workspace.open(tmp_path) as first, Workspace.open(tmp_path) as second:
        first.store.record(capture(), CLEAR)
        assert second.store.counts()["captures"] == 1


def test_the_lease_and_attempts_of_the_configuration_count(tmp_path: Path) -> None:
    options = {"lease_seconds": 0.0, "max_attempts": 2}
    with Workspace.open(tmp_path, store=options) as workspace:
        workspace.store.backlog.add([candidate()])
        assert [len(workspace.store.backlog.claim(1)) for _ in range(3)] == [1, 1, 0]
        assert workspace.store.counts()["quarantined"] == 1


def test_the_library_is_loaded_once(tmp_path: Path) -> None:
    with Workspace.open(tmp_path, brands=[ROOT / "brand_assets"]) as workspace:
        library = workspace.library()
        assert "paypal" in library
        assert workspace.library() is library


@pytest.mark.parametrize("inside", ["", "deeper/still"])
def test_a_path_that_is_a_file(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EnvironmentFault, match=r"file is a file, not a folder; name another with --workspace") as fault:
        Workspace.open(tmp_path / "file" / inside)
    assert fault.value.exit_code == 4


def test_a_folder_that_may_not_be_made() -> None:
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        Workspace.open(Path("/proc/clonewatch"))


def test_a_broken_configuration_leaves_no_database(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.toml").write_text("slots = ")
    with pytest.raises(ConfigError, match="not valid TOML"):
        Workspace.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["clonewatch.toml"]


def test_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.sqlite").write_text("text " * 100)
    with pytest.raises(StoreError, match="is not an SQLite database"):
        Workspace.open(tmp_path)
