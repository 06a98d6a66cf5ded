"""Bring logos from npm packages into brand_assets/, as tools/logo_sources.toml maps them.

    python tools/import_logos.py [--brand ID]... [--packages FOLDER]

Each package is fetched with ``npm pack`` (npm's own configuration says from where) into a temporary folder, or taken
from ``--packages``, which keeps what was fetched.  The script writes ``logos/*.svg``, the ``[[logos]]`` tables of
``brand.toml`` and ``NOTICE``; everything else in a brand's folder is left as it is, logos from elsewhere included.
A second run changes nothing.  No code of a package is run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from detector.brands import load_brand, svg_problem  # noqa: E402
from detector.errors import BrandFileError  # noqa: E402

SOURCES = Path(__file__).with_name("logo_sources.toml")
BRANDS = ROOT / "brand_assets"
MARKER = "# Logos: the tables below are written by tools/import_logos.py; those of other sources are kept as they are."
TRADEMARK = """\
The logos in this folder are trademarks of their owner. They are kept to recognise pages that impersonate the brand;
the project is neither affiliated with the owner nor endorsed by it.
"""


class LogoImportError(Exception):
    """An error in logo_sources.toml or in a package."""


@dataclass(frozen=True)
class Package:
    """One version of one npm package, unpacked at ``folder``."""

    npm: str
    version: str
    licence: str
    layout: str
    folder: Path
    cache: dict[str, Any] = field(default_factory=dict)

    def svg(self, icon: str, colour: str | None) -> str:
        """The icon as an SVG text.

        Raises:
            LogoImportError: there is no such icon, or it holds more than a picture.
        """
        drawers = {"iconify": self._iconify, "simple-icons": self._simple, "files": self._file}
        text = drawers[self.layout](icon, colour).strip() + "\n"
        problem = svg_problem(text)
        if problem:
            raise LogoImportError(f"{self.npm}@{self.version}: icon {icon!r} holds {problem}")
        return text

    def _iconify(self, icon: str, colour: str | None) -> str:
        data = self._json("icons.json")
        found = data["icons"].get(icon)
        if found is None or colour:
            raise self._missing(icon) if found is None else LogoImportError(f"{icon!r} has its own colours")
        left, top, width, height = (
            found.get(key, data.get(key, default))
            for key, default in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
        )
        body = found["body"].replace("xlink:href", "href")
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}">{body}</svg>'

    def _simple(self, icon: str, colour: str | None) -> str:
        source = self._read(f"icons/{icon}.svg")
        box = re.search(r'viewBox="([\d. -]+)"', source)
        paths = re.findall(r'<path[^>]*?\sd="([^"]+)"', source)
        if not box or not paths:
            raise LogoImportError(f"{self.npm}@{self.version}: icon {icon!r} is not drawn as paths")
        drawn = "".join(f'<path d="{path}"/>' for path in paths)
        fill = (colour or self._stated_colour(icon)).upper()
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box.group(1)}" fill="#{fill}">{drawn}</svg>'

    def _file(self, icon: str, colour: str | None) -> str:
        if colour:
            raise LogoImportError(f"{icon!r} has its own colours")
        return self._read(f"images/svg/{icon}.svg")

    def _stated_colour(self, icon: str) -> str:
        if "colours" not in self.cache:
            data = self._json(
                next(name for name in ("data", "_data") if (self.folder / name).is_dir()) + "/simple-icons.json"
            )
            icons = data["icons"] if isinstance(data, dict) else data
            self.cache["colours"] = {slug: entry["hex"] for entry in icons for slug in _slugs(entry)}
        try:
            return str(self.cache["colours"][icon.replace("-", "")])
        except KeyError:
            raise LogoImportError(f"{self.npm}@{self.version} states no colour for {icon!r}: add #RRGGBB") from None

    def _json(self, name: str) -> Any:
        if name not in self.cache:
            self.cache[name] = json.loads(self._read(name))
        return self.cache[name]

    def _read(self, name: str) -> str:
        path = self.folder / name
        if not path.is_file():
            raise self._missing(name)
        return path.read_text(encoding="utf-8")

    def _missing(self, name: str) -> LogoImportError:
        return LogoImportError(f"{self.npm}@{self.version} has no {name!r}")


def _slugs(entry: dict[str, Any]) -> set[str]:
    """File names that simple-icons may have given an icon: its naming rule changed between major versions."""
    title = entry["title"].lower()
    spelled = title.replace("&", "and").replace("+", "plus").replace(".", "dot")
    return {entry.get("slug", ""), *(re.sub("[^a-z0-9]", "", name) for name in (title, spelled))}


def fetch(packages: dict[str, dict[str, str]], folder: Path) -> dict[str, Package]:
    """Download and unpack what is not yet under ``folder``."""
    fetched = {}
    for key, about in packages.items():
        target = folder / f"{about['npm'].strip('@').replace('/', '-')}-{about['version']}"
        archive = target.with_suffix(target.suffix + ".tgz")
        if not archive.exists():
            wanted = f"{about['npm']}@{about['version']}"
            print(f"npm pack {wanted}", file=sys.stderr)
            subprocess.run(["npm", "pack", "--silent", wanted], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        if not target.exists():
            with tarfile.open(archive) as tar:
                tar.extractall(target, filter="data")
        fetched[key] = Package(about["npm"], about["version"], about["licence"], about["layout"], target / "package")
    return fetched


def logo_table(name: str, package: Package, icon: str) -> dict[str, str]:
    """The ``[[logos]]`` table that a file's name and origin spell."""
    words = Path(name).stem.split("-")
    theme = next((word for word in words if word in ("dark", "light")), "any")
    return {
        "file": name,
        "kind": words[0],
        "theme": theme,
        "era": "historical" if "historical" in words else "current",
        "source": f"{package.npm}@{package.version}: {icon}",
        "licence": package.licence,
    }


