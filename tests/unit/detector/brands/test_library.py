"""Loading brands: accepted and refused files, error messages with file and place, owners of hosts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from detector.brands import BrandLibrary, load_brand, load_library
from detector.errors import BrandFileError, ConfigError
from detector.model import Brand

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M0 0h24v24H0z"/></svg>'
SOUND = 'name = "Acme"\ndomains = ["acme.example"]\n'


def write_brand(home: Path, brand_id: str = "acme", text: str = SOUND, logos: tuple[str, ...] = ()) -> Path:
    folder = home / brand_id
    (folder / "logos").mkdir(parents=True)
    (folder / "brand.toml").write_text(text, encoding="utf-8")
    for name in logos:
        (folder / "logos" / name).write_text(SVG, encoding="utf-8")
    return folder


def refused(folder: Path) -> BrandFileError:
    with pytest.raises(BrandFileError) as caught:
        load_brand(folder)
    return caught.value


def brand(brand_id: str, *domains: str, family: str = "", answers_as: str = "") -> Brand:
    return Brand(id=brand_id, name=brand_id, domains=domains, family=family, answers_as=answers_as)


def test_everything_of_a_brand_is_read(tmp_path: Path) -> None:
    text = """\
name = "Acme"
names = ["Acme", "Acme Bank", "アクメ"]
domains = ["acme.example", "Acme-CDN.example", "bücher.example"]
signin_urls = ["https://login.acme.example/in"]
phones = ["+18882804331"]
abuse_contact = "phish@acme.example"
keywords = ["login"]
family = "acme-holding"
answers_as = "acme-holding"
ambiguous = true

[[logos]]
file = "mark.svg"

