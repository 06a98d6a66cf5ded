"""Cases of ``tests/cases/addresses``: what is written, and what is meant or said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "cases" / "addresses"


def address_cases(name: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield kind, input and outcome of every case in ``NAME.yml``."""
    kinds = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    for kind, cases in kinds.items():
        for entry, outcome in cases:
            yield kind, entry, outcome
