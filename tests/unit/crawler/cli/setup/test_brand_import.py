"""``clonewatch brands import``: all rows of a table or none, and each mistake by its row and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from crawler.cli.setup import brand_import
from crawler.cli.setup.brand_folder import chosen_folders
from crawler.loopback.web import serving_files
from detector.brands import load_brand, load_library
from detector.config import config_file
from detector.errors import EnvironmentFault, UsageError
from detector.workspace import OWN_BRANDS, read_config
from tests.support.program import BRAND, LOGO, NAME, clonewatch, complains, make_brand

HEADER = "name,domains,id,logos,signin_urls\n"
GOOD = "Alder Bank,alder.example;alder-bank.test,,logo.svg,https://alder.example/login\n"
MISTAKES = [
    # a row of CSV after a good one, and what is said about it
    (",b.example,,,", "row 3, column name: expected the brand's name"),
    ("Birch,,,,", "row 3, column domains: expected at least one domain"),
    ("Birch,https://b.example,,,", "row 3, column domains: https://b.example: expected a domain"),
    ("Birch,b.example not_a_domain,,,", "row 3, column domains: not_a_domain: expected a domain"),
    ("Birch,b.example,Birch!,,", "row 3, column id: 'Birch!': expected lower case letters"),
    ("Birch,b.example,../x,,", "row 3, column id: '../x': expected lower case letters"),
    ("Birch,b.example," + "x" * 300 + ",,", "row 3, column id: an id of 300 characters"),
    ("白樺,b.example,,,", "row 3, column name: no id can be made from '白樺'"),
    ("Birch,b.example,,missing.svg,", "row 3, column logos: "),
    ("Birch,b.example,,logo.gif,", "expected an .svg or .png file"),
    ("Birch,b.example,,script.svg,", "<script>"),
    ("Birch,b.example,,,ftp://b.example/", "row 3, column signin_urls: ftp://b.example/: expected an address"),
    ("Birch,b.example,alder-bank,,", "row 3, column id: an earlier row has the id 'alder-bank' too"),
    (f"{NAME},b.example,,,", f"row 3, column name: there is a brand '{BRAND}' already"),
    ("Birch,b.example,", "row 3: 3 cells, but row 1 names 5 columns"),
    ("Birch,b.example,,,,,", "row 3: 7 cells"),
    ('Birch,"b.example,,,', "row 3: not CSV"),
    ("Bir\u0007ch,b.example,,,", "row 3, column name: 'Bir\\x07ch': expected a name of printable"),
]
FILES = [
    ("a.csv", "", "no rows"),
    ("a.csv", HEADER, "no rows"),
    ("a.csv", "name,colour\nBirch,red\n", "row 2: unknown column 'colour'; known: id, name, domains"),
    ("a.csv", "name,name\nBirch,x\n", "row 1: two columns are called 'name'"),
    ("a.xlsx", "x", "expected a file that ends in .csv, .toml, .json"),
    ("a.toml", "brands = 3\n", "expected [[brands]] tables"),
    ("a.toml", "[[brands]\n", "a.toml:1: not valid TOML"),
    ("a.toml", '[[brands]]\nname = "B"\ndomains = [3]\n', "row 1, column domains: expected a list of texts, not [3]"),
    ("a.toml", "[[brands]]\nname = 3\n", "row 1, column name: expected a text, not 3"),
    ("a.json", "{", "not valid JSON"),
    ("a.json", "[" * 20_000, "not valid JSON"),
    ("a.json", '["x"]', "row 1: expected a list of objects, not 'x'"),
    ("a.json", "{}", "expected a list of objects"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shipped brand, and files of logos beside the tables."""
    shipped = make_brand(tmp_path / "program")
    monkeypatch.setattr(config_file, "default_brands_dir", lambda: shipped)
    (tmp_path / "logo.svg").write_text(LOGO)
    (tmp_path / "script.svg").write_text(LOGO.replace("<circle", "<script/><circle"))
    Image.new("RGB", (40, 40), "red").save(tmp_path / "logo.png")
    return tmp_path


def imported(folder: Path, name: str, text: str, *words: str) -> list[str]:
    """Import a table; ids of the workspace's own brands afterwards."""
    (folder / name).write_text(text, encoding="utf-8")
    done = clonewatch("brands", "import", folder / name, *words, "-w", folder / "ws")
    assert done.returncode == 0, done.stderr
    return own(folder)


def own(folder: Path) -> list[str]:
    home = folder / "ws" / OWN_BRANDS
    return sorted(path.name for path in home.iterdir()) if home.is_dir() else []


