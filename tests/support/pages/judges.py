"""Front pages that end, hold or bloat their judge, and a judge to whom small ones do that."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, FrontPageKind
from crawler.probe.judge_process import PageJudge
from crawler.probe.kit_index import KitIndex

DIES, HANGS, BLOATS, RESTS = b"dies", b"hangs", b"bloats", b"rests"
BLOATED = 64 << 20
"""Bytes that a judge takes for a page that bloats it."""
RESTED = 0.2
"""Seconds that a judge rests on a page that asks for it."""
CLONE_PAGE = (
    b"<title>Ostrelin sign in</title><h1>Ostrelin account</h1><form><input type=email><input type=password></form>"
)
ELEMENTS = 360_000
NESTED_LABELS = b"<label for=a>" * 250 + b"<i></i>" * ELEMENTS + b"</label>" * 250 + CLONE_PAGE
"""2.5 MB, gzipped 3 kB: the text of each label was looked for among all elements."""


class FragileJudge:
    """Does to itself what a page says, and answers all others."""

    def judge(self, answer: FrontPageAnswer) -> FrontPageFinding:
        """The page's own words as the remark."""
        if answer.body == DIES:
            os.kill(os.getpid(), signal.SIGKILL)
        if answer.body == HANGS:
            threading.Event().wait()
        if answer.body == BLOATS:
            bytearray(BLOATED)
        if answer.body == RESTS:
            time.sleep(RESTED)
        return FrontPageFinding(FrontPageKind.PAGE, answer.body.decode())


def open_fragile(folders: tuple[Path, ...], kits: KitIndex) -> PageJudge:
    """A judge for :class:`~crawler.probe.judge_pool.JudgePool` that needs no brands."""
    return FragileJudge()


def open_none(folders: tuple[Path, ...], kits: KitIndex) -> PageJudge:
    """No judge: its process ends before it is ready."""
    os._exit(1)


def page(body: bytes, host: str = "a.example") -> FrontPageAnswer:
    """An answer of that body."""
    return FrontPageAnswer(f"http://{host}/", f"http://{host}/", 200, "text/html", body)
