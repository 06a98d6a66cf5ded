"""Load one brand's folder as a :class:`~detector.model.Brand`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import phonenumbers

from detector.brands.domains import valid_domain
from detector.brands.fields import TomlFile, read_flag, read_list, read_text, read_toml, refuse_unknown
from detector.errors import BrandFileError
from detector.model import Brand, Logo, OfficialPage

BRAND_FILE = "brand.toml"
LOGOS = "logos"
PAGES = "pages"
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

KEYS = (
    "name",
    "names",
    "domains",
    "signin_urls",
    "phones",
    "abuse_contact",
    "keywords",
    "family",
    "answers_as",
    "ambiguous",
    "logos",
)
LOGO_KEYS = ("file", "kind", "theme", "era", "source", "licence")
LOGO_VALUES = {
    "kind": ("mark", "wordmark", "tile"),
    "theme": ("any", "light", "dark"),
    "era": ("current", "historical"),
}
PICTURES = (".svg", ".png")

_DOMAIN_EXPECTED = "a registrable domain or a host such as example.co.uk: no scheme, path, port or wildcard"
_URL_EXPECTED = "an absolute http(s) URL"
_PHONE_EXPECTED = "a valid number in E.164: +, country code, number, no blanks (+18882804331)"
_ABUSE_EXPECTED = "a mail address or an https URL"


def load_brand(folder: Path) -> Brand:
    """Read a brand's folder.

    Raises:
        BrandFileError: brand.toml is absent or malformed, or logos and brand.toml disagree; names file and line.
    """
    if not ID.fullmatch(folder.name):
        raise BrandFileError(folder, None, f"folder name {folder.name!r}", "lower case letters, digits and hyphens")
    file = read_toml(folder / BRAND_FILE)
    data = file.data
    refuse_unknown(file, data, KEYS, None)
    name = read_text(file, data, "name", "the display name, as text")
    if not name:
        raise BrandFileError(file.path, 1, "no name", 'name = "..."')
    names = read_list(file, data, "names", "a name that pages call the brand by", lambda text: text.strip() or None)
    domains = read_list(file, data, "domains", _DOMAIN_EXPECTED, valid_domain)
    if not domains:
        raise BrandFileError(file.path, file.line_of("domains") or 1, "no domains", 'domains = ["..."]: at least one')
    return Brand(
        id=folder.name,
        name=name,
        names=tuple(dict.fromkeys((name, *names))),
        domains=domains,
        signin_urls=read_list(file, data, "signin_urls", _URL_EXPECTED, valid_address),
        phones=read_list(file, data, "phones", _PHONE_EXPECTED, _phone),
        abuse_contact=_abuse_contact(file),
        keywords=read_list(file, data, "keywords", "a word in lower case", _keyword),
        family=_reference(file, "family"),
        answers_as=_reference(file, "answers_as"),
        ambiguous=read_flag(file, data, "ambiguous"),
        logos=_logos(file, folder / LOGOS),
        pages=_pages(folder / PAGES),
        folder=str(folder.absolute()),
    )


def valid_address(text: str) -> str | None:
    """Return an absolute http(s) address as it is, or None where ``text`` is none."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    sound = parts.scheme in ("http", "https") and host and not re.search(r"[\s\x00-\x1f]", text)
    return text if sound else None


def _phone(text: str) -> str | None:
    if not re.fullmatch(r"\+[1-9]\d{6,14}", text):
        return None
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    return text if phonenumbers.is_valid_number(number) else None


def _keyword(text: str) -> str | None:
    return text if text.strip() == text.lower() and text else None


def _abuse_contact(file: TomlFile) -> str | None:
    text = read_text(file, file.data, "abuse_contact", _ABUSE_EXPECTED)
    if not text:
        return None
    mail = re.fullmatch(r"[^\s@<>:/]+@([^\s@<>:/]+)", text)
    if (mail and valid_domain(mail.group(1))) or (text.startswith("https://") and valid_address(text)):
        return text
    return file.fail("abuse_contact", f"abuse_contact is {text!r}", _ABUSE_EXPECTED)


def _reference(file: TomlFile, key: str) -> str:
    text = read_text(file, file.data, key, "the id of another brand")
    if text and (not ID.fullmatch(text) or text == file.path.parent.name):
        file.fail(key, f"{key} is {text!r}", "the id of another brand")
    return text


def _logos(file: TomlFile, folder: Path) -> tuple[Logo, ...]:
    tables = file.data.get("logos", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        file.fail("logos", "logos is no array of tables", "[[logos]] tables")
    logos = tuple(_logo(file, folder, index, table) for index, table in enumerate(tables))
    listed = {Path(logo.path).name for logo in logos}
    for found in sorted(folder.iterdir()) if folder.is_dir() else ():
        if found.name not in listed and not found.name.startswith("."):
            raise BrandFileError(
                file.path, None, f"{LOGOS}/{found.name} is not listed", f'a [[logos]] table with file = "{found.name}"'
            )
    if len(listed) < len(logos):
        names = [Path(logo.path).name for logo in logos]
        index = next(at for at, name in enumerate(names) if name in names[:at])
        file.fail("file", f"logo {names[index]!r} is listed twice", "each file once", table=("logos", index))
    return logos


def _logo(file: TomlFile, folder: Path, index: int, data: Mapping[str, Any]) -> Logo:
    table = ("logos", index)
    refuse_unknown(file, data, LOGO_KEYS, table)
    name = read_text(file, data, "file", f"the name of a file under {LOGOS}/", table=table)
    if not name or name != Path(name).name or Path(name).suffix.lower() not in PICTURES:
        file.fail("file", f"logo file {name!r}", f"the name of an .svg or .png file under {LOGOS}/", table=table)
    if not (folder / name).is_file():
        file.fail("file", f"{LOGOS}/{name} is missing", f"a file under {LOGOS}/", table=table)
    chosen: dict[str, str] = {}
    for key, values in LOGO_VALUES.items():
        text = read_text(file, data, key, f"one of {', '.join(values)}", table=table)
        if text and text not in values:
            file.fail(key, f"{key} is {text!r}", f"one of {', '.join(values)}", table=table)
        chosen[key] = text or values[0]
    texts = {key: read_text(file, data, key, "text", table=table) for key in ("source", "licence")}
    return Logo(path=str((folder / name).absolute()), **chosen, **texts)


class _Address(msgspec.Struct):
    url: str = ""


def _pages(folder: Path) -> tuple[OfficialPage, ...]:
    pages = []
    for picture in sorted(folder.glob("*.png")) if folder.is_dir() else ():
        if picture.name.endswith(".favicon.png"):
            continue
        facts = picture.with_suffix(".json")
        icons = (picture.with_suffix(".ico"), picture.with_suffix(".favicon.png"))
        icon = next((path for path in icons if path.is_file()), None)
        pages.append(
            OfficialPage(
                name=picture.stem,
                screenshot=str(picture.absolute()),
                facts=str(facts.absolute()) if facts.is_file() else None,
                favicon=str(icon.absolute()) if icon else None,
                url=_page_url(facts) if facts.is_file() else "",
            )
        )
    return tuple(pages)


def _page_url(facts: Path) -> str:
    try:
        return msgspec.json.decode(facts.read_bytes(), type=_Address).url
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BrandFileError(facts, None, f"not a page's facts ({error})", "a JSON object with a url") from error
