"""Captures pages with the real browser, and stores them as a labelled folder (the format of ``../shared/bench``)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.capture.capturer import Capturer
from crawler.loopback.web import serving_files
from detector.config import CaptureConfig
from detector.evidence import Evidence
from detector.model import to_json

SITE = "https://site.example"


@dataclass(frozen=True, slots=True)
class Made:
    """One page: its file's name, document, label and kind (an evasion, or a reason to show a logo)."""

    name: str
    document: str
    brand: str | None
    kind: str
    split: str


def render(pages: Iterable[Made], folder: Path) -> int:
    """Capture every page into ``folder``/clones or /benign as NAME.png and NAME.json; returns how many were seen."""
    return asyncio.run(_render(list(pages), folder))


async def _render(pages: list[Made], folder: Path) -> int:
    by_path = {f"/{number}/": page for number, page in enumerate(pages)}
    seen = 0
    with TemporaryDirectory() as place, serving_files({p: m.document.encode() for p, m in by_path.items()}) as server:
        evidence = Evidence(str(Path(place) / "evidence"))
        config = CaptureConfig(slots=3, settle_seconds=0.2, allow_private=("127.0.0.1/32",))
        async with Capturer(config, evidence) as capturer:
            async for capture in capturer.capture_many([server.url(path) for path in by_path]):
                made = by_path["/" + capture.url.rsplit("/", 2)[-2] + "/"]
                if capture.facts is None or capture.screenshot is None:
                    continue
                home = folder / ("clones" if made.brand else "benign")
                home.mkdir(parents=True, exist_ok=True)
                facts = json.loads(to_json(capture.facts).decode().replace(server.url(""), SITE))
                facts |= {"brand": made.brand, "variant": made.kind, "split": made.split}
                (home / f"{made.name}.png").write_bytes(evidence.get(capture.screenshot))
                (home / f"{made.name}.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
                seen += 1
    return seen


def one_picture(base: Path, made: Made) -> Made:
    """The page of ``base``'s screenshot as a single picture, with two fields laid over where its form stands."""
    picture = base64.b64encode(base.read_bytes()).decode()
    facts = json.loads(base.with_suffix(".json").read_text(encoding="utf-8"))
    fields = "".join(
        f'<input type="{field["type"]}" style="position:absolute;left:{field["box"][0]}px;top:{field["box"][1]}px;'
        f'width:{field["box"][2]}px;height:{field["box"][3]}px">'
        for field in facts["inputs"]
        if field["type"] in {"email", "password"}
    )
    document = (
        '<!doctype html><html><head><meta charset="utf-8"><title></title></head><body style="margin:0">'
        f'<img src="data:image/png;base64,{picture}" width="1280" height="800">{fields}</body></html>'
    )
    return Made(made.name, document, made.brand, made.kind, made.split)