[[logos]]
file = "name.svg"
kind = "wordmark"
theme = "dark"
era = "historical"
source = "drawn by us"
licence = "CC0-1.0"
"""
    folder = write_brand(tmp_path, text=text, logos=("mark.svg", "name.svg"))
    pages = folder / "pages"
    pages.mkdir()
    (pages / "signin.png").write_bytes(b"png")
    (pages / "signin.json").write_text('{"url": "https://login.acme.example/in", "title": "Sign in"}')
    (pages / "signin.ico").write_bytes(b"ico")
    (pages / "phone.png").write_bytes(b"png")
    (pages / "phone.favicon.png").write_bytes(b"png")

    acme = load_brand(folder)

    assert acme.id == "acme"
    assert acme.names == ("Acme", "Acme Bank", "アクメ")
    assert acme.domains == ("acme.example", "acme-cdn.example", "xn--bcher-kva.example")
    assert acme.phones == ("+18882804331",)
    assert acme.abuse_contact == "phish@acme.example"
    assert (acme.family, acme.answers_as, acme.answer, acme.ambiguous) == ("acme-holding",) * 3 + (True,)
    mark, name = acme.logos
    assert (mark.kind, mark.theme, mark.era) == ("mark", "any", "current")
    assert (name.kind, name.theme, name.era, name.licence) == ("wordmark", "dark", "historical", "CC0-1.0")
    assert Path(name.path).is_absolute()
    phone, signin = acme.pages
    assert (signin.name, signin.url) == ("signin", "https://login.acme.example/in")
    assert signin.favicon is not None
    assert signin.favicon.endswith("signin.ico")
    assert phone.facts is None
    assert phone.favicon is not None
    assert phone.favicon.endswith("phone.favicon.png")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('name = "Acme"\ndomains = ["a.example"\nkeywords = 3\n', 3, "not valid TOML"),
        ('name = "Acme\n', 1, "not valid TOML"),
        ('name = "Acme"\ndomains = [\n', 2, "not valid TOML"),
        (SOUND + 'colour = "red"\n', 3, "unknown key 'colour'"),
        (SOUND + "[owner]\nname = 3\n", 3, "unknown key 'owner'"),
        ('domains = ["acme.example"]\n', 1, "no name"),
        ('# a comment\nname = 7\ndomains = ["acme.example"]\n', 2, "name is 7, a number"),
        ('name = "Acme"\n', 1, "no domains"),
        ('name = "Acme"\n\ndomains = []\n', 3, "no domains"),
        ('name = "Acme"\ndomains = "acme.example"\n', 2, "domains is 'acme.example', text"),
        ('name = "Acme"\ndomains = [\n  "acme.example",\n  "https://acme.example",\n]\n', 4, "'https://acme.example'"),
        ('name = "Acme"\ndomains = ["acme.example", "*.acme.example"]\n', 2, "'*.acme.example'"),
        ('name = "Acme"\ndomains = ["localhost"]\n', 2, "'localhost'"),
        ('name = "Acme"\ndomains = ["192.0.2.1"]\n', 2, "'192.0.2.1'"),
        ('name = "Acme"\ndomains = [\n"acme.example",\n"ACME.example"]\n', 4, "'ACME.example' twice"),
        (SOUND + 'phones = ["0800 123"]\n', 3, "'0800 123'"),
        (SOUND + 'phones = ["+15550000000"]\n', 3, "'+15550000000'"),
        (SOUND + 'abuse_contact = "http://acme.example"\n', 3, "abuse_contact is 'http://acme.example'"),
        (SOUND + 'signin_urls = ["login.acme.example"]\n', 3, "'login.acme.example'"),
        (SOUND + "keywords = [1]\n", 3, "keywords holds 1, a number"),
        (SOUND + 'ambiguous = "yes"\n', 3, "ambiguous is 'yes', text"),
        (SOUND + 'family = "acme"\n', 3, "family is 'acme'"),
        (SOUND + 'answers_as = "Big Corp"\n', 3, "answers_as is 'Big Corp'"),
        (SOUND + "logos = 3\n", 3, "logos"),
    ],
)
def test_malformed_file_is_refused_at_its_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    folder = write_brand(tmp_path, text=text)
    error = refused(folder)
    assert (error.path, error.line) == (folder / "brand.toml", line)
    assert problem in str(error)
    assert error.expected
    assert error.exit_code == 3


@pytest.mark.parametrize(
    ("table", "line", "problem"),
    [
        ('file = "mark.svg"\n\n[[logos]]\nfile = "gone.svg"\n', 7, "logos/gone.svg is missing"),
        ('file = "mark.svg"\nkind = "icon"\n', 5, "kind is 'icon'"),
        ('file = "mark.svg"\nera = "old"\n', 5, "era is 'old'"),
        ('file = "mark.svg"\nsize = 3\n', 5, "unknown key 'size'"),
        ('file = "../mark.svg"\n', 4, "'../mark.svg'"),
        ('file = "mark.gif"\n', 4, "'mark.gif'"),
        ('kind = "mark"\n', 3, "logo file ''"),
        ('file = "mark.svg"\n\n[[logos]]\nfile = "mark.svg"\n', 7, "'mark.svg' is listed twice"),
    ],
)
def test_malformed_logo_is_refused_at_its_line(tmp_path: Path, table: str, line: int, problem: str) -> None:
    folder = write_brand(tmp_path, text=SOUND + "[[logos]]\n" + table, logos=("mark.svg",))
    error = refused(folder)
    assert error.line == line
    assert problem in str(error)


def test_logo_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    error = refused(write_brand(tmp_path, logos=("mark.svg",)))
    assert "logos/mark.svg is not listed" in str(error)
    assert 'file = "mark.svg"' in error.expected


def test_folder_without_brand_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    assert "no such file" in str(refused(tmp_path / "acme"))


def test_folder_name_must_be_an_id(tmp_path: Path) -> None:
    assert "'Acme Inc'" in str(refused(write_brand(tmp_path, "Acme Inc")))


def test_text_that_is_not_utf8_is_refused_at_its_line(tmp_path: Path) -> None:
    folder = write_brand(tmp_path)
    (folder / "brand.toml").write_bytes(b'name = "Acme"\n# caf\xe9\n')
    assert refused(folder).line == 2


def test_page_facts_that_are_no_json_are_refused(tmp_path: Path) -> None:
    folder = write_brand(tmp_path)
    (folder / "pages").mkdir()
    (folder / "pages" / "signin.png").write_bytes(b"png")
    (folder / "pages" / "signin.json").write_text('{"url": 3}')
    error = refused(folder)
    assert error.path == folder / "pages" / "signin.json"


def test_library_iterates_in_the_order_of_ids(tmp_path: Path) -> None:
    write_brand(tmp_path / "one", "zeta")
    write_brand(tmp_path / "two", "alpha")
    library = load_library([tmp_path / "one", tmp_path / "two"])
    assert [each.id for each in library] == ["alpha", "zeta"]
    assert len(library) == 2
    assert "zeta" in library
    assert library["zeta"].id == "zeta"
    assert library.get("nobody") is None
    with pytest.raises(KeyError):
        library["nobody"]


def test_a_brand_of_a_later_folder_takes_the_place_of_its_like(tmp_path: Path) -> None:
    for folder in ("one", "two", "three"):
        write_brand(tmp_path / folder)
    write_brand(tmp_path / "one", "other")
    library = load_library([tmp_path / name for name in ("one", "two", "three")])
    assert [(brand.id, Path(brand.folder).parent.name) for brand in library] == [("acme", "three"), ("other", "one")]


def test_same_id_twice_is_refused(tmp_path: Path) -> None:
    one, two = (load_brand(write_brand(tmp_path / name)) for name in ("one", "two"))
    with pytest.raises(ConfigError, match="'acme' is defined twice") as caught:
        BrandLibrary([one, two])
    assert str(tmp_path / "one") in str(caught.value)
    assert str(tmp_path / "two") in str(caught.value)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gone"):
        load_library([tmp_path / "gone"])


def test_hidden_folders_and_files_are_no_brands(tmp_path: Path) -> None:
    write_brand(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "README").write_text("x")
    assert [each.id for each in load_library([tmp_path])] == ["acme"]


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("acme.example", "acme"),
        ("login.eu.acme.example", "acme"),
        ("LOGIN.Acme.Example.", "acme"),
        ("notacme.example", None),
        ("acme.example.evil.test", None),
        ("example", None),
        ("", None),
        ("192.0.2.1", None),
        ("bücher.example", "books"),
        ("www.BÜCHER.example.", "books"),
        ("xn--bcher-kva.example", "books"),
        ("shop.acme.example", "acme-shop"),
        ("a.shop.acme.example", "acme-shop"),
        ("shared.example", "acme"),
        ("\u202eevil.example", None),
    ],
)
def test_owner_of_a_host(host: str, owner: str | None) -> None:
    library = BrandLibrary(
        [
            brand("acme", "acme.example", "shared.example"),
            brand("aaa-child", "shared.example", family="acme"),
            brand("acme-shop", "shop.acme.example", answers_as="acme"),
            brand("books", "xn--bcher-kva.example"),
        ]
    )
    found = library.owner_of(host)
    assert (found.id if found else None) == owner


def test_family_follows_owners_to_the_top() -> None:
    library = BrandLibrary(
        [
            brand("holding", "h.example"),
            brand("middle", "m.example", family="holding"),
            brand("leaf", "l.example", family="middle"),
            brand("product", "p.example", answers_as="holding"),
            brand("orphan", "o.example", family="nobody-known"),
            brand("sibling", "s.example", family="nobody-known"),
            brand("alone", "a.example"),
        ]
    )
    everybody = frozenset({"holding", "middle", "leaf", "product"})
    assert all(library.family(member) == everybody for member in everybody)
    assert library.family("orphan") == {"orphan", "sibling"}
    assert library.family("alone") == {"alone"}
    assert library.family("never-heard-of") == {"never-heard-of"}


def test_family_that_runs_in_a_circle_ends() -> None:
    library = BrandLibrary([brand("one", "1.example", family="two"), brand("two", "2.example", family="one")])
    assert library.family("one") == library.family("two") == {"one", "two"}


def test_fingerprint_follows_the_content_and_not_the_place(tmp_path: Path) -> None:
    text = SOUND + '[[logos]]\nfile = "mark.svg"\n'
    first = write_brand(tmp_path / "one", text=text, logos=("mark.svg",))
    write_brand(tmp_path / "two", text=text, logos=("mark.svg",))
    one, two = load_library([tmp_path / "one"]), load_library([tmp_path / "two"])
    assert one.fingerprint == two.fingerprint
    (first / "NOTICE").write_text("says nothing to a signal")
    assert load_library([tmp_path / "one"]).fingerprint == two.fingerprint
    (first / "logos" / "mark.svg").write_text(SVG.replace("M0 0", "M1 1"))
    assert load_library([tmp_path / "one"]).fingerprint != two.fingerprint


def test_a_brand_without_a_folder_is_fingerprinted_by_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bank = Brand("bank", "Bank", names=("Bank",), domains=("bank.example",))
    before = BrandLibrary((bank,)).fingerprint
    (tmp_path / "stranger.txt").write_text("the current folder belongs to no brand")
    assert BrandLibrary((bank,)).fingerprint == before
    assert BrandLibrary((replace(bank, names=("Bank", "The Bank")),)).fingerprint != before
