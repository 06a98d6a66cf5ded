"""docs/capture.md and the hostile corpus agree: every kind, its words, and an outcome that the corpus allows."""

from __future__ import annotations

import re

import pytest

from detector.model import Capture, StoredFile
from tests.hostile.corpus import KINDS
from tools.write_hostile_docs import PAGE, between, table


def rows(text: str) -> dict[str, tuple[str, str, str]]:
    found = re.findall(r"^\| ([a-z0-9-]+) \| (.+) \| `(\w+)` \| (yes|no) \|$", text, re.MULTILINE)
    assert len({name for name, *_ in found}) == len(found)
    return {name: (does, outcome, picture) for name, does, outcome, picture in found}


def test_the_documented_kinds_are_those_of_the_corpus() -> None:
    documented = rows(between(PAGE.read_text(encoding="utf-8"))[1])
    assert list(documented) == [kind.name for kind in KINDS]
    for kind in KINDS:
        does, outcome, picture = documented[kind.name]
        assert does == kind.does
        assert outcome in kind.outcomes
        assert not kind.seen or picture == "yes"


def test_the_groups_are_headings() -> None:
    text = between(PAGE.read_text(encoding="utf-8"))[1]
    assert re.findall(r"^### (.+)$", text, re.MULTILINE) == list(dict.fromkeys(kind.group for kind in KINDS))
    assert f"{len(KINDS)} kinds" in text


def test_the_table_tells_what_was_captured() -> None:
    picture = StoredFile(sha256="0" * 64, size=1, media_type="image/png")
    captures = {kind.name: Capture(url="", outcome="crashed") for kind in KINDS}
    captures["busy-loop"] = Capture(url="", outcome="ok", screenshot=picture)
    written = rows(table(captures))
    assert written["busy-loop"][1:] == ("ok", "yes")
    assert written["alert-loop"][1:] == ("crashed", "no")


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="marker"):
        between("# Capture\n")
