"""``check_library``: all errors of all brands at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.brands import RemarkKind, check_library
from detector.errors import ConfigError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/></svg>'


def write(home: Path, brand_id: str, text: str, **logos: str) -> None:
    folder = home / brand_id
    (folder / "logos").mkdir(parents=True)
    for name, svg in logos.items():
        (folder / "logos" / f"{name}.svg").write_text(svg)
        text += f'\n[[logos]]\nfile = "{name}.svg"\n'
    (folder / "brand.toml").write_text(text)


def said(home: Path) -> list[tuple[str, str, int | None, str]]:
    return [(remark.kind.value, remark.brand, remark.line, remark.text) for remark in check_library([home])]


def test_sound_brand_has_no_remarks(tmp_path: Path) -> None:
    write(tmp_path, "acme", 'name = "A"\ndomains = ["a.example"]\nsignin_urls = ["https://in.a.example/"]\n', mark=SVG)
    assert said(tmp_path) == []


def test_every_malformed_brand_is_named(tmp_path: Path) -> None:
    write(tmp_path, "one", 'name = "A"\ndomains = 3\n')
    write(tmp_path, "two", 'name = "B"\ndomains = ["b.example"]\ncolor = 1\n')
    first, second = check_library([tmp_path])
    assert (first.kind, first.brand, first.line) == (RemarkKind.PROBLEM, "one", 2)
    assert second.where == f"{tmp_path / 'two' / 'brand.toml'}:3"
    assert "expected one of name" in second.text


def test_brand_without_logo_is_listed_and_is_no_problem(tmp_path: Path) -> None:
    write(tmp_path, "acme", 'name = "A"\ndomains = ["a.example"]\n')
    assert [(kind, brand) for kind, brand, _, _ in said(tmp_path)] == [("no logo", "acme")]


def test_references_to_nobody_are_problems(tmp_path: Path) -> None:
    text = 'name = "A"\ndomains = ["a.example"]\nfamily = "nobody"\nanswers_as = "no-one"\n'
    write(tmp_path, "acme", text, mark=SVG)
    assert said(tmp_path) == [
        ("problem", "acme", 3, "family names 'nobody', which is not a brand of this library"),
        ("problem", "acme", 4, "answers_as names 'no-one', which is not a brand of this library"),
    ]


def test_domain_of_two_owners_is_a_problem_unless_they_are_one_family(tmp_path: Path) -> None:
    write(tmp_path, "acme", 'name = "A"\ndomains = ["a.example"]\n', mark=SVG)
    write(tmp_path, "child", 'name = "C"\ndomains = ["a.example"]\nfamily = "acme"\n', mark=SVG)
    write(tmp_path, "rival", 'name = "R"\ndomains = [\n  "r.example",\n  "a.example",\n]\n', mark=SVG)
    assert said(tmp_path) == [("problem", "rival", 4, "domain a.example also belongs to 'acme'")]


def test_signin_page_on_a_foreign_host_is_a_problem(tmp_path: Path) -> None:
    text = 'name = "A"\ndomains = ["a.example"]\nsignin_urls = [\n  "https://a.example/",\n  "https://b.example/"]\n'
    write(tmp_path, "acme", text, mark=SVG)
    [(kind, _, line, words)] = said(tmp_path)
    assert (kind, line) == ("problem", 5)
    assert "https://b.example/" in words


def test_unreadable_logo_is_a_problem_of_its_file(tmp_path: Path) -> None:
    write(tmp_path, "acme", 'name = "A"\ndomains = ["a.example"]\n', mark="<svg><script/></svg>")
    [remark] = check_library([tmp_path])
    assert remark.kind is RemarkKind.PROBLEM
    assert remark.path.name == "mark.svg"


def test_public_suffix_and_needless_domain_are_notes(tmp_path: Path) -> None:
    text = 'name = "A"\ndomains = ["co.uk", "a.example", "www.a.example"]\n'
    write(tmp_path, "acme", text, mark=SVG)
    assert [(kind, line) for kind, _, line, _ in said(tmp_path)] == [("note", 2), ("note", 2)]


def test_same_id_in_two_folders_is_a_problem(tmp_path: Path) -> None:
    for home in ("one", "two"):
        write(tmp_path / home, "acme", 'name = "A"\ndomains = ["a.example"]\n', mark=SVG)
    [remark] = check_library([tmp_path / "one", tmp_path / "two"])
    assert remark.path == tmp_path / "two" / "acme" / "brand.toml"
    assert str(tmp_path / "one") in remark.text


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gone"):
        check_library([tmp_path / "gone"])


def test_domains_on_which_others_publish_are_named(tmp_path: Path) -> None:
    """Name what is known of an owned domain, by the table or by the public suffix list; not where it is the brand's own account."""
    domains = [
        "tumblr.com",
        "telegra.ph",
        "amazonaws.com",
        "netlify.app",
        "appspot.com",
        "www.google.com",
        "withgoogle.com",
    ]
    own = ["acme.github.io", "acme.sharepoint.com", "www.tumblr.example"]
    write(tmp_path, "acme", f'name = "A"\ndomains = {[*domains, *own]}\n'.replace("'", '"'), mark=SVG)
    remarks = said(tmp_path)
    assert {(kind, line) for kind, _, line, _ in remarks} == {("shared", 2)}
    named = {text.split(": ")[0].removeprefix("others publish on "): text for *_, text in remarks}
    assert list(named) == ["tumblr.com", "telegra.ph", "amazonaws.com", "netlify.app", "appspot.com"]
    assert named["tumblr.com"] == "others publish on tumblr.com: *.tumblr.com"
    assert named["amazonaws.com"].endswith("more names")
