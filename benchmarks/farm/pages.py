"""Pages of the farm's names: documents with their files, by kind."""

from __future__ import annotations

import html
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from PIL import Image

from benchmarks.evasion.changes import CHANGES, ordinary
from benchmarks.evasion.innocents import KINDS
from benchmarks.evasion.marks import chosen_brands, invented, mark_of_brand, split_of
from benchmarks.evasion.pages import LAYOUTS
from crawler.demo.answers import respond
from crawler.demo.sites import load_sites
from detector.brands import BrandLibrary

CLONE, INNOCENT, ORDINARY, PARKED, ERROR, DEAD = "clone", "innocent", "ordinary", "parked", "error", "dead"
OFFICIAL = "https://site.example"


@dataclass(frozen=True, slots=True)
class Page:
    """One front page."""

    kind: str
    name: str
    body: bytes
    files: dict[str, bytes] = field(default_factory=dict)
    """By path."""
    brand: str | None = None
    status: int = 200


def demo_pages() -> Iterator[Page]:
    """The demo's clones and innocents, moved to front pages, as phones are shown them."""
    for site in load_sites():
        if site.kind not in ("clone", "innocent") or site.behaviour != "page":
            continue
        body = respond(site.host, site.path, 80, 443, "Mobile").body
        files = {f"/{name}": respond(site.host, site.base + name, 80, 443).body for name in site.assets}
        files |= {
            f"/{path.relative_to(site.folder)}": path.read_bytes()
            for path in site.folder.rglob("*")
            if path.is_file() and path.name != "index.html"
        }
        yield Page(CLONE if site.kind == "clone" else INNOCENT, f"demo {site.id}", body, files, site.brand)


def made_pages(library: BrandLibrary, brands: int, split: str) -> Iterator[Page]:
    """Every evasion of brands' pages, and pages that show brands for innocent reasons, of one half of the brands."""
    marks = [mark_of_brand(brand) for brand in chosen_brands(library, brands)]
    mine = [mark for mark in marks if split_of(mark.id) == split]
    for number, mark in enumerate(mine):
        sheet = ordinary(mark, LAYOUTS[crc32(mark.id.encode()) % len(LAYOUTS)])
        for kind, change in CHANGES.items():
            document = change(sheet, mark, mine[(number + 1) % len(mine)]).render()
            yield Page(CLONE, kind, document.encode(), brand=mark.id)
    for kind, make in KINDS.items():
        for number in range(5):
            seed = crc32(f"{split} {kind} {number}".encode())
            shown = {mark.id: mark for mark in (mine[(seed + 5 * k) % len(mine)] for k in range(7))}
            yield Page(INNOCENT, kind, make(invented(seed % 9973), list(shown.values()), number).encode())


def measured_pages(folder: Path) -> Iterator[Page]:
    """Pages of ``../shared/bench`` written out anew from what was read of them: words, fields, links, pictures' names."""
    for path in sorted(folder.glob("*/*.json")):
        facts = json.loads(path.read_bytes())
        brand = facts.get("brand")
        if path.parent.name == "clones" and brand is None:
            continue
        kind = CLONE if brand else ORDINARY
        files = {} if brand else _icon(crc32(path.stem.encode()))
        yield Page(kind, f"bench {path.parent.name}", _document(facts), files, brand)


def nothing(kind: str) -> Page:
    """A page of a name that is for sale, and one that is an error."""
    if kind == PARKED:
        return Page(
            PARKED, PARKED, b"<!doctype html><title>For sale</title><h1>This domain is for sale!</h1><p>Make an offer."
        )
    return Page(ERROR, ERROR, b"<!doctype html><title>403</title><h1>Forbidden</h1>", status=403)


def _document(facts: dict[str, object]) -> bytes:
    def shown(value: object) -> str:
        return html.escape(str(value or "").replace(OFFICIAL, ""))

    listed: dict[str, list[dict[str, object]]] = {
        key: [each for each in facts.get(key) or () if isinstance(each, dict)]  # type: ignore[attr-defined]
        for key in ("images", "inputs", "forms")
    }
    form = listed["forms"][0] if listed["forms"] else {}
    parts = [f"<!doctype html><html><head><meta charset=utf-8><title>{shown(facts.get('title'))}</title>"]
    parts += [f'<link rel="icon" href="{shown(icon)}">' for icon in facts.get("icons") or ()]  # type: ignore[attr-defined]
    parts += ["</head><body>"]
    parts += [
        f'<img src="{shown(image.get("src"))}" alt="{shown(image.get("alt"))}" '
        f'width="{_side(image, 2)}" height="{_side(image, 3)}">'
        for image in listed["images"]
    ]
    parts += [f"<p>{shown(line)}</p>" for line in str(facts.get("text") or "").splitlines()]
    parts += [f'<form action="{shown(form.get("action"))}" method="{shown(form.get("method"))}">']
    parts += [
        f'<label>{shown(field.get("label"))}<input type="{shown(field.get("type"))}" name="{shown(field.get("name"))}" '
        f'placeholder="{shown(field.get("placeholder"))}"></label>'
        for field in listed["inputs"]
    ]
    parts += ["</form>"]
    parts += [f'<a href="{shown(link)}">.</a>' for link in facts.get("links") or ()]  # type: ignore[attr-defined]
    return "".join(parts).encode()


def _side(image: dict[str, object], place: int) -> int:
    box = image.get("box")
    return round(box[place]) if isinstance(box, list) else 100


def _icon(seed: int) -> dict[str, bytes]:
    """An icon of its own for every second site."""
    if seed % 2:
        return {}
    numbers = random.Random(seed)
    small = Image.new("RGB", (4, 4))
    small.putdata([(numbers.randrange(256), numbers.randrange(256), numbers.randrange(256)) for _ in range(16)])
    output = io.BytesIO()
    small.resize((32, 32), Image.Resampling.NEAREST).save(output, "PNG")
    return {"/favicon.ico": output.getvalue()}
