"""Scrapy settings of a discovery process that tells a test when it begins to store, and when its spider is closing.

It asks for ``/storing`` and ``/closing`` at the address in ``CLONEWATCH_TEST_WATCHER``, and goes on once it was answered.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.request import urlopen

from crawler.discovery.pipelines import TriagePipeline
from crawler.settings import *  # noqa: F403
from detector.store import Backlog, Store

ITEM_PIPELINES = {"tests.support.watched_settings.WatchedPipeline": 300}
CLONEWATCH_FLUSH_SECONDS = 0.02
STEPS = 20
"""Turns of the event loop after which whoever cancels tasks at the end has done so."""


def tell(what: str) -> None:
    with urlopen(f"{os.environ['CLONEWATCH_TEST_WATCHER']}/{what}", timeout=120) as answer:
        answer.read()


class WatchedPipeline(TriagePipeline):
    async def close_spider(self) -> None:
        telling = asyncio.ensure_future(self._tell())
        await super().close_spider()
        await telling

    @staticmethod
    async def _tell() -> None:
        for _ in range(STEPS):
            await asyncio.sleep(0)
        await asyncio.to_thread(tell, "closing")


def _watched(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def store(*arguments: Any, **keywords: Any) -> Any:
        tell("storing")
        if os.environ.pop("CLONEWATCH_TEST_STOP", ""):
            os.kill(os.getpid(), signal.SIGTERM)
        return method(*arguments, **keywords)

    return store


for _class, _name in ((Store, "take_in"), (Backlog, "add")):
    setattr(_class, _name, _watched(getattr(_class, _name)))