def import_brand(folder: Path, mapping: dict[str, str], packages: dict[str, Package]) -> bool:
    """Write one brand's logos, tables and NOTICE; True where something changed."""
    tables, changed = [], False
    for name, origin in sorted(mapping.items()):
        key, _, icon = origin.partition(":")
        icon, _, colour = icon.partition("#")
        svg = packages[key].svg(icon, colour or None)
        changed |= _write(folder / "logos" / name, svg)
        tables.append(logo_table(name, packages[key], icon + (f", drawn in #{colour}" if colour else "")))
    path = folder / "brand.toml"
    text = path.read_text(encoding="utf-8")
    prefixes = tuple({f"{package.npm}@" for package in packages.values()})
    names = {table["file"] for table in tables}
    foreign = []
    for table in tomllib.loads(text).get("logos", []):
        if not table.get("source", "").startswith(prefixes):
            foreign.append(table)
        elif table["file"] not in names:
            (folder / "logos" / table["file"]).unlink(missing_ok=True)
            changed = True
    head = re.split(r"^(?:# Logos: |\[\[logos\]\])", text, maxsplit=1, flags=re.MULTILINE)[0].rstrip() + "\n"
    tables += foreign
    changed |= _write(path, head + _toml(tables))
    return _write(folder / "NOTICE", _notice(tomllib.loads(text)["name"], tables)) or changed


def _toml(tables: list[dict[str, str]]) -> str:
    if not tables:
        return ""
    written = ["", MARKER]
    for table in tables:
        written += [
            "",
            "[[logos]]",
            *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()),
        ]
    return "\n".join(written) + "\n"


def _notice(name: str, tables: list[dict[str, str]]) -> str:
    lines = [name, "", *TRADEMARK.splitlines(), ""]
    if not tables:
        lines = [name, "", "No logo: none of the freely licensed sets that the project draws on holds one."]
    for table in tables:
        lines.append(f"logos/{table['file']}: {table.get('source', 'unknown')} ({table.get('licence', 'unknown')})")
    if any(table.get("licence") == "MIT" for table in tables):
        lines += [
            "",
            "The MIT licence's text and its copyright holders are in the NOTICE at the root of the repository.",
        ]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def run(brands: list[str], kept: Path | None) -> int:
    """Import all brands, or those named; the number of brands that changed."""
    sources = tomllib.loads(SOURCES.read_text(encoding="utf-8"))
    known = sorted(path.name for path in BRANDS.iterdir() if (path / "brand.toml").is_file())
    stray = sorted({*sources["brands"], *brands} - set(known))
    if stray:
        raise LogoImportError(f"no brand.toml for {', '.join(stray)} under {BRANDS.name}/")
    changed = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = kept or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        packages = fetch(sources["packages"], folder)
        for brand in brands or known:
            if import_brand(BRANDS / brand, sources["brands"].get(brand, {}), packages):
                changed += 1
                print(f"wrote {brand}")
            load_brand(BRANDS / brand)
    return changed


def main() -> int:
    """Entry point: 0, or 1 with a message."""
    parser = argparse.ArgumentParser(description="Bring logos from npm packages into brand_assets/.")
    parser.add_argument("--brand", action="append", default=[], metavar="ID", help="only this brand; repeatable")
    parser.add_argument(
        "--packages", type=Path, metavar="FOLDER", help="keep the packages there and use those already there"
    )
    options = parser.parse_args()
    try:
        changed = run(options.brand, options.packages and options.packages.absolute())
    except (LogoImportError, BrandFileError) as error:
        print(f"import_logos: {error}", file=sys.stderr)
        return 1
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"import_logos: {error}; npm must be installed and able to download packages", file=sys.stderr)
        return 1
    print(f"{changed} brands changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
