"""Cases for the takedown queue, and its lines, compared with the documented schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from detector.config import ReleaseRule
from detector.evidence import Evidence
from detector.model import Verdict
from detector.store import Store
from tests.support.program import ROOT
from tests.support.store.builders import capture

DOCUMENTED: dict[str, Any] = json.loads((ROOT / "docs" / "takedown.schema.json").read_bytes())
ANY = (ReleaseRule("any", 0.01),)
"""A rule that lets every flagged case go."""


def lines_of(out: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (out / "takedown.jsonl").read_bytes().splitlines()]
    for line in lines:
        jsonschema.validate(line, DOCUMENTED, format_checker=jsonschema.FormatChecker())
    return lines


def add(store: Store, evidence: Evidence, host: str, verdict: Verdict) -> int:
    shot = evidence.put(b"\x89PNG screenshot" + host.encode(), "image/png")
    store.record(capture(f"https://{host}/login", screenshot=shot), verdict)
    return next(case.id for case in store.cases.find() if case.site == host)
