"""tools/import_logos.py on packages that lie on disk: what is written, kept and refused.  Nothing is downloaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.brands import load_brand
from tools.import_logos import LogoImportError, Package, import_brand

BODY = '<path fill="red" d="M0 0h9v9H0z"/>'
HEAD = 'name = "Acme"\ndomains = ["acme.example"] # by hand\n'


@pytest.fixture
def packages(tmp_path: Path) -> dict[str, Package]:
    iconify, simple, tiny = (tmp_path / name for name in ("iconify", "simple", "tiny"))
    for folder in (iconify, simple / "icons", simple / "data", tiny / "images" / "svg"):
        folder.mkdir(parents=True)
    icons = {"acme": {"body": BODY, "width": 90}, "evil": {"body": "<script>alert(1)</script>"}}
    (iconify / "icons.json").write_text(json.dumps({"icons": icons, "height": 30}))
    path = '<svg role="img" viewBox="0 0 24 24"><title>Acme.com</title><path d="M1 1h22z"/></svg>'
    (simple / "icons" / "acmedotcom.svg").write_text(path)
    (simple / "icons" / "grey.svg").write_text(path)
    (simple / "data" / "simple-icons.json").write_text(json.dumps([{"title": "Acme.com", "hex": "12ab34"}]))
    (tiny / "images" / "svg" / "acme.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{BODY}</svg>'
    )
    return {
        "logos": Package("@x/logos", "1.0.0", "CC0-1.0", "iconify", iconify),
        "simple": Package("simple", "2.0.0", "CC0-1.0", "simple-icons", simple),
        "tiny": Package("tiny", "3.0.0", "MIT", "files", tiny),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "acme"
    made.mkdir()
    (made / "brand.toml").write_text(HEAD)
    return made


def test_logos_tables_and_notice_are_written_once(folder: Path, packages: dict[str, Package]) -> None:
    mapping = {
        "wordmark.svg": "logos:acme",
        "mark-dark.svg": "simple:acmedotcom#FFFFFF",
        "mark-historical-2019.svg": "simple:acmedotcom",
        "tile.svg": "tiny:acme",
    }
    assert import_brand(folder, mapping, packages)
    brand = load_brand(folder)
    assert {Path(logo.path).name: (logo.kind, logo.theme, logo.era) for logo in brand.logos} == {
        "wordmark.svg": ("wordmark", "any", "current"),
        "mark-dark.svg": ("mark", "dark", "current"),
        "mark-historical-2019.svg": ("mark", "any", "historical"),
        "tile.svg": ("tile", "any", "current"),
    }
    assert (folder / "brand.toml").read_text().startswith(HEAD)
    assert 'viewBox="0 0 90 30"' in (folder / "logos" / "wordmark.svg").read_text()
    assert 'fill="#FFFFFF"' in (folder / "logos" / "mark-dark.svg").read_text()
    assert 'fill="#12AB34"' in (folder / "logos" / "mark-historical-2019.svg").read_text()
    notice = (folder / "NOTICE").read_text()
    assert "logos/tile.svg: tiny@3.0.0: acme (MIT)" in notice
    assert not import_brand(folder, mapping, packages)


def test_logos_that_left_the_mapping_go_and_those_from_elsewhere_stay(
    folder: Path, packages: dict[str, Package]
) -> None:
    import_brand(folder, {"mark.svg": "logos:acme", "tile.svg": "tiny:acme"}, packages)
    (folder / "logos" / "own.svg").write_text((folder / "logos" / "mark.svg").read_text())
    with (folder / "brand.toml").open("a") as file:
        file.write('\n[[logos]]\nfile = "own.svg"\nsource = "drawn by us"\nlicence = "Apache-2.0"\n')
    assert import_brand(folder, {"mark.svg": "logos:acme"}, packages)
    assert [Path(logo.path).name for logo in load_brand(folder).logos] == ["mark.svg", "own.svg"]
    assert not (folder / "logos" / "tile.svg").exists()
    assert "logos/own.svg: drawn by us (Apache-2.0)" in (folder / "NOTICE").read_text()


def test_brand_without_logo_says_so(folder: Path, packages: dict[str, Package]) -> None:
    import_brand(folder, {}, packages)
    assert (folder / "brand.toml").read_text() == HEAD
    assert "No logo" in (folder / "NOTICE").read_text()


@pytest.mark.parametrize(
    ("origin", "problem"),
    [
        ("logos:evil", "<script>"),
        ("logos:gone", "has no 'gone'"),
        ("simple:gone", "has no 'icons/gone.svg'"),
        ("simple:grey", "states no colour"),
        ("logos:acme#FFFFFF", "its own colours"),
    ],
)
def test_icons_that_cannot_be_used_are_refused(
    folder: Path, packages: dict[str, Package], origin: str, problem: str
) -> None:
    with pytest.raises(LogoImportError, match=problem):
        import_brand(folder, {"mark.svg": origin}, packages)
    assert (folder / "brand.toml").read_text() == HEAD
