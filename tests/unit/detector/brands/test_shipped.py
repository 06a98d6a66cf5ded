"""The shipped brands: complete, valid, each logo with its origin."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from detector.brands import BrandLibrary, RemarkKind, check_library
from detector.config import default_brands_dir

ROOT = default_brands_dir().parent
SOURCES = tomllib.loads((ROOT / "tools" / "logo_sources.toml").read_text(encoding="utf-8"))


@pytest.fixture
def library(shipped_library: BrandLibrary) -> BrandLibrary:
    return shipped_library


def test_at_least_120_brands_have_logos_of_both_kinds(library: BrandLibrary) -> None:
    with_logos = [brand for brand in library if brand.logos]
    assert len(library) >= 149
    assert len(with_logos) >= 120
    kinds = {(logo.kind, logo.theme, logo.era) for brand in library for logo in brand.logos}
    assert {kind for kind, _, _ in kinds} == {"mark", "wordmark", "tile"}
    assert {("mark", "dark", "current"), ("wordmark", "dark", "current"), ("mark", "any", "historical")} <= kinds


def test_nothing_is_wrong_with_them(library: BrandLibrary) -> None:
    remarks = check_library([default_brands_dir()])
    assert [str(remark) for remark in remarks if remark.kind is RemarkKind.PROBLEM] == []
    bare = {remark.brand for remark in remarks if remark.kind is RemarkKind.NO_LOGO}
    assert bare == {brand.id for brand in library if not brand.logos}


def test_every_logo_tells_source_and_licence(library: BrandLibrary) -> None:
    for brand in library:
        notice = (Path(brand.folder) / "NOTICE").read_text(encoding="utf-8")
        assert notice.startswith(brand.name)
        for logo in brand.logos:
            assert logo.licence in ("CC0-1.0", "MIT"), logo.path
            assert f"logos/{Path(logo.path).name}: {logo.source} ({logo.licence})" in notice


def test_logos_are_those_of_the_mapping(library: BrandLibrary) -> None:
    shipped = {brand.id: {Path(logo.path).name for logo in brand.logos} for brand in library if brand.logos}
    assert shipped == {brand: set(files) for brand, files in SOURCES["brands"].items()}


def test_notice_names_every_package_and_version() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for package in SOURCES["packages"].values():
        line = next(line for line in notice.splitlines() if line.startswith(package["npm"] + " "))
        assert package["version"] in line


def test_library_stays_small() -> None:
    files = [path for path in default_brands_dir().rglob("*") if path.is_file() and "pages" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 6_000_000


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("www.paypal.com", "paypal"),
        ("www.paypalobjects.com", "paypal"),
        ("signin.ebay.co.uk", "ebay"),
        ("www.amazon.co.jp", "amazon"),
        ("login.live.com", "microsoft"),
        ("mail.google.com", "gmail"),
        ("static.xx.fbcdn.net", "facebook"),
        ("passport.яндекс.рф", "yandex"),
        ("www.tax.service.gov.uk", "hmrc"),
        ("www.gov.uk", "gov-uk"),
        ("paypal.com.evil.example", None),
        ("paypa1.com", None),
    ],
)
def test_owner_of_real_hosts(library: BrandLibrary, host: str, owner: str | None) -> None:
    found = library.owner_of(host)
    assert (found.id if found else None) == owner


def test_products_answer_for_their_maker_and_families_are_whole(library: BrandLibrary) -> None:
    assert {library[product].answer for product in ("outlook", "office-365", "onedrive", "teams")} == {"microsoft"}
    assert library["icloud"].answer == "apple"
    assert library["gmail"].answer == "google"
    assert library["messenger"].answer == "messenger"
    assert library.family("messenger") == {"facebook", "messenger", "instagram", "whatsapp"}
    assert {"xbox", "skype", "linkedin", "github", "outlook"} <= library.family("microsoft")


def test_everyday_words_are_marked(library: BrandLibrary) -> None:
    words = ("line", "chase", "target", "orange", "visa", "wise", "signal", "zoom", "slack", "ledger", "steam", "ing")
    assert [word for word in words if not library[word].ambiguous] == []
    assert not library["paypal"].ambiguous
