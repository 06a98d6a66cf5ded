"""Create the folder of a new brand, completely or not at all."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from detector.brands import load_brand, load_library, render_logo, valid_domain
from detector.errors import BrandFileError, EnvironmentFault, UsageError
from detector.model import Brand, Logo

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


def create_brand(
    folders: Sequence[Path], new_id: str, name: str, domains: Sequence[str], logos: Sequence[Path]
) -> Brand:
    """Create a brand's folder in the last of ``folders``, and return the brand.

    The folder appears only when it is complete and loads; an existing brand is never touched.

    Raises:
        UsageError: the id, a domain or a logo cannot be used, or there is such a brand already.
        EnvironmentFault: the folder cannot be written.
    """
    home = folders[-1]
    existing = load_library(folders).get(new_id)
    if existing is not None:
        raise UsageError(f"there is a brand {new_id!r} already, in {existing.folder}; edit its files or choose an --id")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", new_id):
        raise UsageError(f"id {new_id!r}: expected lower case letters, digits and single hyphens")
    if len(new_id) > LONGEST_ID:
        raise UsageError(
            f"id of {len(new_id)} characters: at most {LONGEST_ID} name a folder; choose a shorter one with --id"
        )
    if not name.isprintable() or not name.strip():
        raise UsageError(f"name {name!r}: expected a name of printable characters")
    hosts = tuple(dict.fromkeys(_domain(domain) for domain in domains))
    described = _named_apart([_described(path) for path in logos])
    try:
        with tempfile.TemporaryDirectory(prefix=".adding-", dir=home) as temporary:
            folder = Path(temporary) / new_id
            (folder / "logos").mkdir(parents=True)
            for (file, _), path in zip(described, logos, strict=True):
                shutil.copyfile(path, folder / "logos" / file)
            (folder / "brand.toml").write_text(_brand_toml(name.strip(), hosts, described), encoding="utf-8")
            load_brand(folder)
            folder.rename(home / new_id)
    except OSError as error:
        raise EnvironmentFault(
            f"{home / new_id} cannot be written ({error.strerror}); check space and permissions, or name another folder "
            "with --brands"
        ) from error
    return load_brand(home / new_id)


def _domain(text: str) -> str:
    host = valid_domain(text)
    if host is None:
        raise UsageError(f"--domain {text}: expected a domain such as example.co.uk, without scheme, path or wildcard")
    return host


def _described(path: Path) -> tuple[str, Logo]:
    """Return the file's name in the folder and the logo, its kind and theme guessed from name and shape.

    Raises:
        UsageError: the file is no usable picture.
    """
    if path.suffix.lower() not in (".svg", ".png"):
        raise UsageError(f"--logo {path}: expected an .svg or .png file")
    try:
        image = render_logo(Logo(path=str(path)), size=256)
    except BrandFileError as error:
        raise UsageError(f"--logo {error}") from error
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


def _brand_toml(name: str, domains: Sequence[str], logos: Sequence[tuple[str, Logo]]) -> str:
    lines = [f"name = {_quoted(name)}", f"domains = [{', '.join(map(_quoted, domains))}]"]
    for file, logo in logos:
        lines += ["", "[[logos]]", f"file = {_quoted(file)}"]
        for key in ("kind", "theme", "era", "source", "licence"):
            lines.append(f"{key} = {_quoted(getattr(logo, key))}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML basic string; a JSON string is one."""
    return json.dumps(text, ensure_ascii=False)
