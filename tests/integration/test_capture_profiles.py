"""A page that looks for automation finds none, whoever is pretended; headers and navigator tell of the same visitor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from crawler.capture import Capturer
from detector.evidence import Evidence
from tests.capture_support import Site, needs_browser, quick
from tests.profiles_support import ROUTES, Seen, failures, traces_seen

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

DEVICES = ("desktop", "phone", "iphone")
PLACES = {"window", "srcdoc", "other", "bare", "worker", "module"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with Site(dict(ROUTES)).serving() as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capturer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Capturer]:
    folder: Path = tmp_path_factory.mktemp("profiles")
    config = quick(slots=3, total_seconds=40.0, navigation_seconds=20.0, settle_seconds=1.0)
    async with Capturer(config, Evidence(str(folder))) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(site: Site, capturer: Capturer) -> dict[str, Seen]:
    """What the detector saw of each device; all at once, in one browser."""
    found = await asyncio.gather(*(traces_seen(capturer, site, device) for device in DEVICES))
    return dict(zip(DEVICES, found, strict=True))


@pytest.mark.parametrize("device", DEVICES)
async def test_a_page_that_looks_for_automation_finds_none(seen: dict[str, Seen], device: str) -> None:
    assert set(seen[device]) == PLACES, seen[device].keys()
    assert "\n".join(failures(seen[device])) == ""
    assert len(seen[device]["window"]) >= 38
    assert len(seen[device]["worker"]) >= 18
