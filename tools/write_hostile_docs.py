"""Write the table of hostile pages in docs/capture.md: capture each kind of tests/hostile and note its outcome.

Run it from the repository's root, with a browser at hand, after a change to the corpus: ``python tools/write_hostile_docs.py``.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler.capture.capturer import Capturer  # noqa: E402
from detector.evidence import Evidence  # noqa: E402
from detector.model import Capture  # noqa: E402
from tests.hostile.corpus import KINDS, serving  # noqa: E402
from tests.hostile.runner import capture_corpus, limits  # noqa: E402

PAGE = ROOT / "docs" / "capture.md"
BEGIN = "<!-- hostile pages: written by tools/write_hostile_docs.py -->"
END = "<!-- end of hostile pages -->"


def table(captures: Mapping[str, Capture]) -> str:
    """The table in Markdown, a heading for each group; ``captures`` by name of the kind."""
    lines = [f"{len(KINDS)} kinds, each a real page of a local server (`tests/hostile/`), as captured on the last run:"]
    group = ""
    for kind in KINDS:
        if kind.group != group:
            group = kind.group
            lines += ["", f"### {group}", "", "| kind | a page that | outcome | picture |", "| --- | --- | --- | --- |"]
        capture = captures[kind.name]
        picture = "yes" if capture.screenshot is not None else "no"
        lines.append(f"| {kind.name} | {kind.does} | `{capture.outcome}` | {picture} |")
    return "\n".join(lines)


def between(page: str) -> tuple[str, str, str]:
    """Split a page into the text before, between and after the markers.

    Raises:
        ValueError: a marker is missing.
    """
    before, begin, rest = page.partition(BEGIN)
    written, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE}: a marker is missing; expected {BEGIN} and {END}")
    return before, written, after


async def captured() -> dict[str, Capture]:
    """Capture all kinds.

    Raises:
        SystemExit: one of them came out wrong: the documentation does not tell of failures as if they were meant.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder)) as corpus, Capturer(limits(), Evidence("memory://docs")) as capturer:
            seen = await capture_corpus(corpus, capturer)
    wrong = [
        f"{kind.name}: {capture.outcome} ({capture.note})"
        for kind in KINDS
        if (capture := seen[kind.name].capture).outcome not in kind.outcomes or (kind.seen and not capture.screenshot)
    ]
    if wrong:
        raise SystemExit("not written; these kinds came out wrong:\n" + "\n".join(wrong))
    return {name: one.capture for name, one in seen.items()}


def main() -> None:
    """Capture and write."""
    before, _, after = between(PAGE.read_text(encoding="utf-8"))
    text = f"{before}{BEGIN}\n{table(asyncio.run(captured()))}\n{END}{after}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
