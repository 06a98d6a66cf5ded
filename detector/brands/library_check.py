"""Check a library: list all faults, where loading stops at the first, and what else is worth knowing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from detector.brands.brand_loader import BRAND_FILE, load_brand
from detector.brands.fields import TomlFile, read_toml
from detector.brands.library import BrandLibrary, brand_folders
from detector.brands.logo_pictures import render_logo
from detector.brands.shared_texts import page_fault
from detector.errors import BrandFileError
from detector.hosters import account_of, entry_of, is_below, shared_below, whole_account
from detector.hosts import private_suffixes, split_host
from detector.model import Brand, PageFacts, from_json
from detector.sentences import counted

MOST_NAMES = 5
"""Names on a domain that a remark lists."""


class RemarkKind(StrEnum):
    """Severity of a remark."""

    PROBLEM = "problem"
    """Must be corrected: the brand cannot be used as intended."""
    NOTE = "note"
    """Worth knowing."""
    NO_LOGO = "no logo"
    """The brand has no logo: it is recognised by text and domains only."""
    SHARED = "shared"
    """Others publish on a domain of the brand: their pages there are not the brand's."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark; ``line`` is 1-based, None where it is about no single line."""

    kind: RemarkKind
    brand: str
    path: Path
    line: int | None
    text: str

    @property
    def where(self) -> str:
        """``file:line``, or the file alone."""
        return str(self.path) if self.line is None else f"{self.path}:{self.line}"


def check_library(folders: Sequence[Path]) -> tuple[Remark, ...]:
    """Check every brand under ``folders``; pictures are decoded too.

    Raises:
        ConfigError: a folder is missing.
    """
    brands: dict[str, Brand] = {}
    remarks: list[Remark] = []
    for folder in brand_folders(folders):
        try:
            brand = load_brand(folder)
        except BrandFileError as error:
            remarks.append(_of_error(folder.name, error))
            continue
        if brand.id in brands:
            text = f"it takes the place of the one in {brands[brand.id].folder}"
            remarks.append(Remark(RemarkKind.NOTE, brand.id, folder / BRAND_FILE, None, text))
        brands[brand.id] = brand
    library = BrandLibrary(brands.values())
    for brand in library:
        remarks += _of_brand(brand, library)
    return tuple(remarks)


def _of_error(brand_id: str, error: BrandFileError) -> Remark:
    text = f"{error.problem}; expected {error.expected}"
    return Remark(RemarkKind.PROBLEM, brand_id, error.path, error.line, text)


def _of_brand(brand: Brand, library: BrandLibrary) -> Iterator[Remark]:
    file = read_toml(Path(brand.folder) / BRAND_FILE)
    for key in ("family", "answers_as"):
        named = getattr(brand, key)
        if named and named not in library:
            yield _problem(brand, file, key, None, f"{key} names {named!r}, which is not a brand of this library")
    yield from _of_domains(brand, library, file)
    for url in brand.signin_urls:
        owner = library.owner_of(urlsplit(url).hostname or "")
        if owner is None or owner.id not in library.family(brand.id):
            yield _problem(brand, file, "signin_urls", url, f"sign-in page {url} is on none of its domains")
    yield from _of_pages(brand)
    for logo in brand.logos:
        try:
            render_logo(logo, size=64)
        except BrandFileError as error:
            yield _of_error(brand.id, error)
    if not brand.logos:
        yield Remark(
            RemarkKind.NO_LOGO,
            brand.id,
            file.path,
            None,
            "no logo: the brand is recognised by its names and domains only",
        )


def _of_domains(brand: Brand, library: BrandLibrary, file: TomlFile) -> Iterator[Remark]:
    for domain in brand.domains:
        owner = library.owner_of(domain)
        if owner is not None and owner.id not in library.family(brand.id) and domain in owner.domains:
            yield _problem(brand, file, "domains", domain, f"domain {domain} also belongs to {owner.id!r}")
        parts = split_host(domain)
        if not parts.label and not parts.hosted:
            text = f"{domain} is a public suffix: every name below it counts as the brand's own"
            yield Remark(RemarkKind.NOTE, brand.id, file.path, file.line_of("domains", value=domain), text)
        elif others := _shared_names(domain):
            more = f" and {counted(len(others) - MOST_NAMES, 'more name')}" if len(others) > MOST_NAMES else ""
            text = f"others publish on {domain}: {', '.join(others[:MOST_NAMES])}{more}"
            yield Remark(RemarkKind.SHARED, brand.id, file.path, file.line_of("domains", value=domain), text)
        above = [other for other in brand.domains if domain.endswith(f".{other}")]
        if above:
            text = f"domain {domain} adds nothing: {above[0]} covers it"
            yield Remark(RemarkKind.NOTE, brand.id, file.path, file.line_of("domains", value=domain), text)


def _of_pages(brand: Brand) -> Iterator[Remark]:
    for page in brand.pages:
        if page.facts is None:
            continue
        try:
            fault = page_fault(from_json(Path(page.facts).read_bytes(), PageFacts))
        except (OSError, ValueError):
            continue
        if fault:
            text = f"the captured page {page.name!r} shows {fault}, and is compared with nothing; capture it again, or remove it"
            yield Remark(RemarkKind.NOTE, brand.id, Path(page.screenshot), None, text)


def _shared_names(domain: str) -> list[str]:
    """Return names at or below a domain on which others than its owner publish; none of an account that is wholly the owner's."""
    account = account_of(f"https://{domain}/")
    if account is not None and whole_account(account, domain):
        return []
    known = [shared.name for shared in shared_below(domain)]
    covering = entry_of(domain)
    if covering is not None and covering.opened and covering.patterns:
        known.append(domain)
    # a name that the table knows better than the list stands in the table
    listed = [
        f"*.{rule.removeprefix('*.')}" for rule in private_suffixes() if is_below(rule.removeprefix("*."), domain)
    ]
    # of some names in the list the table says that only the owner publishes there
    opened = (name for name in listed if account_of(f"https://account.{name[2:]}/") is not None)
    return list(dict.fromkeys((*known, *opened)))


def _problem(brand: Brand, file: TomlFile, key: str, value: str | None, text: str) -> Remark:
    return Remark(RemarkKind.PROBLEM, brand.id, file.path, file.line_of(key, value=value), text)
