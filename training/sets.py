"""Icon packages read as drawings of brands, and the split by brand.

A brand's id is its name in lower case without anything but letters and digits, after the suffixes that icon sets add and
the aliases of ``sources.toml``.  The split is a function of the id alone, so that a brand is on one side in all sets.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).with_name("sources.toml")
SUFFIXES = re.compile(
    r"(?:-(?:icon|wordmark|horizontal|vertical|full|original|plain|line|dark|light|mono|monochrome|alt|old|20\d\d))+$"
)
DOTS = re.compile(r"^dot(?=net|env)|dot(?=(?:js|io|ts|org|com|ai|dev|to|py)$)")


@dataclass(frozen=True, slots=True)
class Icon:
    """One drawing: ``split`` is ``train``, ``validation``, ``unseen`` (a held-out brand) or ``held_out`` (a held-out set)."""

    set: str
    name: str
    brand: str
    split: str
    svg: str


def bucket_of(brand: str) -> int:
    """0 to 99 by SHA-256 of the brand's id."""
    return int.from_bytes(hashlib.sha256(brand.encode()).digest()[:4], "big") % 100


def is_unseen(brand: str) -> bool:
    """Every fifth brand is never trained on, in any set."""
    return bucket_of(brand) % 5 == 0


def is_validation(brand: str) -> bool:
    """Seven of a hundred brands choose models and settings; they are not trained on either."""
    return bucket_of(brand) in {1, 16, 31, 46, 61, 76, 91}


def split_of(brand: str) -> str:
    if is_unseen(brand):
        return "unseen"
    return "validation" if is_validation(brand) else "train"


def sources() -> dict[str, Any]:
    return tomllib.loads(SOURCES.read_text(encoding="utf-8"))


def tarball_of(entry: dict[str, Any], folder: Path) -> Path:
    """Folder in which ``npm pack`` leaves a package."""
    return folder / f"{entry['npm'].lstrip('@').replace('/', '-')}-{entry['version']}.tgz"


def read_sets(folder: Path, ids: frozenset[str] | None = None) -> list[Icon]:
    """All icons of the sets (of ``ids`` only, where given) whose packages lie in ``folder``."""
    table = sources()
    wanted = [entry for entry in table["sets"] if ids is None or entry["id"] in ids]
    raw = [(entry, list(_read(entry, folder, table["aliases"]))) for entry in wanted]
    known = {brand for entry, icons in raw if not entry.get("known") for _, brand, _ in icons}
    found = []
    for entry, icons in raw:
        chosen = icons
        if "limit" in entry:
            chosen = sorted(icons, key=lambda icon: hashlib.sha256(icon[0].encode()).digest())[: entry["limit"]]
        for name, brand, svg in chosen:
            if entry.get("known") and brand not in known:
                continue
            split = "held_out" if entry["role"] == "held_out" else "train" if entry.get("things") else split_of(brand)
            found.append(Icon(entry["id"], name, brand, split, svg))
    return found


def _read(entry: dict[str, Any], folder: Path, aliases: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    keep = re.compile(entry["keep"]) if "keep" in entry else None
    space = entry.get("space")
    with tarfile.open(tarball_of(entry, folder)) as archive:
        for name, svg in {"iconify": _iconify, "simple-icons": _simple, "files": _files}[entry["layout"]](
            archive, entry
        ):
            match = keep.fullmatch(name) if keep else None
            if keep and not match:
                continue
            stem = match.group(1) if match else SUFFIXES.sub("", name)
            brand = re.sub(r"[^a-z0-9]", "", stem.lower())
            if space:
                yield name, f"{space}:{brand}", svg
            elif brand:
                yield name, aliases.get(brand, brand), svg


def _text(archive: tarfile.TarFile, member: str) -> str:
    stream = archive.extractfile(member)
    if stream is None:
        raise KeyError(member)
    return stream.read().decode("utf-8")


def _iconify(archive: tarfile.TarFile, _: dict[str, Any]) -> Iterator[tuple[str, str]]:
    data = json.loads(_text(archive, "package/icons.json"))
    for name, icon in data["icons"].items():
        left, top, width, height = (
            icon.get(key, data.get(key, default))
            for key, default in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
        )
        body = icon["body"].replace("xlink:href", "href")
        yield name, f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}">{body}</svg>'


def _simple(archive: tarfile.TarFile, _: dict[str, Any]) -> Iterator[tuple[str, str]]:
    names = archive.getnames()
    catalogue = next(n for n in ("package/data/simple-icons.json", "package/_data/simple-icons.json") if n in names)
    data = json.loads(_text(archive, catalogue))
    colours = {}
    for entry in data["icons"] if isinstance(data, dict) else data:
        title = entry["title"].lower().replace("+", "plus").replace(".", "dot").replace("&", "and")
        colours[entry.get("slug", re.sub(r"[^a-z0-9]", "", title))] = entry["hex"]
    for member in names:
        match = re.fullmatch(r"package/icons/(.+)\.svg", member)
        if match:
            colour = colours.get(match[1].replace("-", ""), colours.get(match[1], "444444"))
            yield DOTS.sub("", match[1]), _text(archive, member).replace("<svg", f'<svg fill="#{colour}"', 1)


def _files(archive: tarfile.TarFile, entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for member in archive.getnames():
        match = re.fullmatch(rf"package/{entry['folder']}/(.+)\.svg", member)
        if match:
            yield match[1], _text(archive, member)


def distinct(icons: list[Icon]) -> list[Icon]:
    """Without the drawings that a later or earlier set repeats outline by outline for the same brand."""
    found, drawn = [], set()
    for icon in icons:
        parts = re.findall(r'\sd="([^"]+)"', icon.svg)[:40]
        outline = (icon.brand, *parts, *re.findall(r"<image|<use|<text", icon.svg))
        if not parts or icon.split == "held_out" or outline not in drawn:
            found.append(icon)
        drawn.add(outline)
    return found


def as_rows(icons: list[Icon]) -> list[dict[str, str]]:
    return [asdict(icon) for icon in icons]
