"""The workspace's own brands: read over the shipped ones, written to by every command, and kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.cli.setup.brand_folder import NewBrand, bring_home, chosen_folders, create_brand
from crawler.jobs.backup import back_up
from crawler.jobs.tidy import tidy
from detector.brands import RemarkKind, check_library, load_brand, load_library
from detector.config import config_file
from detector.errors import EnvironmentFault, UsageError
from detector.workspace import OWN_BRANDS, Workspace, read_config
from tests.support.program import BRAND, DOMAIN, LOGO, NAME, clonewatch, complains, make_brand


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the shipped brands, which nothing may change."""
    folder = make_brand(tmp_path / "program", signin=f"https://www.{DOMAIN}/login")
    monkeypatch.setattr(config_file, "default_brands_dir", lambda: folder)
    return folder


@pytest.fixture
def ws(tmp_path: Path) -> Path:
    return tmp_path / "ws"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def added(ws: Path, *words: str) -> str:
    done = clonewatch("brands", "add", *words, "-w", ws)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_brand_is_added_to_the_workspace_and_read_with_the_shipped_ones(shipped: Path, ws: Path) -> None:
    before = files(shipped)
    said = added(ws, "Example Bank", "-d", "examplebank.com", "--signin", "https://www.examplebank.com/login")
    home = ws / OWN_BRANDS / "example-bank"
    assert str(home) in said
    assert load_brand(home).signin_urls == ("https://www.examplebank.com/login",)
    assert files(shipped) == before
    listed = clonewatch("brands", "list", "-w", ws).stdout
    assert "example-bank" in listed
    assert BRAND in listed
    assert f"1 in {ws / OWN_BRANDS}" in listed
    assert clonewatch("brands", "check", "-w", ws).returncode == 0
    status = clonewatch("status", "-w", ws)
    assert status.returncode == 0, "a folder with brands only is a workspace"
    assert f"Brands    1 in {shipped}, 1 in {ws / OWN_BRANDS}" in " ".join(status.stdout.split("\n"))


def test_an_own_brand_takes_the_place_of_the_shipped_one(shipped: Path, ws: Path) -> None:
    own = make_brand(ws / OWN_BRANDS)
    (own / BRAND / "brand.toml").write_text('name = "Ours"\ndomains = ["ours.example"]\n[[logos]]\nfile = "mark.svg"\n')
    library = load_library(read_config(ws).brand_folders())
    assert [(brand.id, brand.name) for brand in library] == [(BRAND, "Ours")]
    (note,) = [each for each in check_library(read_config(ws).brand_folders()) if each.kind is RemarkKind.NOTE]
    assert note.text == f"it takes the place of the one in {shipped / BRAND}"
    done = clonewatch("brands", "add", NAME, "-d", "other.example", "-w", ws)
    complains(done, 2, f"in {own / BRAND}", "edit its files")


def test_a_shipped_brand_is_not_added_again_and_the_refusal_says_how_to_change_it(shipped: Path, ws: Path) -> None:
    done = clonewatch("brands", "add", NAME, "-d", "other.example", "-w", ws)
    complains(done, 2, f"in {shipped / BRAND}", f"copy that folder into {ws / OWN_BRANDS}")
    assert not ws.exists()


@pytest.mark.parametrize(
    ("file", "options", "read"),
    [
        ("", [], ["program", "ws/brands"]),
        ('brands = ["../team"]\n', [], ["team", "ws/brands"]),
        ('brands = ["../team", "brands"]\n', [], ["team", "ws/brands"]),
        ('brands = ["./brands/", "../team"]\n', [], ["team", "ws/brands"]),
        ("", ["team"], ["team"]),
        ('brands = ["../team"]\n', ["program"], ["program"]),
    ],
)
def test_folders_that_are_read(
    shipped: Path, ws: Path, tmp_path: Path, file: str, options: list[str], read: list[str]
) -> None:
    make_brand(tmp_path / "team")
    make_brand(ws / OWN_BRANDS)
    (ws / "clonewatch.toml").write_text(file)
    given = [tmp_path / name for name in options]
    found = read_config(ws, brands=given).brand_folders()
    assert [folder.resolve() for folder in found] == [tmp_path / name for name in read]
    folders = chosen_folders(ws, given)
    assert folders.home == (given[-1] if given else ws / OWN_BRANDS)


def test_a_named_folder_is_written_to_where_it_is(shipped: Path, ws: Path, tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    added(ws, "Example Bank", "-d", "examplebank.com", "--brands", str(team))
    assert (team / "example-bank" / "brand.toml").is_file()
    assert not ws.exists()
    folders = chosen_folders(ws, [team])
    brand = load_brand(team / "example-bank")
    assert bring_home(brand, folders) is brand


def test_a_shipped_brand_is_copied_before_its_pages_are_stored(shipped: Path, ws: Path) -> None:
    for path in (shipped, *shipped.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before, folders = files(shipped), chosen_folders(ws, None)
    brand = bring_home(load_brand(shipped / BRAND), folders)
    assert Path(brand.folder) == ws / OWN_BRANDS / BRAND
    assert bring_home(load_brand(shipped / BRAND), folders).folder == brand.folder, "a second page needs no second copy"
    assert bring_home(brand, folders) == brand
    (Path(brand.folder) / "pages").mkdir()
    assert files(Path(brand.folder)) == {name.removeprefix(f"{BRAND}/"): content for name, content in before.items()}
    assert (Path(brand.folder) / "logos").stat().st_mode & 0o700 == 0o700
    assert files(shipped) == before


def test_what_cannot_be_written_is_said_with_the_remedy(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / OWN_BRANDS).write_text("")
    folders = chosen_folders(tmp_path, None)
    with pytest.raises(EnvironmentFault, match="name another folder with --brands"):
        create_brand(folders, NewBrand("new", "New", ["new.example"]))
    with pytest.raises(EnvironmentFault, match="name another folder with --brands"):
        bring_home(load_brand(shipped / BRAND), folders)


@pytest.mark.parametrize(
    "signin", ["examplebank.com/login", "ftp://x.example/", "https://x.example/a b", "javascript:1", ""]
)
def test_a_sign_in_page_that_is_no_address_is_refused(shipped: Path, ws: Path, signin: str) -> None:
    with pytest.raises(UsageError, match="--signin"):
        create_brand(chosen_folders(ws, None), NewBrand("new", "New", ["new.example"], [], [signin]))
    assert list((ws / OWN_BRANDS).iterdir()) == []


def test_a_backup_has_the_own_brands_and_tidying_leaves_them(shipped: Path, ws: Path, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(LOGO)
    added(ws, "Example Bank", "-d", "examplebank.com", "--logo", str(logo))
    own = files(ws / OWN_BRANDS)
    (ws / "clonewatch.toml").write_text("[retention]\ncleared_days = 31\n")
    with Workspace.open(ws) as opened:
        back_up(opened, tmp_path / "backup")
        tidy(opened, datetime(2036, 1, 1, tzinfo=UTC))
    assert files(ws / OWN_BRANDS) == own
    assert files(tmp_path / "backup" / OWN_BRANDS) == own
    with Workspace.open(tmp_path / "backup") as opened:
        assert "example-bank" in opened.library()
