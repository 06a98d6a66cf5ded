"""Create the folder of a brand, completely or not at all, and say into which folder brands are written."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from detector.brands import BrandLibrary, load_brand, load_library, render_logo, valid_address, valid_domain
from detector.errors import BrandFileError, EnvironmentFault, UsageError
from detector.model import Brand, Logo
from detector.workspace import OWN_BRANDS, read_config, workspace_path

WIDE = 2.2
"""Ratio of width to height from which a logo is most likely a wordmark, the name as a picture."""
LONGEST_ID = 100
"""Characters of a brand's id; file systems allow 255 bytes for a folder's name, and work folders have longer ones."""
KINDS = ("wordmark", "tile", "mark")


def brand_id(name: str) -> str:
    """Return the id that a name suggests: ``Crédit & Co+`` -> ``credit-and-co-plus``.

    Raises:
        UsageError: nothing of the name can be written in ASCII letters and digits.
    """
    spelled = name.replace("&", " and ").replace("+", " plus ")
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode().lower()
    found = "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))
    if not found:
        raise UsageError(f"no id can be made from {name!r}; choose one with --id")
    return found


@dataclass(frozen=True, slots=True)
class NewBrand:
    """A brand to be written."""

    id: str
    name: str
    domains: Sequence[str]
    logos: Sequence[Path] = ()
    signins: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BrandFolders:
    """Folders of brands that are read, and the one that new brands are written to."""

    read: tuple[Path, ...]
    home: Path
    """One of ``read``, or a folder that is made with the first brand."""
    named: bool = False
    """The user named ``home`` with ``--brands``, so that brands are changed where they are."""


def chosen_folders(workspace: Path | None, brands: Sequence[Path] | None) -> BrandFolders:
    """Return the folders that the options name, else those of the configuration or the shipped one, and the workspace's own.

    Brands are written into the last folder that the options name, else into the workspace's own.  Unlike opening the workspace,
    this creates neither folder nor database.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    read = read_config(workspace, brands=brands).brand_folders()
    return BrandFolders(read, read[-1] if brands else workspace_path(workspace) / OWN_BRANDS, bool(brands))


def create_brand(folders: BrandFolders, new: NewBrand) -> Brand:
    """Create a brand's folder in the home of ``folders``, and return the brand.

    The folder appears only when it is complete and loads; an existing brand is never touched.

    Raises:
        UsageError: the id, a domain, an address or a logo cannot be used, or there is such a brand already.
        EnvironmentFault: the folder cannot be written.
    """
    home = folders.home
    refuse_known(new.id, load_library(folders.read), home)
    try:
        with workshop(home) as temporary:
            write_brand(temporary, new).rename(home / new.id)
    except OSError as error:
        raise not_writable(home / new.id, error) from error
    return load_brand(home / new.id)


def refuse_known(new_id: str, library: BrandLibrary, home: Path) -> None:
    """Refuse the id of a brand that there is.

    Raises:
        UsageError: there is such a brand.
    """
    existing = library.get(new_id)
    if existing is None:
        return
    remedy = "edit its files"
    if not Path(existing.folder).is_relative_to(home.absolute()):
        remedy = f"to change it, copy that folder into {home} and edit it there"
    raise UsageError(f"there is a brand {new_id!r} already, in {existing.folder}; {remedy}, or choose an --id")


@contextmanager
def workshop(home: Path) -> Iterator[Path]:
    """Give a hidden folder in ``home`` to make brands in, on the same file system; both are made, and only ``home`` stays."""
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".adding-", dir=home) as temporary:
        yield Path(temporary)


def not_writable(place: Path, error: OSError) -> EnvironmentFault:
    """Return the error for a brand's folder that cannot be written, with the remedy."""
    return EnvironmentFault(
        f"{place} cannot be written ({error.strerror}); check space and permissions, or name another folder with --brands"
    )