def test_one_table_in_each_format_gives_the_same_brands(folder: Path) -> None:
    entry = {
        "name": "Alder Bank",
        "domains": ["alder.example", "alder-bank.test"],
        "logos": ["logo.svg"],
        "signin_urls": ["https://alder.example/login"],
    }
    tables = {
        "a.csv": HEADER + GOOD,
        "b.csv": "﻿Name;Domains;Logos;Signin_URLs\nAlder Bank;alder.example alder-bank.test;logo.svg;https://alder.example/login\n",
        "a.json": json.dumps([entry]),
        "b.json": json.dumps({"brands": [entry]}),
        "a.toml": "[[brands]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entry.items()),
    }
    texts = set()
    for name, text in tables.items():
        assert imported(folder, name, text) == ["alder-bank"], name
        home = folder / "ws" / OWN_BRANDS / "alder-bank"
        texts.add((home / "brand.toml").read_text())
        brand = load_brand(home)
        assert brand.domains == ("alder.example", "alder-bank.test")
        assert brand.signin_urls == ("https://alder.example/login",)
        assert [Path(logo.path).read_text() for logo in brand.logos] == [LOGO]
        for file in (*home.glob("*/*"), *home.glob("*.*")):
            file.unlink()
        (home / "logos").rmdir()
        home.rmdir()
    assert len(texts) == 1


@pytest.mark.parametrize(("row", "said"), MISTAKES)
def test_a_mistake_is_named_by_row_and_column_and_nothing_is_imported(folder: Path, row: str, said: str) -> None:
    (folder / "list.csv").write_text(HEADER + GOOD + row + "\n", encoding="utf-8")
    done = clonewatch("brands", "import", folder / "list.csv", "-w", folder / "ws")
    complains(done, 2, said)
    assert own(folder) == []


@pytest.mark.parametrize(("name", "text", "said"), FILES)
def test_a_table_that_cannot_be_used(folder: Path, name: str, text: str, said: str) -> None:
    (folder / name).write_text(text)
    complains(clonewatch("brands", "import", folder / name, "-w", folder / "ws"), 2, said)
    complains(clonewatch("brands", "import", folder / "gone.csv", "-w", folder / "ws"), 2, "cannot be read")
    assert own(folder) == []


def test_all_mistakes_are_named_at_once_up_to_a_number(folder: Path) -> None:
    (folder / "list.csv").write_text(HEADER + "B,,,,\n" * 50)
    done = clonewatch("brands", "import", folder / "list.csv", "-w", folder / "ws")
    complains(done, 2, "row 2,", "row 21,", "and 30 more")


def test_a_second_import_adds_what_is_new(folder: Path) -> None:
    assert imported(folder, "list.csv", HEADER + GOOD) == ["alder-bank"]
    more = HEADER + GOOD + "Birch,birch.example,,,\n"
    (folder / "list.csv").write_text(more)
    complains(clonewatch("brands", "import", folder / "list.csv", "-w", folder / "ws"), 2, "row 2, column name")
    assert imported(folder, "list.csv", more, "--skip-known") == ["alder-bank", "birch"]
    assert {brand.id for brand in load_library(read_config(folder / "ws").brand_folders())} == {
        BRAND,
        "alder-bank",
        "birch",
    }


def test_logos_are_fetched_from_addresses(folder: Path) -> None:
    with serving_files({"/mark.svg": LOGO.encode()}) as site:
        url = site.url("/mark.svg", "127.0.0.1")
        assert imported(folder, "list.csv", f"name,domains,logos\nAlder,alder.example,{url};logo.png\n") == ["alder"]
        kinds = [Path(logo.path).name for logo in load_brand(folder / "ws" / OWN_BRANDS / "alder").logos]
        assert kinds == ["mark.svg", "logo.png"]
        (folder / "list.csv").write_text(f"name,domains,logos\nBirch,b.example,{site.url('/gone.svg', '127.0.0.1')}\n")
        done = clonewatch("brands", "import", folder / "list.csv", "-w", folder / "ws")
    complains(done, 2, "row 2, column logos:", "/gone.svg: the server answered 404")
    assert own(folder) == ["alder"]


def test_a_disk_that_fills_while_brands_are_moved_leaves_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "list.csv").write_text(HEADER + GOOD + "Birch,birch.example,,,\n")
    rows, folders = brand_import.read_rows(folder / "list.csv"), chosen_folders(folder / "ws", None)
    moved = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == "birch":
            raise OSError(28, "No space left on device")
        return moved(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(EnvironmentFault, match="No space left"):
        brand_import.add_rows(rows, folders)
    assert own(folder) == []


def test_an_unreadable_text_is_named_by_its_line(folder: Path) -> None:
    (folder / "list.csv").write_bytes(HEADER.encode() + b"Caf\xe9,cafe.example,,,\n")
    with pytest.raises(UsageError, match=r"list\.csv:2: not UTF-8"):
        brand_import.read_rows(folder / "list.csv")
