"""Capture the whole corpus, with a plain page after each of its kinds in the same slot."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.capture.capturer import Capturer
from detector.config import CaptureConfig
from detector.model import Capture
from tests.hostile.corpus import KINDS, Corpus
from tests.hostile.kind import Kind
from tests.support.pages.sites import quick

SLOTS = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """The captures of one kind."""

    capture: Capture
    next: Capture
    """The capture of a plain page, right after it in the same slot."""


def limits() -> CaptureConfig:
    """The defaults, but for a shorter wait for servers that never answer (it is all they cost), and more time in all.

    On a quiet machine every kind keeps to the default's 30 s; one that does other things too may take a third longer.
    """
    default = CaptureConfig()
    return quick(
        slots=SLOTS,
        total_seconds=default.total_seconds * 4 / 3,
        navigation_seconds=6.0,
        max_response_bytes=default.max_response_bytes,
        max_total_bytes=default.max_total_bytes,
    )


async def capture_corpus(corpus: Corpus, capturer: Capturer, kinds: Iterable[Kind] = KINDS) -> dict[str, Seen]:
    """Return the captures by name of the kind; each of the ``capturer``'s :data:`SLOTS` slots takes the next kind when free."""
    waiting, seen = deque(kinds), dict[str, Seen]()

    async def slot() -> None:
        while waiting:
            kind = waiting.popleft()
            capture = await capturer.capture(corpus.url(kind))
            seen[kind.name] = Seen(capture, await capturer.capture(corpus.plain))

    await asyncio.gather(*(slot() for _ in range(SLOTS)))
    return seen