def write_brand(parent: Path, new: NewBrand, says: Callable[[str], str] = "--{}".format) -> Path:
    """Write a brand's folder below ``parent``, load it to see that it can be used, and return it.

    ``says``: the user's word for ``id``, ``name``, ``domain``, ``signin`` or ``logo``, with which errors begin.

    Raises:
        UsageError: the id, the name, a domain, an address or a logo cannot be used.
        OSError: the folder cannot be written.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", new.id):
        raise UsageError(f"{says('id')} {new.id!r}: expected lower case letters, digits and single hyphens")
    if len(new.id) > LONGEST_ID:
        raise UsageError(
            f"{says('id')} an id of {len(new.id)} characters; at most {LONGEST_ID} name a folder, choose one"
        )
    if not new.name.isprintable() or not new.name.strip():
        raise UsageError(f"{says('name')} {new.name!r}: expected a name of printable characters")
    hosts = tuple(dict.fromkeys(_domain(domain, says("domain")) for domain in new.domains))
    pages = tuple(dict.fromkeys(_address(signin, says("signin")) for signin in new.signins))
    described = _named_apart([_described(path, says("logo")) for path in new.logos])
    folder = parent / new.id
    (folder / "logos").mkdir(parents=True)
    for (file, _), path in zip(described, new.logos, strict=True):
        shutil.copyfile(path, folder / "logos" / file)
    (folder / "brand.toml").write_text(_brand_toml(new.name.strip(), hosts, pages, described), encoding="utf-8")
    load_brand(folder)
    return folder


def bring_home(brand: Brand, folders: BrandFolders) -> Brand:
    """Copy a brand into the home of ``folders`` unless it is there, or its folder was named, and return the one to write to.

    The copy takes the place of the original, which is left as it is: the program may be installed where nobody can write.

    Raises:
        EnvironmentFault: the copy cannot be written.
    """
    target = folders.home / brand.id
    if folders.named or Path(brand.folder).resolve() == target.resolve():
        return brand
    if target.is_dir():  # copied a moment ago, for another page
        return load_brand(target)
    try:
        with workshop(folders.home) as temporary:
            copy = temporary / brand.id
            shutil.copytree(brand.folder, copy, copy_function=shutil.copyfile)
            for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
                folder.chmod(0o755)  # a read-only install has read-only folders
            copy.rename(target)
    except OSError as error:
        raise not_writable(target, error) from error
    return load_brand(target)


def _domain(text: str, option: str) -> str:
    host = valid_domain(text)
    if host is None:
        raise UsageError(f"{option} {text}: expected a domain such as example.co.uk, without scheme, path or wildcard")
    return host


def _address(text: str, option: str) -> str:
    address = valid_address(text)
    if address is None:
        raise UsageError(f"{option} {text}: expected an address such as https://www.example.co.uk/login")
    return address


def _described(path: Path, option: str) -> tuple[str, Logo]:
    """Return the file's name in the folder and the logo, its kind and theme guessed from name and shape.

    Raises:
        UsageError: the file is no usable picture.
    """
    if path.suffix.lower() not in (".svg", ".png"):
        raise UsageError(f"{option} {path}: expected an .svg or .png file")
    try:
        image = render_logo(Logo(path=str(path)), size=256)
    except BrandFileError as error:
        raise UsageError(f"{option} {error}") from error
    stem = "-".join(re.findall(r"[a-z0-9]+", path.stem.lower())) or "logo"
    guessed = "wordmark" if image.width > WIDE * image.height else "mark"
    kind = next((kind for kind in KINDS if kind in stem.split("-")), guessed)
    theme = next((theme for theme in ("dark", "light") if theme in stem.split("-")), "any")
    logo = Logo(path=str(path), kind=kind, theme=theme, source=path.name, licence="unknown: trademark of its owner")
    return f"{stem}{path.suffix.lower()}", logo


def _named_apart(described: list[tuple[str, Logo]]) -> list[tuple[str, Logo]]:
    """Give different names to files of the same name from different folders."""
    taken: set[str] = set()
    apart = []
    for file, logo in described:
        stem, suffix = Path(file).stem, Path(file).suffix
        number, unique = 1, file
        while unique in taken:
            number += 1
            unique = f"{stem}-{number}{suffix}"
        taken.add(unique)
        apart.append((unique, logo))
    return apart


def _brand_toml(name: str, domains: Sequence[str], signins: Sequence[str], logos: Sequence[tuple[str, Logo]]) -> str:
    lines = [f"name = {_quoted(name)}", f"domains = [{', '.join(map(_quoted, domains))}]"]
    if signins:
        lines.append(f"signin_urls = [{', '.join(map(_quoted, signins))}]")
    for file, logo in logos:
        lines += ["", "[[logos]]", f"file = {_quoted(file)}"]
        for key in ("kind", "theme", "era", "source", "licence"):
            lines.append(f"{key} = {_quoted(getattr(logo, key))}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML basic string; a JSON string is one."""
    return json.dumps(text, ensure_ascii=False)
