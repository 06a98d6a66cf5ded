"""``clonewatch brands list | check | add``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from crawler.cli.commands.brands import app
from crawler.cli.setup.brand_folder import brand_id
from detector.brands import load_brand, load_library
from detector.errors import ConfigError, EnvironmentFault, UsageError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 9"><path d="M0 0h90v9H0z"/></svg>'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "brands"
    (folder / "acme").mkdir(parents=True)
    (folder / "acme" / "brand.toml").write_text('name = "Acme [red]Bank"\ndomains = ["acme.example", "acme.test"]\n')
    return folder


def run(*words: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "120"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_list_prints_counts(home: Path) -> None:
    result = run("list", "--brands", home)
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if "acme" in line)
    assert row.split() == ["acme", "Acme", "[red]Bank", "2", "0", "0"]
    assert f"1 brand:\n  1 in {home}" in result.output


def test_list_takes_the_folders_of_the_workspace_and_makes_none(home: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "ws"
    workspace.mkdir()
    (workspace / "clonewatch.toml").write_text('brands = ["../brands"]\n')
    assert "acme" in run("list", "--workspace", workspace).output
    run("list", "--brands", home, "--workspace", tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_list_without_options_shows_the_shipped_brands(tmp_path: Path) -> None:
    assert "paypal" in run("list", "--workspace", tmp_path).output


def test_check_names_brands_without_logo_and_finds_no_problem(home: Path) -> None:
    result = run("check", "--brands", home)
    assert result.exit_code == 0
    assert "1 brands without a logo, recognised by names and domains only: acme" in result.output


def test_check_prints_file_and_line_and_fails(home: Path) -> None:
    broken = home / "broken"
    broken.mkdir()
    (broken / "brand.toml").write_text('name = "B"\ndomains = ["b.example"]\ncolour = 1\n')
    runner = CliRunner().invoke(app, ["check", "--brands", str(home)])
    assert f"{broken / 'brand.toml'}:3: problem: unknown key 'colour'" in runner.output
    assert isinstance(runner.exception, ConfigError)
    assert runner.exception.exit_code == 3
    assert "1 problem" in str(runner.exception)


def test_add_makes_a_brand_that_loads(home: Path, tmp_path: Path) -> None:
    logo, tile = tmp_path / "Acme Name.svg", tmp_path / "tile-dark.png"
    logo.write_text(SVG)
    Image.new("RGB", (40, 40), "red").save(tile)
    result = run(
        "add", 'Crédit "X"', "-d", "Credit.example", "-d", "crédit.example", "-l", logo, "-l", tile, "--brands", home
    )
    assert result.exit_code == 0
    brand = load_brand(home / "credit-x")
    assert brand.name == 'Crédit "X"'
    assert brand.domains == ("credit.example", "xn--crdit-csa.example")
    assert [(Path(each.path).name, each.kind, each.theme) for each in brand.logos] == [
        ("acme-name.svg", "wordmark", "any"),
        ("tile-dark.png", "tile", "dark"),
    ]
    assert Path(brand.logos[0].path).read_text() == SVG
    assert len(load_library([home])) == 2
    assert {path.name for path in home.iterdir()} == {"acme", "credit-x"}


def test_add_writes_into_the_last_folder(home: Path, tmp_path: Path) -> None:
    last = tmp_path / "last"
    last.mkdir()
    run("add", "New", "-d", "new.example", "--brands", home, "--brands", last)
    assert load_brand(last / "new").name == "New"
    assert {path.name for path in home.iterdir()} == {"acme"}


def test_two_logos_of_one_name_are_both_kept(home: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "logo.svg").write_text(SVG)
    run(
        "add",
        "New",
        "-d",
        "new.example",
        "-l",
        tmp_path / "a/logo.svg",
        "-l",
        tmp_path / "b/logo.svg",
        "--brands",
        home,
    )
    assert [Path(logo.path).name for logo in load_brand(home / "new").logos] == ["logo.svg", "logo-2.svg"]


@pytest.mark.parametrize("words", [["Acme"], ["Something else", "--id", "acme"]])
def test_add_never_overwrites(home: Path, words: list[str]) -> None:
    before = files(home)
    with pytest.raises(UsageError, match="'acme' already"):
        run("add", *words, "--domain", "other.example", "--brands", home)
    assert files(home) == before


def test_add_does_not_shadow_a_brand_of_another_folder(home: Path, tmp_path: Path) -> None:
    last = tmp_path / "last"
    last.mkdir()
    with pytest.raises(UsageError, match="'acme' already"):
        run("add", "Acme", "-d", "other.example", "--brands", home, "--brands", last)
    assert list(last.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["New", "-d", "https://new.example"], "--domain https://new.example"),
        (["New", "-d", "new.example", "--id", "../out"], "'../out'"),
        (["New", "-d", "new.example", "--id", "New"], "'New'"),
        (["楽天", "-d", "new.example"], "choose one with --id"),
        (["x" * 300, "-d", "new.example"], "--id an id of 300 characters"),
        (["New", "-d", "new.example", "--id", "x" * 5000], "at most 100"),
        (["New\nname", "-d", "new.example"], "printable characters"),
        (["New", "-d", "new.example", "-l", "gone.svg"], "gone.svg: cannot be read"),
        (["New", "-d", "new.example", "-l", "logo.gif"], ".svg or .png"),
    ],
)
def test_add_refuses_what_it_cannot_use_and_leaves_nothing(home: Path, words: list[str], problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        run("add", *words, "--brands", home)
    assert problem in str(caught.value)
    assert {path.name for path in home.iterdir()} == {"acme"}


def test_add_refuses_a_logo_that_holds_a_script(home: Path, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(SVG.replace("<path", "<script/><path"))
    with pytest.raises(UsageError, match="<script>"):
        run("add", "New", "-d", "new.example", "-l", logo, "--brands", home)
    assert not (home / "new").exists()


def test_add_without_a_domain_is_a_usage_error(home: Path) -> None:
    assert run("add", "New", "--brands", home).exit_code == 2


def test_add_says_when_nothing_can_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    logo = home.parent / "logo.svg"
    logo.write_text(SVG)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(EnvironmentFault, match="No space left"):
        run("add", "New", "-d", "new.example", "-l", logo, "--brands", home)
    assert {path.name for path in home.iterdir()} == {"acme"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Royal Mail", "royal-mail"),
        ("Disney+", "disney-plus"),
        ("AT&T", "at-and-t"),
        ("Telefónica", "telefonica"),
        ("L'Oréal", "loreal"),
    ],
)
def test_id_from_a_name(name: str, expected: str) -> None:
    assert brand_id(name) == expected
