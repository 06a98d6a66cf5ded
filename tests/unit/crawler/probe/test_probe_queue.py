"""Names that a run took from the probe queue and whose probes it did not finish."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from crawler.spiders.probe import ProbeSpider, _DueNames
from detector.model import utcnow
from detector.store.probes import MOST_TRIES
from detector.workspace import Workspace


async def test_a_run_that_is_stopped_costs_no_name_a_try(tmp_path: Path) -> None:
    with Workspace.open(tmp_path) as workspace:
        probes = workspace.store.probes
        probes.add([f"http://n{number}.example/" for number in range(9)], "test", utcnow())
        for _ in range(MOST_TRIES + 1):
            spider = cast("ProbeSpider", SimpleNamespace(workspace=workspace, fatal=None))
            ended: asyncio.Queue[Any] = asyncio.Queue()
            queue = _DueNames(spider, ended)
            first = await queue.next()
            second = await queue.next()
            assert first is not None
            assert second is not None
            await queue.give_back()  # during two probes, and before seven others
            assert ended.empty(), "no name is given up"
        taken, given_up = probes.take(10, utcnow())
        assert (len(taken), given_up) == (9, [])


async def test_what_is_settled_is_not_given_back(tmp_path: Path) -> None:
    with Workspace.open(tmp_path) as workspace:
        workspace.store.probes.add(["http://a.example/", "http://b.example/"], "test", utcnow())
        spider = cast("ProbeSpider", SimpleNamespace(workspace=workspace, fatal=None))
        queue = _DueNames(spider, asyncio.Queue())
        first = await queue.next()
        assert first is not None
        queue.over([first])
        await queue.give_back()
        again, _ = workspace.store.probes.take(10, utcnow())
        assert len(again) == 1
        assert first.key not in {probe.key for probe in again}
